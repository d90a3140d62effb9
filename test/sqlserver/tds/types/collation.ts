/** SQL_Latin1_General_CP1_CI_AS: LCID 0x0409, sort order 52 (MS-TDS 2.2.5.1.2). */
export const DEFAULT_COLLATION = Uint8Array.of(0x09, 0x04, 0xd0, 0x00, 0x34);

const UTF8_FLAG = 0x04;

const decoder = new TextDecoder('windows-1252');
const toByte = new Map(Array.from({ length: 256 }, (_, byte) => [decoder.decode(Uint8Array.of(byte)), byte]));
const QUESTION_MARK = 0x3f;

/** Characters outside the code page become a question mark, as in SQL Server. */
export function encodeCodePage(text: string): Buffer {
  const bytes = Buffer.allocUnsafe(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    bytes[i] = code < 0x80 ? code : (toByte.get(text.charAt(i)) ?? QUESTION_MARK);
  }
  return bytes;
}

/** Collations other than UTF-8 ones are taken as code page 1252, the one of the only collation offered at login. */
export function decodeWith(collation: Uint8Array, bytes: Buffer): string {
  return ((collation[3] ?? 0) & UTF8_FLAG) !== 0 ? bytes.toString('utf8') : decoder.decode(bytes);
}

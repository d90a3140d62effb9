import { ByteReader, ByteWriter } from './bytes.ts';

/** MS-TDS 2.2.6.5 PRELOGIN. */
export const Encryption = { off: 0, on: 1, notSupported: 2, required: 3 } as const;

const Option = { version: 0, encryption: 1, instance: 2, threadId: 3, mars: 4, fedAuthRequired: 6 } as const;
const TERMINATOR = 0xff;

export interface Prelogin {
  readonly encryption: number;
  readonly asksFedAuth: boolean;
}

export function readPrelogin(payload: Buffer): Prelogin {
  const reader = new ByteReader(payload);
  let encryption: number = Encryption.notSupported;
  let asksFedAuth = false;
  for (let token = reader.u8(); token !== TERMINATOR; token = reader.u8()) {
    const offset = reader.buffer.readUInt16BE(reader.offset);
    const length = reader.buffer.readUInt16BE(reader.offset + 2);
    reader.offset += 4;
    if (token === Option.encryption && length >= 1) encryption = payload.readUInt8(offset);
    if (token === Option.fedAuthRequired) asksFedAuth = true;
  }
  return { encryption, asksFedAuth };
}

/** A server with a certificate that does not force encryption: MS-TDS 2.2.6.5, table of ENCRYPTION. */
export function negotiate(client: number): number {
  // 0x80 says that the client has a certificate, which no login here needs.
  const wish = client & 0x7f;
  if (wish === Encryption.required) return Encryption.on;
  return wish === Encryption.on || wish === Encryption.off ? wish : Encryption.notSupported;
}

export function writePrelogin(answer: {
  readonly version: readonly [number, number, number];
  readonly encryption: number;
  readonly fedAuth: boolean;
}): Buffer {
  const [major, minor, build] = answer.version;
  const options: [number, number[]][] = [
    [Option.version, [major, minor, build >> 8, build & 0xff, 0, 0]],
    [Option.encryption, [answer.encryption]],
    [Option.instance, [0]],
    [Option.threadId, []],
    // Clients that see no MARS option fall back to TDS 7.1 (FreeTDS).
    [Option.mars, [0]],
  ];
  if (answer.fedAuth) options.push([Option.fedAuthRequired, [0]]);
  const writer = new ByteWriter();
  let offset = options.length * 5 + 1;
  for (const [token, data] of options) {
    writer.u8(token);
    writer.u16be(offset);
    writer.u16be(data.length);
    offset += data.length;
  }
  writer.u8(TERMINATOR);
  for (const [, data] of options) writer.bytes(Uint8Array.from(data));
  return writer.toBuffer();
}

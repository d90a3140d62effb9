import type { ByteReader, ByteWriter } from '../bytes.ts';

/** MS-TDS 2.2.5.2.3: partially length-prefixed bytes, the form of all (max) types. */
const NULL = 0xffff_ffff_ffff_ffffn;

export function writePlp(writer: ByteWriter, bytes: Uint8Array | null): void {
  if (bytes === null) {
    writer.u64(NULL);
    return;
  }
  writer.u64(BigInt(bytes.length));
  if (bytes.length > 0) {
    writer.u32(bytes.length);
    writer.bytes(bytes);
  }
  writer.u32(0);
}

export function readPlp(reader: ByteReader): Buffer | null {
  if (reader.u64() === NULL) return null;
  const chunks: Buffer[] = [];
  for (let size = reader.u32(); size > 0; size = reader.u32()) chunks.push(reader.bytes(size));
  const [first] = chunks;
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
}

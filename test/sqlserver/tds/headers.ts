import type { ByteReader } from './bytes.ts';

/** MS-TDS 2.2.5.3 ALL_HEADERS: the transaction descriptor and query notifications, neither of which is needed. */
export function skipAllHeaders(reader: ByteReader): void {
  const length = reader.u32();
  reader.bytes(length - 4);
}

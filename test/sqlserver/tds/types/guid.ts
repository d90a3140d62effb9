import type { SqlType, SqlValue } from '../../contracts.ts';
import type { ByteReader, ByteWriter } from '../bytes.ts';
import { mismatch } from './wire-type.ts';
import type { WireReader, WireType } from './wire-type.ts';

const GUID = 0x24;
const SIZE = 16;
const PATTERN = /^([0-9A-F]{8})-([0-9A-F]{4})-([0-9A-F]{4})-([0-9A-F]{4})-([0-9A-F]{12})$/i;

/** The first three groups are little-endian integers, the rest is a plain byte string. */
export function writeGuidBytes(writer: ByteWriter, type: SqlType, value: SqlValue): void {
  const groups = typeof value === 'string' ? PATTERN.exec(value) : null;
  if (groups === null) throw mismatch(type, value);
  const [, a = '', b = '', c = '', d = '', e = ''] = groups;
  writer.u32(Number.parseInt(a, 16));
  writer.u16(Number.parseInt(b, 16));
  writer.u16(Number.parseInt(c, 16));
  writer.bytes(Buffer.from(d + e, 'hex'));
}

export function readGuidBytes(reader: ByteReader): string {
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  const head = [hex(reader.u32(), 8), hex(reader.u16(), 4), hex(reader.u16(), 4)];
  const tail = reader.bytes(8).toString('hex');
  return [...head, tail.slice(0, 4), tail.slice(4)].join('-').toUpperCase();
}

export function guidType(type: SqlType): WireType {
  return {
    info(writer) {
      writer.u8(GUID);
      writer.u8(SIZE);
    },
    value(writer, value) {
      writer.u8(value === null ? 0 : SIZE);
      if (value !== null) writeGuidBytes(writer, type, value);
    },
  };
}

export function readGuidType(token: number, reader: ByteReader): WireReader | undefined {
  if (token !== GUID) return undefined;
  reader.u8();
  return { type: { name: 'uniqueidentifier' }, read: (from) => (from.u8() === 0 ? null : readGuidBytes(from)) };
}

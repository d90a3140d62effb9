import type { SqlType, SqlValue } from '../../contracts.ts';
import type { ByteReader, ByteWriter } from '../bytes.ts';
import { DEFAULT_COLLATION, decodeWith, encodeCodePage } from './collation.ts';
import { readPlp, writePlp } from './plp.ts';
import { mismatch } from './wire-type.ts';
import type { WireReader, WireType } from './wire-type.ts';

const VARCHAR = 0xa7;
const CHAR = 0xaf;
const NVARCHAR = 0xe7;
const NCHAR = 0xef;
const LEGACY_CHAR = 0x2f;
const LEGACY_VARCHAR = 0x27;
const MAX = 0xffff;
const NULL = 0xffff;
const MAX_ROW_BYTES = 8000;
const SYSNAME_BYTES = 256;

const isWide = (name: string): boolean => name === 'nchar' || name === 'nvarchar' || name === 'sysname';
const isPadded = (name: string): boolean => name === 'char' || name === 'nchar';

export function isCharacterType(name: string): boolean {
  return isWide(name) || name === 'char' || name === 'varchar';
}

export function characterToken(name: string): number {
  if (isWide(name)) return isPadded(name) ? NCHAR : NVARCHAR;
  return isPadded(name) ? CHAR : VARCHAR;
}

/** Bytes a value of the type can take, or undefined for (max). */
export function characterSize(type: SqlType): number | undefined {
  if (type.name === 'sysname') return SYSNAME_BYTES;
  if (type.length === -1) return undefined;
  if (type.length === undefined) return MAX_ROW_BYTES;
  return isWide(type.name) ? type.length * 2 : type.length;
}

export function encodeCharacters(type: SqlType, value: SqlValue): Buffer {
  if (typeof value !== 'string') throw mismatch(type, value);
  const text = isPadded(type.name) ? value.padEnd(type.length ?? 0) : value;
  return isWide(type.name) ? Buffer.from(text, 'utf16le') : encodeCodePage(text);
}

export function characterType(type: SqlType): WireType {
  const size = characterSize(type);
  return {
    info(writer) {
      writer.u8(characterToken(type.name));
      writer.u16(size ?? MAX);
      writer.bytes(DEFAULT_COLLATION);
    },
    value(writer, value) {
      if (size === undefined) writePlp(writer, value === null ? null : encodeCharacters(type, value));
      else writeSized(writer, type, value, size);
    },
  };
}

function writeSized(writer: ByteWriter, type: SqlType, value: SqlValue, size: number): void {
  if (value === null) {
    writer.u16(NULL);
    return;
  }
  const bytes = encodeCharacters(type, value);
  if (bytes.length > size) throw mismatch(type, value);
  writer.u16(bytes.length);
  writer.bytes(bytes);
}

const byToken = new Map<number, SqlType['name']>([
  [VARCHAR, 'varchar'],
  [CHAR, 'char'],
  [NVARCHAR, 'nvarchar'],
  [NCHAR, 'nchar'],
]);

export function readCharacterType(token: number, reader: ByteReader): WireReader | undefined {
  if (token === LEGACY_CHAR || token === LEGACY_VARCHAR) return readLegacy(token, reader);
  const name = byToken.get(token);
  if (name === undefined) return undefined;
  const size = reader.u16();
  const collation = Buffer.from(reader.bytes(5));
  const wide = isWide(name);
  const decode = (bytes: Buffer): string => (wide ? bytes.toString('utf16le') : decodeWith(collation, bytes));
  if (size === MAX) {
    return {
      type: { name, length: -1 },
      read(from) {
        const bytes = readPlp(from);
        return bytes === null ? null : decode(bytes);
      },
    };
  }
  return {
    type: { name, length: wide ? size / 2 : size },
    read(from) {
      const length = from.u16();
      return length === NULL ? null : decode(from.bytes(length));
    },
  };
}

/** The types of before 7.0, which some libraries still use for parameters; they carry no collation. */
function readLegacy(token: number, reader: ByteReader): WireReader {
  const length = reader.u8();
  return {
    type: { name: token === LEGACY_CHAR ? 'char' : 'varchar', length },
    read(from) {
      const size = from.u8();
      return size === 0 ? null : decodeWith(DEFAULT_COLLATION, from.bytes(size));
    },
  };
}

import type { SqlType } from '../../contracts.ts';
import type { ByteReader } from '../bytes.ts';
import { readPlp, writePlp } from './plp.ts';
import { mismatch } from './wire-type.ts';
import type { WireReader, WireType } from './wire-type.ts';

const VARBINARY = 0xa5;
const BINARY = 0xad;
const LEGACY_BINARY = 0x2d;
const LEGACY_VARBINARY = 0x25;
const MAX = 0xffff;
const NULL = 0xffff;
const MAX_ROW_BYTES = 8000;

export function binaryType(type: SqlType): WireType {
  const size = type.length === -1 ? undefined : (type.length ?? MAX_ROW_BYTES);
  const fixed = type.name === 'binary';
  return {
    info(writer) {
      writer.u8(fixed ? BINARY : VARBINARY);
      writer.u16(size ?? MAX);
    },
    value(writer, value) {
      if (value !== null && !(value instanceof Uint8Array)) throw mismatch(type, value);
      if (size === undefined) {
        writePlp(writer, value);
        return;
      }
      if (value === null) {
        writer.u16(NULL);
        return;
      }
      if (value.length > size) throw mismatch(type, value);
      writer.u16(fixed ? size : value.length);
      writer.bytes(value);
      if (fixed) writer.fill(0, size - value.length);
    },
  };
}

export function readBinaryType(token: number, reader: ByteReader): WireReader | undefined {
  switch (token) {
    case VARBINARY:
    case BINARY: {
      const length = reader.u16();
      if (length === MAX) return { type: { name: 'varbinary', length: -1 }, read: (from) => copy(readPlp(from)) };
      return {
        type: { name: token === BINARY ? 'binary' : 'varbinary', length },
        read(from) {
          const size = from.u16();
          return size === NULL ? null : copy(from.bytes(size));
        },
      };
    }
    case LEGACY_BINARY:
    case LEGACY_VARBINARY: {
      const length = reader.u8();
      return {
        type: { name: token === LEGACY_BINARY ? 'binary' : 'varbinary', length },
        read(from) {
          const size = from.u8();
          return size === 0 ? null : copy(from.bytes(size));
        },
      };
    }
    default:
      return undefined;
  }
}

/** Not a view: a stored value must not keep the whole request alive. */
const copy = (bytes: Buffer | null): Uint8Array | null => (bytes === null ? null : new Uint8Array(bytes));

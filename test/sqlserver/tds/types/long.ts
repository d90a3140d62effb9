import type { SqlType, SqlValue } from '../../contracts.ts';
import type { ByteReader } from '../bytes.ts';
import { DEFAULT_COLLATION, decodeWith, encodeCodePage } from './collation.ts';
import { mismatch } from './wire-type.ts';
import type { WireReader, WireType } from './wire-type.ts';

/** text, ntext and image: MS-TDS 2.2.5.5.2 and 2.2.7.19 (text pointer and timestamp before the value). */
const TOKENS = { text: 0x23, ntext: 0x63, image: 0x22 } as const;
const MAX_BYTES = { text: 0x7fff_ffff, ntext: 0x7fff_fffe, image: 0x7fff_ffff } as const;
type LongTypeName = keyof typeof TOKENS;

export function isLongType(name: string): name is LongTypeName {
  return name in TOKENS;
}

function encode(type: SqlType, value: SqlValue): Uint8Array {
  if (type.name === 'image') {
    if (value instanceof Uint8Array) return value;
  } else if (typeof value === 'string') {
    return type.name === 'ntext' ? Buffer.from(value, 'utf16le') : encodeCodePage(value);
  }
  throw mismatch(type, value);
}

export function longType(type: SqlType & { readonly name: LongTypeName }): WireType {
  return {
    info(writer) {
      writer.u8(TOKENS[type.name]);
      writer.u32(MAX_BYTES[type.name]);
      if (type.name !== 'image') writer.bytes(DEFAULT_COLLATION);
      // The table's name, in one empty part: the sink does not know it.
      writer.u8(1);
      writer.usVarchar('');
    },
    value(writer, value) {
      if (value === null) {
        writer.u8(0);
        return;
      }
      const bytes = encode(type, value);
      writer.u8(16);
      writer.fill(0, 16 + 8);
      writer.u32(bytes.length);
      writer.bytes(bytes);
    },
  };
}

const NULL = 0xffff_ffff;

/** As a parameter there is neither a table name nor a text pointer. */
export function readLongType(token: number, reader: ByteReader): WireReader | undefined {
  const name = (Object.keys(TOKENS) as LongTypeName[]).find((each) => TOKENS[each] === token);
  if (name === undefined) return undefined;
  reader.u32();
  const collation = name === 'image' ? DEFAULT_COLLATION : Buffer.from(reader.bytes(5));
  return {
    type: { name },
    read(from) {
      const size = from.u32();
      if (size === NULL) return null;
      const bytes = from.bytes(size);
      if (name === 'image') return new Uint8Array(bytes);
      return name === 'ntext' ? bytes.toString('utf16le') : decodeWith(collation, bytes);
    },
  };
}

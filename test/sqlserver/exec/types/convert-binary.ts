import type { SqlType, SqlValue } from '../../contracts.ts';
import { toCodePage } from './collation.ts';
import { cannotConvert, sqlError } from './errors.ts';
import { familyOf, isNational, lengthOf, typeName } from './sqltype.ts';

export function toBinary(from: SqlType, to: SqlType, style: number | undefined): (value: SqlValue) => SqlValue {
  const limit = lengthOf(to);
  const fixed = to.name === 'binary';
  const family = familyOf(from);
  const number = family === 'integer' || family === 'bigint' || family === 'bit';
  const encode = bytesOf(from, style);
  return (value) => {
    let bytes = encode(value);
    if (bytes.length > limit) bytes = number ? bytes.slice(bytes.length - limit) : bytes.slice(0, limit);
    if (!fixed || bytes.length === limit) return bytes;
    const padded = new Uint8Array(limit);
    padded.set(bytes, number ? limit - bytes.length : 0);
    return padded;
  };
}

function bytesOf(from: SqlType, style: number | undefined): (value: SqlValue) => Uint8Array {
  switch (familyOf(from)) {
    case 'binary':
      return (value) => value as Uint8Array;
    case 'bit':
      return (value) => Uint8Array.of(value === true ? 1 : 0);
    case 'integer':
    case 'bigint': {
      const width = { tinyint: 1, smallint: 2, int: 4, bigint: 8 }[from.name as 'int'];
      return (value) => {
        const bytes = new Uint8Array(width);
        let rest = BigInt.asUintN(width * 8, BigInt(value as number | bigint));
        for (let i = width - 1; i >= 0; i -= 1) {
          bytes[i] = Number(rest & 255n);
          rest >>= 8n;
        }
        return bytes;
      };
    }
    case 'string':
      return (value) => {
        const text = value as string;
        if (style === 1 || style === 2) return hexBytes(text, style, from);
        return Uint8Array.from(
          isNational(from) ? Buffer.from(text, 'utf16le') : Buffer.from(toCodePage(text), 'latin1'),
        );
      };
    case 'guid':
      return (value) => guidBytes(value as string);
    default:
      throw cannotConvert(typeName(from), 'varbinary');
  }
}

function hexBytes(text: string, style: number, from: SqlType): Uint8Array {
  const digits = style === 1 ? text.replace(/^0x/i, '') : text;
  if ((style === 1 && !/^0x/i.test(text)) || !/^([0-9a-f]{2})*$/i.test(digits)) {
    throw sqlError(8114, 16, 5, `Error converting data type ${typeName(from)} to varbinary.`);
  }
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}

/** The first three groups are little-endian. */
function guidBytes(text: string): Uint8Array {
  const bytes = Buffer.from(text.replaceAll('-', ''), 'hex');
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return Uint8Array.from(bytes);
}

export function guidOfBytes(bytes: Uint8Array): string {
  const b = Buffer.alloc(16);
  b.set(bytes.slice(0, 16));
  b.subarray(0, 4).reverse();
  b.subarray(4, 6).reverse();
  b.subarray(6, 8).reverse();
  const hex = b.toString('hex').toUpperCase();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function toGuid(from: SqlType): (value: SqlValue) => SqlValue {
  switch (familyOf(from)) {
    case 'guid':
      return (value) => value;
    case 'binary':
      return (value) => guidOfBytes(value as Uint8Array);
    default:
      return (value) => {
        const match = /^\s*\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/i.exec(value as string);
        if (match === null) {
          throw sqlError(8169, 16, 2, 'Conversion failed when converting from a character string to uniqueidentifier.');
        }
        return (match[1] as string).toUpperCase();
      };
  }
}

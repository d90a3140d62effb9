import type { Decimal, SqlMoment, SqlType, SqlValue, Variant } from '../../contracts.ts';
import { toCodePage } from './collation.ts';
import { decimalText } from './decimal.ts';
import { arithmeticOverflow, sqlError } from './errors.ts';
import { formatMoment } from './format-moment.ts';
import { formatFloat, formatMoney } from './format-number.ts';
import { familyOf, isNational, lengthOf, typeName } from './sqltype.ts';

export function toText(from: SqlType, to: SqlType, style: number | undefined): (value: SqlValue) => SqlValue {
  const render = renderer(from, to, style);
  const limit = lengthOf(to);
  const pad = to.name === 'char' || to.name === 'nchar';
  const codePage = !isNational(to) && (isNational(from) || from.name === 'sql_variant');
  const family = familyOf(from);
  return (value) => {
    let text = render(value);
    if (codePage) text = toCodePage(text);
    if (text.length > limit) text = shorten(text, limit, family, from, to);
    return pad ? text.padEnd(limit, ' ') : text;
  };
}

function shorten(text: string, limit: number, family: string, from: SqlType, to: SqlType): string {
  switch (family) {
    case 'integer':
    case 'bigint':
    case 'bit':
      if (isNational(to)) throw arithmeticOverflow('expression', typeName(to));
      return '*';
    case 'decimal':
    case 'float':
      throw arithmeticOverflow(typeName(from) === 'decimal' ? 'numeric' : typeName(from), typeName(to), 5);
    case 'money':
      throw sqlError(234, 16, 2, `There is insufficient result space to convert a money value to ${typeName(to)}.`);
    case 'guid':
      throw sqlError(8170, 16, 2, 'Insufficient result space to convert uniqueidentifier value to char.');
    default:
      return text.slice(0, limit);
  }
}

function renderer(from: SqlType, to: SqlType, style: number | undefined): (value: SqlValue) => string {
  switch (familyOf(from)) {
    case 'string':
    case 'guid':
      return (value) => value as string;
    case 'bit':
      return (value) => (value === true ? '1' : '0');
    case 'integer':
    case 'bigint':
      return (value) => (value as number | bigint).toString();
    case 'decimal':
      return (value) => decimalText(value as Decimal);
    case 'money':
      return (value) => formatMoney(value as Decimal, style);
    case 'float':
      return (value) => formatFloat(value as number, style);
    case 'binary':
      return (value) => binaryText(value as Uint8Array, isNational(to), style ?? 0);
    case 'date':
    case 'time':
    case 'datetime':
      return (value) => formatMoment(value as SqlMoment, from, style);
    case 'variant':
      return (value) => {
        const variant = value as Variant;
        return variant.value === null ? '' : renderer(variant.type, to, style)(variant.value);
      };
  }
}

function binaryText(bytes: Uint8Array, national: boolean, style: number): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (style === 1) return `0x${buffer.toString('hex').toUpperCase()}`;
  if (style === 2) return buffer.toString('hex').toUpperCase();
  if (!national) return buffer.toString('latin1');
  return (bytes.length % 2 === 0 ? buffer : Buffer.concat([buffer, Buffer.from([0])])).toString('utf16le');
}

/** Text of any value, as PRINT, concatenation and messages show it. */
export function textOf(value: SqlValue, type: SqlType, style?: number): string {
  return value === null ? '' : renderer(type, { name: 'nvarchar', length: -1 }, style)(value);
}

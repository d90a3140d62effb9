import { SqlError, type Decimal, type SqlMoment, type SqlType, type SqlValue, type Variant } from '../../contracts.ts';
import { toCodePage } from './collation.ts';
import { decimalNumber, decimalText, fits, fromNumber, parseDecimal, rescale, truncate } from './decimal.ts';
import {
  arithmeticOverflow,
  cannotConvert,
  cannotConvertImplicitly,
  conversionFailed,
  operandClash,
  sqlError,
} from './errors.ts';
import { formatMoment } from './format-moment.ts';
import { formatFloat, formatMoney } from './format-number.ts';
import {
  BASE_DATE,
  MAX_TICKS,
  TICKS_PER_DAY,
  TICKS_PER_MINUTE,
  toDatetimePrecision,
  toMinutePrecision,
  toScale,
} from './moment.ts';
import { parseMoment, type DateFormat } from './parse-moment.ts';
import { familyOf, isNational, lengthOf, typeName } from './sqltype.ts';

export interface ConvertContext {
  readonly dateFormat: DateFormat;
}

export type Converter = (value: SqlValue, context: ConvertContext) => SqlValue;

export interface ConvertOptions {
  readonly explicit?: boolean;
  readonly style?: number;
}

/** A conversion between two types, chosen once; nulls stay null. @throws SqlError when the types forbid it. */
export function converter(from: SqlType, to: SqlType, options: ConvertOptions = {}): Converter {
  checkAllowed(from, to, options.explicit ?? false);
  const convert = choose(from, to, options.style);
  return (value, context) => (value === null ? null : convert(value, context));
}

export function convertValue(
  value: SqlValue,
  from: SqlType,
  to: SqlType,
  context: ConvertContext,
  options: ConvertOptions = {},
): SqlValue {
  return converter(from, to, options)(value, context);
}

/** CAST and CONVERT (Transact-SQL), the chart of implicit and explicit conversions. */
function checkAllowed(from: SqlType, to: SqlType, explicit: boolean): void {
  const a = familyOf(from);
  const b = familyOf(to);
  if (a === b || a === 'variant' || b === 'variant') {
    if (a === 'variant' && b !== 'variant' && !explicit) throw cannotConvertImplicitly('sql_variant', typeName(to));
    return;
  }
  const numbers = ['bit', 'integer', 'bigint', 'decimal', 'money', 'float'];
  const old = (type: SqlType): boolean => type.name === 'datetime' || type.name === 'smalldatetime';
  const dates = ['date', 'time', 'datetime'];
  let allowed: 'no' | 'explicit' | 'implicit' = 'implicit';
  if (numbers.includes(a) && dates.includes(b)) allowed = old(to) ? 'implicit' : 'no';
  else if (dates.includes(a) && numbers.includes(b)) allowed = old(from) ? 'explicit' : 'no';
  else if ((a === 'date' && b === 'time') || (a === 'time' && b === 'date')) allowed = 'no';
  else if (a === 'guid') allowed = b === 'string' || b === 'binary' ? 'implicit' : 'no';
  else if (b === 'guid') allowed = a === 'string' || a === 'binary' ? 'implicit' : 'no';
  else if (a === 'string' && b === 'binary') allowed = 'explicit';
  else if (a === 'binary' && b === 'float') allowed = 'no';
  else if (a === 'float' && b === 'binary') allowed = 'implicit';
  if (allowed === 'no')
    throw explicit ? cannotConvert(typeName(from), typeName(to)) : operandClash(typeName(from), typeName(to));
  if (allowed === 'explicit' && !explicit) throw cannotConvertImplicitly(typeName(from), typeName(to));
}

function choose(
  from: SqlType,
  to: SqlType,
  style: number | undefined,
): (value: SqlValue, context: ConvertContext) => SqlValue {
  if (from.name === 'sql_variant' && to.name !== 'sql_variant') {
    return (value, context) => {
      const variant = value as Variant;
      return converter(variant.type, to, { explicit: true, ...(style === undefined ? {} : { style }) })(
        variant.value,
        context,
      );
    };
  }
  switch (familyOf(to)) {
    case 'variant':
      return from.name === 'sql_variant' ? (value) => value : (value) => ({ type: from, value });
    case 'string':
      return toText(from, to, style);
    case 'integer':
    case 'bigint':
      return toInteger(from, to);
    case 'bit':
      return toBit(from);
    case 'decimal':
      return toDecimal(from, to);
    case 'money':
      return toMoney(from, to);
    case 'float':
      return toFloat(from, to);
    case 'binary':
      return toBinary(from, to, style);
    case 'guid':
      return toGuid(from);
    case 'date':
    case 'time':
    case 'datetime':
      return toMoment(from, to, style);
  }
}

// ---------------------------------------------------------------------------------------------------- to strings

function toText(from: SqlType, to: SqlType, style: number | undefined): (value: SqlValue) => SqlValue {
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
      return (value) => String(value);
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

// ---------------------------------------------------------------------------------------------------- to numbers

const RANGE: Readonly<Record<string, readonly [bigint, bigint]>> = {
  tinyint: [0n, 255n],
  smallint: [-32768n, 32767n],
  int: [-2147483648n, 2147483647n],
  bigint: [-9223372036854775808n, 9223372036854775807n],
};

/** An exact integer in the representation of its type; `overflow` throws. */
export function integerValue(value: bigint, type: SqlType, overflow: () => SqlError): SqlValue {
  const [low, high] = RANGE[type.name] as readonly [bigint, bigint];
  if (value < low || value > high) throw overflow();
  return type.name === 'bigint' ? value : Number(value);
}

function toInteger(from: SqlType, to: SqlType): (value: SqlValue) => SqlValue {
  const big = to.name === 'bigint';
  switch (familyOf(from)) {
    case 'bit':
      return (value) => (big ? (value === true ? 1n : 0n) : value === true ? 1 : 0);
    case 'integer': {
      if (big) return (value) => BigInt(value as number);
      const [low, high] = (RANGE[to.name] as readonly [bigint, bigint]).map(Number) as [number, number];
      return (value) => {
        const n = value as number;
        if (n < low || n > high) {
          throw sqlError(220, 16, 2, `Arithmetic overflow error for data type ${to.name}, value = ${n}.`);
        }
        return n;
      };
    }
    case 'bigint':
      if (big) return (value) => value;
      return (value) => integerValue(value as bigint, to, () => arithmeticOverflow('expression', to.name));
    case 'decimal':
    case 'money':
      return (value) => {
        const money = familyOf(from) === 'money';
        const whole = (money ? rescale(value as Decimal, 0) : truncate(value as Decimal, 0)).unscaled;
        return integerValue(whole, to, () => arithmeticOverflow(money ? typeName(from) : 'numeric', to.name));
      };
    case 'float':
      return (value) => {
        const n = Math.trunc(value as number);
        const overflow = (): SqlError =>
          sqlError(
            232,
            16,
            3,
            `Arithmetic overflow error for type ${to.name}, value = ${(value as number).toFixed(6)}.`,
          );
        if (!Number.isFinite(n)) throw overflow();
        return integerValue(BigInt(n), to, overflow);
      };
    case 'string':
      return (value) => parseInteger(value as string, from, to);
    case 'binary':
      return (value) => integerOfBytes(value as Uint8Array, to);
    case 'date':
    case 'time':
    case 'datetime':
      return (value) => {
        const ticks = (value as SqlMoment).ticks - BASE_DATE + TICKS_PER_DAY / 2n;
        const days = ticks >= 0n ? ticks / TICKS_PER_DAY : -((-ticks + TICKS_PER_DAY - 1n) / TICKS_PER_DAY);
        return integerValue(days, to, () => arithmeticOverflow('expression', to.name));
      };
    default:
      throw operandClash(typeName(from), to.name);
  }
}

function parseInteger(text: string, from: SqlType, to: SqlType): SqlValue {
  const trimmed = text.trim();
  if (!/^[+-]?\d*$/.test(trimmed)) {
    if (to.name === 'bigint') throw sqlError(8114, 16, 5, `Error converting data type ${typeName(from)} to bigint.`);
    throw conversionFailed(typeName(from), text, to.name);
  }
  const digits = trimmed.replace(/^\+/, '');
  const value = digits === '' || digits === '-' ? 0n : BigInt(digits);
  return integerValue(value, to, () => {
    if (to.name === 'bigint') return arithmeticOverflow('expression', 'bigint');
    if (to.name === 'int') {
      return sqlError(248, 16, 1, `The conversion of the ${typeName(from)} value '${text}' overflowed an int column.`);
    }
    const width = to.name === 'tinyint' ? 'INT1' : 'INT2';
    return sqlError(
      244,
      16,
      to.name === 'tinyint' ? 1 : 2,
      `The conversion of the ${typeName(from)} value '${text}' overflowed an ${width} column. Use a larger integer column.`,
    );
  });
}

function integerOfBytes(bytes: Uint8Array, to: SqlType): SqlValue {
  const width = { tinyint: 1, smallint: 2, int: 4, bigint: 8 }[to.name as 'int'];
  let value = 0n;
  for (const byte of bytes.slice(-width)) value = value * 256n + BigInt(byte);
  if (to.name !== 'tinyint') value = BigInt.asIntN(width * 8, value);
  return to.name === 'bigint' ? value : Number(value);
}

function toBit(from: SqlType): (value: SqlValue) => SqlValue {
  switch (familyOf(from)) {
    case 'bit':
      return (value) => value;
    case 'integer':
    case 'float':
      return (value) => value !== 0;
    case 'bigint':
      return (value) => value !== 0n;
    case 'decimal':
    case 'money':
      return (value) => (value as Decimal).unscaled !== 0n;
    case 'binary':
      return (value) => (value as Uint8Array).some((byte) => byte !== 0);
    case 'string':
      return (value) => {
        const text = (value as string).trim().toLowerCase();
        if (text === 'true') return true;
        if (text === 'false' || text === '') return false;
        if (/^[+-]?\d+$/.test(text)) return BigInt(text.replace(/^\+/, '')) !== 0n;
        throw conversionFailed(typeName(from), value as string, 'bit');
      };
    default:
      throw operandClash(typeName(from), 'bit');
  }
}

function toDecimal(from: SqlType, to: SqlType): (value: SqlValue) => SqlValue {
  const precision = to.precision ?? 18;
  const scale = to.scale ?? 0;
  const finish = (value: Decimal, source: string): Decimal => {
    const result = rescale(value, scale);
    if (!fits(result, precision)) throw arithmeticOverflow(source, 'numeric', 8);
    return result;
  };
  const source = typeName(from) === 'decimal' ? 'numeric' : typeName(from);
  switch (familyOf(from)) {
    case 'bit':
      return (value) => finish({ unscaled: value === true ? 1n : 0n, scale: 0 }, source);
    case 'integer':
    case 'bigint':
      return (value) => finish({ unscaled: BigInt(value as number | bigint), scale: 0 }, source);
    case 'decimal':
    case 'money':
      return (value) => finish(value as Decimal, source);
    case 'float':
      return (value) => finish(fromNumber(value as number, scale), source);
    case 'string':
      return (value) => {
        const parsed = parseDecimal((value as string).trim());
        if (parsed === undefined)
          throw sqlError(8114, 16, 5, `Error converting data type ${typeName(from)} to numeric.`);
        return finish(parsed, typeName(from));
      };
    case 'datetime':
      return (value) => finish(fromNumber(daysOfMoment(value as SqlMoment), scale), source);
    default:
      throw operandClash(typeName(from), 'numeric');
  }
}

function toMoney(from: SqlType, to: SqlType): (value: SqlValue) => SqlValue {
  const limit = to.name === 'money' ? 9223372036854775807n : 2147483647n;
  const finish = (value: Decimal): Decimal => {
    const result = rescale(value, 4);
    if (result.unscaled > limit || result.unscaled < -limit - 1n) throw arithmeticOverflow('expression', to.name);
    return result;
  };
  if (familyOf(from) === 'string') {
    return (value) => {
      const text = (value as string).trim().replace(/[$,£€¥]/g, '');
      const parsed = text === '' ? { unscaled: 0n, scale: 0 } : parseDecimal(text);
      if (parsed === undefined) {
        throw sqlError(235, 16, 0, 'Cannot convert a char value to money. The char value has incorrect syntax.');
      }
      return finish(parsed);
    };
  }
  if (familyOf(from) === 'float') return (value) => finish(fromNumber(value as number, 4));
  const exact = toDecimal(from, { name: 'numeric', precision: 38, scale: 4 });
  return (value) => finish(exact(value) as Decimal);
}

function toFloat(from: SqlType, to: SqlType): (value: SqlValue) => SqlValue {
  const round = to.name === 'real' ? Math.fround : (value: number): number => value;
  const finish = (value: number): number => {
    const result = round(value);
    if (!Number.isFinite(result)) throw arithmeticOverflow('expression', to.name);
    return result;
  };
  switch (familyOf(from)) {
    case 'bit':
      return (value) => (value === true ? 1 : 0);
    case 'integer':
    case 'bigint':
    case 'float':
      return (value) => finish(Number(value));
    case 'decimal':
    case 'money':
      return (value) => finish(decimalNumber(value as Decimal));
    case 'string':
      return (value) => {
        const text = (value as string).trim();
        if (text === '') return 0;
        if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) {
          throw sqlError(8114, 16, 5, `Error converting data type ${typeName(from)} to ${to.name}.`);
        }
        return finish(Number(text));
      };
    case 'datetime':
      return (value) => finish(daysOfMoment(value as SqlMoment));
    default:
      throw operandClash(typeName(from), to.name);
  }
}

function daysOfMoment(moment: SqlMoment): number {
  return Number(moment.ticks - BASE_DATE) / Number(TICKS_PER_DAY);
}

// ------------------------------------------------------------------------------------------- to binary and GUIDs

function toBinary(from: SqlType, to: SqlType, style: number | undefined): (value: SqlValue) => SqlValue {
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

function toGuid(from: SqlType): (value: SqlValue) => SqlValue {
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

// --------------------------------------------------------------------------------------------------- to date, time

function toMoment(from: SqlType, to: SqlType, style?: number): (value: SqlValue, context: ConvertContext) => SqlValue {
  switch (familyOf(from)) {
    case 'string':
      return (value, context) => momentOfText(value as string, from, to, style, context);
    case 'date':
    case 'time':
    case 'datetime':
      return (value) => adjust(value as SqlMoment, from, to);
    case 'binary':
      throw cannotConvert(typeName(from), to.name);
    default: {
      const toNumber = toFloat(from, { name: 'float' });
      return (value) => {
        const days = toNumber(value) as number;
        const ticks = BASE_DATE + (BigInt(Math.round(days * 25_920_000)) * 100_000n) / 3n;
        const moment = { ticks: toDatetimePrecision(ticks) };
        checkDatetime(moment.ticks, from, to);
        return adjust(moment, { name: 'datetime' }, to);
      };
    }
  }
}

function momentOfText(
  text: string,
  from: SqlType,
  to: SqlType,
  style: number | undefined,
  context: ConvertContext,
): SqlValue {
  const order = style === undefined ? context.dateFormat : orderOfStyle(style, context.dateFormat);
  const parsed = parseMoment(text, order);
  const old = to.name === 'datetime' || to.name === 'smalldatetime';
  const failed = (): SqlError =>
    to.name === 'smalldatetime'
      ? sqlError(295, 16, 3, 'Conversion failed when converting character string to smalldatetime data type.')
      : sqlError(241, 16, 1, 'Conversion failed when converting date and/or time from character string.');
  if (parsed === undefined) throw failed();
  if (parsed === 'range') {
    if (!old) throw failed();
    throw outOfRange(typeName(from), to.name);
  }
  if (old && (parsed.fractionDigits > 3 || (parsed.offsetMinutes !== undefined && parsed.offsetMinutes !== 0)))
    throw failed();
  if (old) checkDatetime(parsed.ticks, from, to);
  const moment: SqlMoment = { ticks: parsed.ticks, offsetMinutes: parsed.offsetMinutes ?? 0 };
  return adjust(moment, { name: 'datetimeoffset', scale: 7 }, to, true);
}

function orderOfStyle(style: number, fallback: DateFormat): DateFormat {
  const base = style >= 100 && style < 120 ? style - 100 : style;
  if ([1, 7, 10, 0, 9, 22].includes(base)) return 'mdy';
  if ([3, 4, 5, 6, 13].includes(base)) return 'dmy';
  if ([2, 11, 12, 20, 21, 23, 25, 120, 121, 126, 127].includes(base)) return 'ymd';
  return fallback;
}

function outOfRange(from: string, to: string): SqlError {
  return sqlError(
    242,
    16,
    3,
    `The conversion of a ${from} data type to a ${to} data type resulted in an out-of-range value.`,
  );
}

/** datetime begins in 1753; smalldatetime runs from 1900 to 2079-06-06. */
function checkDatetime(ticks: bigint, from: SqlType, to: SqlType): void {
  const low = to.name === 'smalldatetime' ? BASE_DATE : 639_905n * TICKS_PER_DAY;
  const high = to.name === 'smalldatetime' ? BASE_DATE + 65_536n * TICKS_PER_DAY : MAX_TICKS;
  if ((to.name === 'datetime' || to.name === 'smalldatetime') && (ticks < low || ticks > high)) {
    throw outOfRange(typeName(from), to.name);
  }
}

/** Between date and time types; `literal` keeps a text's wall clock when the target has no offset. */
function adjust(moment: SqlMoment, from: SqlType, to: SqlType, literal = false): SqlMoment {
  const offset = moment.offsetMinutes ?? 0;
  let ticks = moment.ticks;
  if (from.name === 'time' && to.name !== 'time') ticks = BASE_DATE + (ticks % TICKS_PER_DAY);
  switch (to.name) {
    case 'date':
      return { ticks: ticks - (ticks % TICKS_PER_DAY) };
    case 'time':
      return { ticks: toScale(ticks % TICKS_PER_DAY, to.scale ?? 7) % TICKS_PER_DAY };
    case 'datetime':
      if (!literal) checkDatetime(ticks, from, to);
      return { ticks: toDatetimePrecision(ticks) };
    case 'smalldatetime':
      if (!literal) checkDatetime(ticks, from, to);
      return { ticks: toMinutePrecision(ticks) };
    case 'datetimeoffset':
      return { ticks: toScale(ticks, to.scale ?? 7), offsetMinutes: offset };
    default:
      return { ticks: toScale(ticks, to.scale ?? 7) };
  }
}

export function switchOffset(moment: SqlMoment, offsetMinutes: number): SqlMoment {
  return {
    ticks: moment.ticks + BigInt(offsetMinutes - (moment.offsetMinutes ?? 0)) * TICKS_PER_MINUTE,
    offsetMinutes,
  };
}

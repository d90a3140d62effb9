import type { Decimal, SqlError, SqlMoment, SqlType, SqlValue } from '../../contracts.ts';
import { decimalNumber, fits, fromNumber, parseDecimal, rescale, truncate } from './decimal.ts';
import { arithmeticOverflow, conversionFailed, operandClash, sqlError } from './errors.ts';
import { BASE_DATE, TICKS_PER_DAY } from './moment.ts';
import { familyOf, typeName } from './sqltype.ts';

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

export function toInteger(from: SqlType, to: SqlType): (value: SqlValue) => SqlValue {
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

export function toBit(from: SqlType): (value: SqlValue) => SqlValue {
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

export function toDecimal(from: SqlType, to: SqlType): (value: SqlValue) => SqlValue {
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

export function toMoney(from: SqlType, to: SqlType): (value: SqlValue) => SqlValue {
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

export function toFloat(from: SqlType, to: SqlType): (value: SqlValue) => SqlValue {
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

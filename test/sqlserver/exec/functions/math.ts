import type { Decimal, SqlType, SqlValue } from '../../contracts.ts';
import { convertTo } from '../expression/arithmetic.ts';
import type { Compiled } from '../expression/compiled.ts';
import { integerValue } from '../types/convert-number.ts';
import { fits, power10, rescale, truncate } from '../types/decimal.ts';
import { arithmeticOverflow, sqlError } from '../types/errors.ts';
import { decimalShape, familyOf, FLOAT, isString, typeName } from '../types/sqltype.ts';
import { asInt, define, strict, type FunctionDefinition } from './define.ts';

const number = (value: SqlValue | undefined): number => value as number;

/** A numeric argument in the type the function works with: small integers as int, text as float. */
function numericArg(arg: Compiled, name: string): Compiled {
  const family = familyOf(arg.type);
  if (family === 'bit' || arg.untyped === true) return family === 'bit' ? convertTo(arg, FLOAT) : arg;
  if (isString(arg.type)) return convertTo(arg, FLOAT);
  if (['integer', 'bigint', 'decimal', 'money', 'float'].includes(family)) return arg;
  throw sqlError(
    8116,
    16,
    1,
    `Argument data type ${typeName(arg.type)} is invalid for argument 1 of ${name.toLowerCase()} function.`,
  );
}

function widened(type: SqlType): SqlType {
  if (type.name === 'tinyint' || type.name === 'smallint') return { name: 'int' };
  if (type.name === 'real') return FLOAT;
  if (type.name === 'smallmoney') return { name: 'money' };
  return type;
}

function floatFunction(name: string, apply: (value: number) => number): FunctionDefinition {
  return define(name, 1, 1, ([arg]) =>
    strict(FLOAT, [convertTo(arg as Compiled, FLOAT)], ([value]) => {
      const result = apply(number(value));
      if (Number.isNaN(result)) throw sqlError(3623, 16, 1, 'An invalid floating point operation occurred.');
      if (!Number.isFinite(result)) throw arithmeticOverflow('expression', 'float');
      return result;
    }),
  );
}

/** ABS, SIGN, CEILING, FLOOR: one rule for each representation. */
function exactFunction(
  name: string,
  rules: {
    readonly float: (value: number) => number;
    readonly integer: (value: bigint) => bigint;
    readonly decimal: (value: Decimal) => Decimal;
    readonly resultScale?: 0;
  },
): FunctionDefinition {
  return define(name, 1, 1, ([arg]) => {
    const source = numericArg(arg as Compiled, name);
    let type = widened(source.type);
    const family = familyOf(type);
    if (family === 'decimal' && rules.resultScale === 0)
      type = { name: type.name, precision: type.precision ?? 18, scale: 0 };
    const operand = convertTo(source, widened(source.type));
    return strict(type, [operand], ([value]) => {
      switch (family) {
        case 'float':
          return rules.float(number(value));
        case 'decimal':
        case 'money':
          return family === 'money' ? rescale(rules.decimal(value as Decimal), 4) : rules.decimal(value as Decimal);
        default:
          return integerValue(rules.integer(BigInt(value as number)), type, () =>
            arithmeticOverflow('expression', type.name),
          );
      }
    });
  });
}

const sign = (value: bigint): bigint => (value > 0n ? 1n : value < 0n ? -1n : 0n);

function floorDecimal(value: Decimal): Decimal {
  const whole = truncate(value, 0);
  const below = value.unscaled < 0n && rescale(whole, value.scale).unscaled !== value.unscaled;
  return below ? { unscaled: whole.unscaled - 1n, scale: 0 } : whole;
}

export const mathFunctions: readonly FunctionDefinition[] = [
  exactFunction('ABS', {
    float: Math.abs,
    integer: (value) => (value < 0n ? -value : value),
    decimal: (value) => ({ ...value, unscaled: value.unscaled < 0n ? -value.unscaled : value.unscaled }),
  }),
  exactFunction('SIGN', {
    float: Math.sign,
    integer: sign,
    decimal: (value) => rescale({ unscaled: sign(value.unscaled), scale: 0 }, value.scale),
  }),
  exactFunction('FLOOR', {
    float: Math.floor,
    integer: (value) => value,
    decimal: floorDecimal,
    resultScale: 0,
  }),
  exactFunction('CEILING', {
    float: Math.ceil,
    integer: (value) => value,
    decimal: (value) => {
      const floor = floorDecimal({ unscaled: -value.unscaled, scale: value.scale });
      return { unscaled: -floor.unscaled, scale: 0 };
    },
    resultScale: 0,
  }),
  define('ROUND', 2, 3, ([arg, length, mode]) =>
    compileRound(numericArg(arg as Compiled, 'round'), asInt(length as Compiled), mode),
  ),
  define('POWER', 2, 2, ([base, exponent]) =>
    compilePower(numericArg(base as Compiled, 'power'), convertTo(exponent as Compiled, FLOAT)),
  ),
  floatFunction('SQRT', Math.sqrt),
  floatFunction('SQUARE', (value) => value * value),
  floatFunction('EXP', Math.exp),
  floatFunction('LOG10', (value) => (value <= 0 ? NaN : Math.log10(value))),
  floatFunction('SIN', Math.sin),
  floatFunction('COS', Math.cos),
  floatFunction('TAN', Math.tan),
  floatFunction('ASIN', Math.asin),
  floatFunction('ACOS', Math.acos),
  floatFunction('ATAN', Math.atan),
  floatFunction('DEGREES', (value) => (value * 180) / Math.PI),
  floatFunction('RADIANS', (value) => (value * Math.PI) / 180),
  define('LOG', 1, 2, (args) =>
    strict(
      FLOAT,
      args.map((arg) => convertTo(arg, FLOAT)),
      (values) => {
        if (number(values[0]) <= 0) throw sqlError(3623, 16, 1, 'An invalid floating point operation occurred.');
        return args.length === 1
          ? Math.log(number(values[0]))
          : Math.log(number(values[0])) / Math.log(number(values[1]));
      },
    ),
  ),
  define('ATN2', 2, 2, (args) =>
    strict(
      FLOAT,
      args.map((arg) => convertTo(arg, FLOAT)),
      (values) => Math.atan2(number(values[0]), number(values[1])),
    ),
  ),
  define('PI', 0, 0, () => ({ type: FLOAT, nullable: false, evaluate: () => Math.PI })),
  define('RAND', 0, 1, () => compileRandom()),
];

/** One number for the whole statement, as the server gives. */
function compileRandom(): Compiled {
  const key = {};
  return {
    type: FLOAT,
    nullable: false,
    evaluate: (_, run) => {
      if (!run.cache.has(key)) run.cache.set(key, Math.random());
      return run.cache.get(key) as number;
    },
  };
}

function compileRound(source: Compiled, length: Compiled, mode: Compiled | undefined): Compiled {
  const type = widened(source.type);
  const operand = convertTo(source, type);
  const family = familyOf(type);
  const args = [operand, length, ...(mode === undefined ? [] : [asInt(mode)])];
  return strict(type, args, (values) => {
    const digits = number(values[1]);
    const cut = mode !== undefined && number(values[2]) !== 0;
    if (family === 'float') return roundFloat(number(values[0]), digits, cut);
    const exact: Decimal =
      family === 'decimal' || family === 'money'
        ? (values[0] as Decimal)
        : { unscaled: BigInt(values[0] as number), scale: 0 };
    const rounded = roundExact(exact, digits, cut);
    if (family === 'integer' || family === 'bigint') {
      return integerValue(rounded.unscaled, type, () => arithmeticOverflow('expression', type.name));
    }
    if (!fits(rounded, decimalShape(type).precision)) throw arithmeticOverflow('expression', typeName(type));
    return rounded;
  });
}

function roundFloat(value: number, digits: number, cut: boolean): number {
  const factor = 10 ** digits;
  const scaled = value * factor;
  const whole = cut ? Math.trunc(scaled) : Math.sign(scaled) * Math.round(Math.abs(scaled));
  return whole / factor;
}

function roundExact(value: Decimal, digits: number, cut: boolean): Decimal {
  if (digits >= value.scale) return value;
  if (digits >= 0) return rescale(cut ? truncate(value, digits) : rescale(value, digits), value.scale);
  const unit = power10(-digits + value.scale);
  const half = cut ? 0n : unit / 2n;
  const shifted = value.unscaled < 0n ? value.unscaled - half : value.unscaled + half;
  return { unscaled: (shifted / unit) * unit, scale: value.scale };
}

function compilePower(base: Compiled, exponent: Compiled): Compiled {
  const type = widened(base.type);
  const operand = convertTo(base, type);
  const family = familyOf(type);
  const asFloat = convertTo(base, FLOAT);
  return strict(type, [operand, exponent, asFloat], ([exact, power, value]) => {
    const n = number(power);
    if (family !== 'float' && Number.isInteger(n) && n >= 0 && n < 200) {
      const decimal: Decimal =
        family === 'decimal' || family === 'money'
          ? (exact as Decimal)
          : { unscaled: BigInt(exact as number), scale: 0 };
      const raised = { unscaled: decimal.unscaled ** BigInt(n), scale: decimal.scale * n };
      if (family === 'integer' || family === 'bigint')
        return integerValue(raised.unscaled, type, () => arithmeticOverflow('expression', type.name));
      const result = rescale(raised, decimal.scale);
      if (!fits(result, 38)) throw arithmeticOverflow('expression', 'numeric');
      return result;
    }
    const result = number(value) ** n;
    if (Number.isNaN(result)) throw sqlError(3623, 16, 1, 'An invalid floating point operation occurred.');
    if (!Number.isFinite(result)) throw arithmeticOverflow('expression', typeName(type));
    if (family === 'float') return result;
    if (family === 'integer') return Math.trunc(result);
    if (family === 'bigint') return BigInt(Math.trunc(result));
    const scale = decimalShape(type).scale;
    return rescale({ unscaled: BigInt(Math.round(result * 10 ** scale)), scale }, scale);
  });
}

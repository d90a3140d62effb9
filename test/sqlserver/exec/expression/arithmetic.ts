import type { Decimal, SqlMoment, SqlType, SqlValue } from '../../contracts.ts';
import type { ArithmeticOperator } from '../../tsql/ast/expression.ts';
import { converter } from '../types/convert.ts';
import { integerValue } from '../types/convert-number.ts';
import { arithmeticShape, fits, power10, rescale } from '../types/decimal.ts';
import { arithmeticOverflow, divideByZero, invalidOperand, operandClash, sqlError } from '../types/errors.ts';
import { BASE_DATE, TICKS_PER_DAY, toDatetimePrecision } from '../types/moment.ts';
import { decimalShape, familyOf, isNational, isString, lengthOf, precedenceOf, typeName } from '../types/sqltype.ts';
import type { Compiled } from './compiled.ts';
import { bigintOperation, floatOperation, integerOperation, moneyOperation, type Operation } from './operations.ts';

const OPERATOR_NAMES: Readonly<Record<ArithmeticOperator, string>> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '%': 'modulo',
  '&': "'&'",
  '|': "'|'",
  '^': "'^'",
};

/** Both operands non-null; null in gives null out. */
function binary(type: SqlType, left: Compiled, right: Compiled, operation: Operation): Compiled {
  const { evaluate: a } = left;
  const { evaluate: b } = right;
  return {
    type,
    nullable: true,
    evaluate: (row, run) => {
      const x = a(row, run);
      if (x === null) return null;
      const y = b(row, run);
      return y === null ? null : operation(x, y);
    },
  };
}

/** `expression` converted to a type, implicitly. */
export function convertTo(expression: Compiled, type: SqlType): Compiled {
  if (expression.untyped === true) return { ...expression, type };
  const from = expression.type;
  if (
    from.name === type.name &&
    from.length === type.length &&
    from.precision === type.precision &&
    from.scale === type.scale
  ) {
    return expression;
  }
  const convert = converter(from, type);
  const { evaluate } = expression;
  return {
    type,
    nullable: expression.nullable,
    evaluate: (row, run) => convert(evaluate(row, run), run.convert),
  };
}

export function compileArithmetic(operator: ArithmeticOperator, left: Compiled, right: Compiled): Compiled {
  if (left.untyped === true && right.untyped === true) return left;
  const a = left.untyped === true ? { ...left, type: right.type } : left;
  const b = right.untyped === true ? { ...right, type: left.type } : right;
  const x = familyOf(a.type);
  const y = familyOf(b.type);
  if (operator === '+' && (x === 'string' || x === 'binary') && (y === 'string' || y === 'binary'))
    return concatenate(a, b);
  if (x === 'datetime' || y === 'datetime' || x === 'date' || y === 'date' || x === 'time' || y === 'time') {
    return dateArithmetic(operator, a, b);
  }
  if (operator === '&' || operator === '|' || operator === '^') return bitwise(operator, a, b);
  const high = precedenceOf(a.type) >= precedenceOf(b.type) ? a.type : b.type;
  switch (familyOf(high)) {
    case 'float': {
      if (operator === '%') {
        throw sqlError(
          402,
          16,
          1,
          `The data types ${typeName(a.type)} and ${typeName(b.type)} are incompatible in the modulo operator.`,
        );
      }
      return binary(high, convertTo(a, high), convertTo(b, high), floatOperation(operator, high));
    }
    case 'decimal':
      return decimalArithmetic(operator, a, b);
    case 'money':
      return binary(high, convertTo(a, high), convertTo(b, high), moneyOperation(operator, high));
    case 'bigint':
      return binary(high, convertTo(a, high), convertTo(b, high), bigintOperation(operator, high));
    case 'integer':
      return binary(high, convertTo(a, high), convertTo(b, high), integerOperation(operator, high));
    default:
      throw invalidOperand(typeName(high), OPERATOR_NAMES[operator]);
  }
}

function concatenate(left: Compiled, right: Compiled): Compiled {
  if (!isString(left.type) && !isString(right.type)) {
    const length = lengthOf(left.type) + lengthOf(right.type);
    const type: SqlType = { name: 'varbinary', length: length > 8000 ? (length === Infinity ? -1 : 8000) : length };
    return binary(type, left, right, (a, b) => Buffer.concat([a as Uint8Array, b as Uint8Array]));
  }
  const national = isNational(left.type) || isNational(right.type);
  const limit = national ? 4000 : 8000;
  const total = lengthOf(left.type) + lengthOf(right.type);
  const length = total === Infinity ? -1 : Math.min(total, limit);
  const type: SqlType = { name: national ? 'nvarchar' : 'varchar', length };
  const part: SqlType = { name: type.name, length: -1 };
  const a = isString(left.type) ? left : convertTo(left, part);
  const b = isString(right.type) ? right : convertTo(right, part);
  if (length === -1) return binary(type, a, b, (x, y) => (x as string) + (y as string));
  return binary(type, a, b, (x, y) => {
    const text = (x as string) + (y as string);
    return text.length > limit ? text.slice(0, limit) : text;
  });
}

/** datetime and smalldatetime count as days; the newer types have no arithmetic. */
function dateArithmetic(operator: ArithmeticOperator, left: Compiled, right: Compiled): Compiled {
  const old = (type: SqlType): boolean => type.name === 'datetime' || type.name === 'smalldatetime';
  if (operator !== '+' && operator !== '-') {
    const bad = ['date', 'time', 'datetime'].includes(familyOf(left.type)) ? left.type : right.type;
    throw invalidOperand(typeName(bad), OPERATOR_NAMES[operator]);
  }
  const other = (type: SqlType): boolean => ['date', 'time', 'datetime'].includes(familyOf(type)) && !old(type);
  if (other(left.type) || other(right.type)) {
    if (other(left.type) && other(right.type)) throw invalidOperand(typeName(left.type), OPERATOR_NAMES[operator]);
    throw operandClash(typeName(left.type), typeName(right.type));
  }
  const type: SqlType = {
    name: left.type.name === 'datetime' || right.type.name === 'datetime' ? 'datetime' : 'smalldatetime',
  };
  const a = convertTo(left, { name: 'datetime' });
  const b = convertTo(right, { name: 'datetime' });
  return binary(type, a, b, (x, y) => {
    const first = (x as SqlMoment).ticks - BASE_DATE;
    const second = (y as SqlMoment).ticks - BASE_DATE;
    const ticks = BASE_DATE + (operator === '+' ? first + second : first - second);
    if (ticks < 639_905n * TICKS_PER_DAY) throw arithmeticOverflow('expression', 'datetime');
    return { ticks: toDatetimePrecision(ticks) };
  });
}

/** Precision of an integer constant in decimal arithmetic is the number of its digits. */
function shapeOf(expression: Compiled): { precision: number; scale: number } {
  const { constant } = expression;
  if (constant !== undefined && typeof constant.value === 'number' && familyOf(expression.type) === 'integer') {
    return { precision: Math.abs(constant.value).toString().length, scale: 0 };
  }
  if (isString(expression.type)) return { precision: 38, scale: 0 };
  return decimalShape(expression.type);
}

function decimalArithmetic(operator: ArithmeticOperator, left: Compiled, right: Compiled): Compiled {
  const other = (expression: Compiled, partner: Compiled): { precision: number; scale: number } =>
    isString(expression.type) ? decimalShape(partner.type) : shapeOf(expression);
  const x = other(left, right);
  const y = other(right, left);
  const shape = arithmeticShape(operator as '+', x, y);
  const name = left.type.name === 'decimal' || right.type.name === 'decimal' ? 'decimal' : 'numeric';
  const type: SqlType = { name, ...shape };
  const a = convertTo(left, { name: 'numeric', ...x });
  const b = convertTo(right, { name: 'numeric', ...y });
  const finish = (value: Decimal): Decimal => {
    const result = rescale(value, shape.scale);
    if (!fits(result, shape.precision)) throw arithmeticOverflow('expression', 'numeric');
    return result;
  };
  return binary(type, a, b, (p, q) => finish(exact(operator, p as Decimal, q as Decimal, shape.scale)));
}

function exact(operator: ArithmeticOperator, a: Decimal, b: Decimal, resultScale: number): Decimal {
  const scale = Math.max(a.scale, b.scale);
  switch (operator) {
    case '+':
      return { unscaled: rescale(a, scale).unscaled + rescale(b, scale).unscaled, scale };
    case '-':
      return { unscaled: rescale(a, scale).unscaled - rescale(b, scale).unscaled, scale };
    case '*':
      return { unscaled: a.unscaled * b.unscaled, scale: a.scale + b.scale };
    case '/': {
      if (b.unscaled === 0n) throw divideByZero();
      // Division truncates at the scale of the result.
      const shift = resultScale + b.scale - a.scale;
      const numerator = shift >= 0 ? a.unscaled * power10(shift) : a.unscaled / power10(-shift);
      return { unscaled: numerator / b.unscaled, scale: resultScale };
    }
    default:
      if (b.unscaled === 0n) throw divideByZero();
      return { unscaled: rescale(a, scale).unscaled % rescale(b, scale).unscaled, scale };
  }
}

function bitwise(operator: '&' | '|' | '^', left: Compiled, right: Compiled): Compiled {
  const high = precedenceOf(left.type) >= precedenceOf(right.type) ? left.type : right.type;
  const family = familyOf(high);
  if (family === 'bit') {
    return binary(high, left, right, (a, b) =>
      operator === '&' ? a === true && b === true : operator === '|' ? a === true || b === true : a !== b,
    );
  }
  if (family !== 'integer' && family !== 'bigint') throw invalidOperand(typeName(high), OPERATOR_NAMES[operator]);
  const apply = (a: bigint, b: bigint): bigint => (operator === '&' ? a & b : operator === '|' ? a | b : a ^ b);
  const back = (value: bigint): SqlValue => (family === 'bigint' ? value : Number(value));
  return binary(high, convertTo(left, high), convertTo(right, high), (a, b) =>
    back(apply(BigInt(a as number), BigInt(b as number))),
  );
}

export function compileNegate(operand: Compiled): Compiled {
  const { type, evaluate } = operand;
  const apply = negation(type);
  return {
    type,
    nullable: operand.nullable,
    ...(operand.untyped === undefined ? {} : { untyped: operand.untyped }),
    evaluate: (row, run) => {
      const value = evaluate(row, run);
      return value === null ? null : apply(value);
    },
  };
}

function negation(type: SqlType): (value: SqlValue) => SqlValue {
  switch (familyOf(type)) {
    case 'integer':
      return (value) => {
        const result = -(value as number) + 0;
        if (result > 2147483647 || (type.name === 'tinyint' && result < 0))
          throw arithmeticOverflow('expression', type.name);
        return result;
      };
    case 'bigint':
      return (value) => integerValue(-(value as bigint), type, () => arithmeticOverflow('expression', 'bigint'));
    case 'float':
      return (value) => -(value as number);
    case 'decimal':
    case 'money':
      return (value) => ({ unscaled: -(value as Decimal).unscaled, scale: (value as Decimal).scale });
    default:
      throw invalidOperand(typeName(type), 'minus');
  }
}

export function compileComplement(operand: Compiled): Compiled {
  const { type, evaluate } = operand;
  const family = familyOf(type);
  if (family !== 'integer' && family !== 'bigint' && family !== 'bit') throw invalidOperand(typeName(type), "'~'");
  return {
    type,
    nullable: operand.nullable,
    evaluate: (row, run) => {
      const value = evaluate(row, run);
      if (value === null) return null;
      if (typeof value === 'boolean') return !value;
      if (typeof value === 'bigint') return ~value;
      return type.name === 'tinyint' ? 255 - (value as number) : ~(value as number);
    },
  };
}

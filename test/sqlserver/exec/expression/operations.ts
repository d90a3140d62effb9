import type { Decimal, SqlType, SqlValue } from '../../contracts.ts';
import type { ArithmeticOperator } from '../../tsql/ast/expression.ts';
import { integerValue } from '../types/convert-number.ts';
import { rescale } from '../types/decimal.ts';
import { arithmeticOverflow, divideByZero } from '../types/errors.ts';

export type Operation = (a: SqlValue, b: SqlValue) => SqlValue;

export function integerOperation(operator: ArithmeticOperator, type: SqlType): Operation {
  const [low, high] =
    type.name === 'int' ? [-2147483648, 2147483647] : type.name === 'smallint' ? [-32768, 32767] : [0, 255];
  const check = (value: number): number => {
    if (value < low || value > high) throw arithmeticOverflow('expression', type.name);
    return value;
  };
  switch (operator) {
    case '+':
      return (a, b) => check((a as number) + (b as number));
    case '-':
      return (a, b) => check((a as number) - (b as number));
    case '*':
      return (a, b) => check((a as number) * (b as number));
    case '/':
      return (a, b) => {
        if (b === 0) throw divideByZero();
        return check(Math.trunc((a as number) / (b as number)) + 0);
      };
    default:
      return (a, b) => {
        if (b === 0) throw divideByZero();
        return ((a as number) % (b as number)) + 0;
      };
  }
}

export function bigintOperation(operator: ArithmeticOperator, type: SqlType): Operation {
  const check = (value: bigint): SqlValue =>
    integerValue(value, type, () => arithmeticOverflow('expression', 'bigint'));
  switch (operator) {
    case '+':
      return (a, b) => check((a as bigint) + (b as bigint));
    case '-':
      return (a, b) => check((a as bigint) - (b as bigint));
    case '*':
      return (a, b) => check((a as bigint) * (b as bigint));
    case '/':
      return (a, b) => {
        if (b === 0n) throw divideByZero();
        return check((a as bigint) / (b as bigint));
      };
    default:
      return (a, b) => {
        if (b === 0n) throw divideByZero();
        return check((a as bigint) % (b as bigint));
      };
  }
}

export function floatOperation(operator: ArithmeticOperator, type: SqlType): Operation {
  const round = type.name === 'real' ? Math.fround : (value: number): number => value;
  const check = (value: number): number => {
    const result = round(value);
    if (!Number.isFinite(result)) throw arithmeticOverflow('expression', type.name);
    return result;
  };
  switch (operator) {
    case '+':
      return (a, b) => check((a as number) + (b as number));
    case '-':
      return (a, b) => check((a as number) - (b as number));
    case '*':
      return (a, b) => check((a as number) * (b as number));
    default:
      return (a, b) => {
        if (b === 0) throw divideByZero();
        return check((a as number) / (b as number));
      };
  }
}

export function moneyOperation(operator: ArithmeticOperator, type: SqlType): Operation {
  const limit = type.name === 'money' ? 9223372036854775807n : 2147483647n;
  const check = (unscaled: bigint): Decimal => {
    if (unscaled > limit || unscaled < -limit - 1n) throw arithmeticOverflow('expression', type.name);
    return { unscaled, scale: 4 };
  };
  const raw = (value: SqlValue): bigint => (value as Decimal).unscaled;
  switch (operator) {
    case '+':
      return (a, b) => check(raw(a) + raw(b));
    case '-':
      return (a, b) => check(raw(a) - raw(b));
    case '*':
      return (a, b) => check(rescale({ unscaled: raw(a) * raw(b), scale: 8 }, 4).unscaled);
    case '/':
      return (a, b) => {
        if (raw(b) === 0n) throw divideByZero();
        return check((raw(a) * 10_000n) / raw(b));
      };
    default:
      return (a, b) => {
        if (raw(b) === 0n) throw divideByZero();
        return check(raw(a) % raw(b));
      };
  }
}

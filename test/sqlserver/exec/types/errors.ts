import { SqlError } from '../../contracts.ts';

export function sqlError(number: number, severity: number, state: number, text: string): SqlError {
  return new SqlError({ number, class: severity, state, text });
}

export const divideByZero = (): SqlError => sqlError(8134, 16, 1, 'Divide by zero error encountered.');

/** 8115; `from` is 'expression' for arithmetic results. */
export const arithmeticOverflow = (from: string, to: string, state = 2): SqlError =>
  sqlError(8115, 16, state, `Arithmetic overflow error converting ${from} to data type ${to}.`);

export const conversionFailed = (from: string, value: string, to: string): SqlError =>
  sqlError(245, 16, 1, `Conversion failed when converting the ${from} value '${value}' to data type ${to}.`);

export const cannotConvert = (from: string, to: string): SqlError =>
  sqlError(529, 16, 2, `Explicit conversion from data type ${from} to ${to} is not allowed.`);

export const cannotConvertImplicitly = (from: string, to: string): SqlError =>
  sqlError(
    257,
    16,
    3,
    `Implicit conversion from data type ${from} to ${to} is not allowed. Use the CONVERT function to run this query.`,
  );

export const operandClash = (a: string, b: string): SqlError =>
  sqlError(206, 16, 2, `Operand type clash: ${a} is incompatible with ${b}`);

export const invalidOperand = (type: string, operator: string): SqlError =>
  sqlError(8117, 16, 1, `Operand data type ${type} is invalid for ${operator} operator.`);

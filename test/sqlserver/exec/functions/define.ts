import type { SqlType, SqlValue } from '../../contracts.ts';
import type { FunctionCall } from '../../tsql/ast/expression.ts';
import { isString, nvarchar, varchar, isNational, lengthOf, textLength } from '../types/sqltype.ts';
import { convertTo } from '../expression/arithmetic.ts';
import type { Compiled, Run } from '../expression/compiled.ts';

export interface FunctionDefinition {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  compile(args: readonly Compiled[], call: FunctionCall): Compiled;
}

type ScalarArgs = readonly SqlValue[];

/** A function that gives null as soon as one argument is null. */
export function strict(
  type: SqlType,
  args: readonly Compiled[],
  apply: (values: ScalarArgs, run: Run) => SqlValue,
  nullable = true,
): Compiled {
  const evaluators = args.map((arg) => arg.evaluate);
  return {
    type,
    nullable,
    evaluate: (row, run) => {
      const values: SqlValue[] = [];
      for (const evaluate of evaluators) {
        const value = evaluate(row, run);
        if (value === null) return null;
        values.push(value);
      }
      return apply(values, run);
    },
  };
}

export function define(
  name: string,
  min: number,
  max: number,
  compile: (args: readonly Compiled[], call: FunctionCall) => Compiled,
): FunctionDefinition {
  return { name, min, max, compile };
}

/** The argument as a string, keeping its kind (varchar or nvarchar) when it is one. */
export function asString(arg: Compiled): Compiled {
  if (arg.untyped === true) return { ...arg, type: varchar(1) };
  if (isString(arg.type)) return arg;
  return convertTo(arg, varchar(Math.min(textLength(arg.type), 8000)));
}

export function asInt(arg: Compiled): Compiled {
  return convertTo(arg, { name: 'int' });
}

/** varchar or nvarchar like `arg`, of another length; Infinity is (max). */
export function stringLike(arg: Compiled, length: number): SqlType {
  const wanted = length === Infinity ? -1 : Math.max(1, length);
  return isNational(arg.type) ? nvarchar(wanted) : varchar(wanted);
}

export function lengthOfString(arg: Compiled): number {
  return lengthOf(arg.type);
}

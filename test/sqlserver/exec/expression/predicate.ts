import type { SqlType, SqlValue } from '../../contracts.ts';
import type { ComparisonOperator } from '../../tsql/ast/expression.ts';
import { comparator, hasher } from '../types/compare.ts';
import { sqlError } from '../types/errors.ts';
import { commonType, familyOf, typeName } from '../types/sqltype.ts';
import { convertTo } from './arithmetic.ts';
import type { Compiled, Test } from './compiled.ts';

const CHECKS: Readonly<Record<ComparisonOperator, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

export function checkOf(operator: ComparisonOperator): (order: number) => boolean {
  return CHECKS[operator];
}

/** Both sides in the type the comparison happens in. */
export function unify(
  left: Compiled,
  right: Compiled,
): { readonly type: SqlType; readonly left: Compiled; readonly right: Compiled } {
  const type =
    left.untyped === true ? right.type : right.untyped === true ? left.type : commonType(left.type, right.type);
  for (const side of [left.type, right.type]) {
    if (['text', 'ntext', 'image'].includes(side.name)) {
      throw sqlError(
        402,
        16,
        1,
        `The data types ${typeName(left.type)} and ${typeName(right.type)} are incompatible in the equal to operator.`,
      );
    }
  }
  return { type, left: comparable(left, type), right: comparable(right, type) };
}

/** Strings compare whatever their length, decimals whatever their scale: no conversion that could cut or overflow. */
function comparable(expression: Compiled, type: SqlType): Compiled {
  const from = familyOf(expression.type);
  const to = familyOf(type);
  if (from === to && (to === 'string' || to === 'decimal' || to === 'money' || to === 'integer' || to === 'binary'))
    return expression;
  if (to === 'decimal') return convertTo(expression, wide(expression.type, type));
  if (to === 'string')
    return convertTo(expression, {
      name: type.name === 'char' ? 'varchar' : type.name === 'nchar' ? 'nvarchar' : type.name,
      length: -1,
    });
  return convertTo(expression, type);
}

function wide(from: SqlType, type: SqlType): SqlType {
  const exactFamilies = ['bit', 'integer', 'bigint', 'money'];
  if (!exactFamilies.includes(familyOf(from))) return type;
  return { name: 'numeric', precision: 38, scale: familyOf(from) === 'money' ? 4 : 0 };
}

export function compileComparison(operator: ComparisonOperator, a: Compiled, b: Compiled): Test {
  const { type, left, right } = unify(a, b);
  const x = left.evaluate;
  const y = right.evaluate;
  const family = familyOf(type);
  if (operator === '=' && (family === 'integer' || family === 'bit' || family === 'bigint' || family === 'guid')) {
    return (row, run) => {
      const p = x(row, run);
      if (p === null) return null;
      const q = y(row, run);
      return q === null ? null : p === q;
    };
  }
  const compare = comparator(type);
  const check = CHECKS[operator];
  return (row, run) => {
    const p = x(row, run);
    if (p === null) return null;
    const q = y(row, run);
    return q === null ? null : check(compare(p, q));
  };
}

/** IS [NOT] DISTINCT FROM */
export function compileDistinct(a: Compiled, b: Compiled, negated: boolean): Test {
  const { type, left, right } = unify(a, b);
  const compare = comparator(type);
  return (row, run) => {
    const p = left.evaluate(row, run);
    const q = right.evaluate(row, run);
    const distinct = p === null || q === null ? p !== q : compare(p, q) !== 0;
    return distinct !== negated;
  };
}

export function and(a: Test, b: Test): Test {
  return (row, run) => {
    const x = a(row, run);
    if (x === false) return false;
    const y = b(row, run);
    return y === false ? false : x === null || y === null ? null : true;
  };
}

export function or(a: Test, b: Test): Test {
  return (row, run) => {
    const x = a(row, run);
    if (x === true) return true;
    const y = b(row, run);
    return y === true ? true : x === null || y === null ? null : false;
  };
}

export function not(a: Test): Test {
  return (row, run) => {
    const x = a(row, run);
    return x === null ? null : !x;
  };
}

export function compileIn(operand: Compiled, list: readonly Compiled[], negated: boolean): Test {
  const constants = constantSet(operand, list);
  let test: Test;
  if (constants !== undefined) {
    const { evaluate } = operand;
    const { keys, hash, hasNull } = constants;
    test = (row, run) => {
      const value = evaluate(row, run);
      if (value === null) return null;
      return keys.has(hash(value)) ? true : hasNull ? null : false;
    };
  } else {
    test = list.map((item) => compileComparison('=', operand, item)).reduce(or);
  }
  return negated ? not(test) : test;
}

/** A list of constants of the operand's own family is looked up instead of compared one by one. */
function constantSet(
  operand: Compiled,
  list: readonly Compiled[],
):
  | { readonly keys: ReadonlySet<unknown>; readonly hash: (value: SqlValue) => unknown; readonly hasNull: boolean }
  | undefined {
  if (list.length < 4) return undefined;
  const family = familyOf(operand.type);
  if (family !== 'integer' && family !== 'string') return undefined;
  const hash = hasher(operand.type);
  const keys = new Set<unknown>();
  let hasNull = false;
  for (const item of list) {
    if (item.untyped === true) {
      hasNull = true;
      continue;
    }
    if (item.constant === undefined || familyOf(item.type) !== family) return undefined;
    keys.add(hash(item.constant.value));
  }
  return { keys, hash, hasNull };
}

import { SqlError, type SqlValue } from '../../contracts.ts';
import { isPredicate, type Expression } from '../../tsql/ast/expression.ts';
import { comparator, hasher, type Hasher } from '../types/compare.ts';
import { sqlError } from '../types/errors.ts';
import { INT } from '../types/sqltype.ts';
import { compileExpression } from './compile.ts';
import type { Compiled, Run, Test } from './compiled.ts';
import type { QueryPlan } from './environment.ts';
import { compileLike } from './like.ts';
import { and, checkOf, compileComparison, compileDistinct, compileIn, not, or, unify } from './predicate.ts';
import { withoutPauses, type Row } from './row.ts';
import type { Scope } from './scope.ts';

export function compileScalarSubquery(expression: Extract<Expression, { kind: 'subquery' }>, scope: Scope): Compiled {
  const plan = planOneColumn(expression.query, scope);
  const [column] = plan.columns;
  const once = (row: Row | null, run: Run): SqlValue => {
    let found: SqlValue = null;
    let count = 0;
    for (const values of withoutPauses(plan.rows(run, row))) {
      if (++count > 1) {
        throw new SqlError({
          number: 512,
          class: 16,
          state: 1,
          text: 'Subquery returned more than 1 value. This is not permitted when the subquery follows =, !=, <, <= , >, >= or when the subquery is used as an expression.',
        });
      }
      found = values[0] as SqlValue;
    }
    return found;
  };
  return {
    type: column?.type ?? INT,
    nullable: true,
    evaluate: (row, run) => (plan.correlated ? once(row, run) : cached(run, plan, () => once(row, run))),
  };
}

function planOneColumn(query: Extract<Expression, { kind: 'subquery' }>['query'], scope: Scope): QueryPlan {
  const plan = scope.env.planSubquery(query, scope);
  if (plan.columns.length !== 1) {
    throw sqlError(
      116,
      16,
      1,
      'Only one expression can be specified in the select list when the subquery is not introduced with EXISTS.',
    );
  }
  return plan;
}

function cached<T>(run: Run, key: object, make: () => T): T {
  if (run.cache.has(key)) return run.cache.get(key) as T;
  const value = make();
  run.cache.set(key, value);
  return value;
}

export function compileCondition(expression: Expression, scope: Scope): Test {
  if (!isPredicate(expression)) {
    throw sqlError(
      4145,
      15,
      1,
      'An expression of non-boolean type specified in a context where a condition is expected.',
    );
  }
  const scalar = (operand: Expression): Compiled => compileExpression(operand, scope);
  switch (expression.kind) {
    case 'and':
      return and(compileCondition(expression.left, scope), compileCondition(expression.right, scope));
    case 'or':
      return or(compileCondition(expression.left, scope), compileCondition(expression.right, scope));
    case 'not':
      return not(compileCondition(expression.operand, scope));
    case 'compare':
      return compileComparison(expression.operator, scalar(expression.left), scalar(expression.right));
    case 'isnull': {
      const { evaluate } = scalar(expression.operand);
      const { negated } = expression;
      return (row, run) => (evaluate(row, run) === null) !== negated;
    }
    case 'distinct':
      return compileDistinct(scalar(expression.left), scalar(expression.right), expression.negated);
    case 'between': {
      const operand = scalar(expression.operand);
      const test = and(
        compileComparison('>=', operand, scalar(expression.low)),
        compileComparison('<=', operand, scalar(expression.high)),
      );
      return expression.negated ? not(test) : test;
    }
    case 'in':
      return compileIn(scalar(expression.operand), expression.list.map(scalar), expression.negated);
    case 'like': {
      const test = compileLike(
        scalar(expression.operand),
        scalar(expression.pattern),
        expression.escape === undefined ? undefined : scalar(expression.escape),
      );
      return expression.negated ? not(test) : test;
    }
    case 'exists':
      return compileExists(expression, scope);
    case 'inquery':
      return compileInQuery(expression, scope);
    case 'quantified':
      return compileQuantified(expression, scope);
  }
}

function compileExists(expression: Extract<Expression, { kind: 'exists' }>, scope: Scope): Test {
  const plan = scope.env.planSubquery(expression.query, scope);
  const any = (row: Row, run: Run): boolean => {
    for (const _ of withoutPauses(plan.rows(run, row))) return true;
    return false;
  };
  return (row, run) => (plan.correlated ? any(row, run) : cached(run, plan, () => any(row, run)));
}

function compileInQuery(expression: Extract<Expression, { kind: 'inquery' }>, scope: Scope): Test {
  const operand = compileExpression(expression.operand, scope);
  const plan = planOneColumn(expression.query, scope);
  const column = plan.columns[0] as QueryPlan['columns'][number];
  // The subquery's value travels through a cell so that both sides convert as in a comparison.
  let current: SqlValue = null;
  const item: Compiled = { type: column.type, nullable: true, evaluate: () => current };
  const { type, left, right } = unify(operand, item);
  const hash = hasher(type);
  const collect = (row: Row, run: Run): { keys: Set<ReturnType<Hasher>>; hasNull: boolean } => {
    const keys = new Set<ReturnType<Hasher>>();
    let hasNull = false;
    for (const values of withoutPauses(plan.rows(run, row))) {
      current = values[0] as SqlValue;
      const value = right.evaluate(row, run);
      if (value === null) hasNull = true;
      else keys.add(hash(value));
    }
    return { keys, hasNull };
  };
  const test: Test = (row, run) => {
    const set = plan.correlated ? collect(row, run) : cached(run, plan, () => collect(row, run));
    if (set.keys.size === 0 && !set.hasNull) return false;
    const value = left.evaluate(row, run);
    if (value === null) return null;
    return set.keys.has(hash(value)) ? true : set.hasNull ? null : false;
  };
  return expression.negated ? not(test) : test;
}

function compileQuantified(expression: Extract<Expression, { kind: 'quantified' }>, scope: Scope): Test {
  const operand = compileExpression(expression.left, scope);
  const plan = planOneColumn(expression.query, scope);
  const column = plan.columns[0] as QueryPlan['columns'][number];
  let current: SqlValue = null;
  const item: Compiled = { type: column.type, nullable: true, evaluate: () => current };
  const { type, left, right } = unify(operand, item);
  const compare = comparator(type);
  const check = checkOf(expression.operator);
  const all = expression.quantifier === 'ALL';
  return (row, run) => {
    const value = left.evaluate(row, run);
    let unknown = false;
    for (const values of withoutPauses(plan.rows(run, row))) {
      current = values[0] as SqlValue;
      const other = right.evaluate(row, run);
      if (value === null || other === null) {
        unknown = true;
        continue;
      }
      if (check(compare(value, other)) !== all) return !all;
    }
    return unknown ? null : all;
  };
}

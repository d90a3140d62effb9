import { SqlError, type SqlValue } from '../../contracts.ts';
import type { Expression } from '../../tsql/ast/expression.ts';
import type { OrderItem, Query, QueryBody } from '../../tsql/ast/query.ts';
import { compileExpression } from '../expression/compile.ts';
import type { Compiled, Run } from '../expression/compiled.ts';
import type { QueryPlan } from '../expression/environment.ts';
import { PAUSE, Row, type Flow } from '../expression/row.ts';
import { Scope, type ScopeColumn } from '../expression/scope.ts';
import { comparator, nullsFirst, type Comparator } from '../types/compare.ts';
import { bindCommonTable } from './common-table.ts';
import type { Planner } from './planner.ts';
import { planSelect } from './select.ts';
import { planSetOperation, planValues } from './set-operation.ts';

/** A row on its way to ORDER BY: output values and the values it is sorted by. */
export interface SortableRow {
  readonly values: readonly SqlValue[];
  readonly keys: readonly SqlValue[];
}

/** One query block or set operation before OFFSET and FETCH. */
export interface BodyPlan {
  readonly columns: readonly ScopeColumn[];
  readonly correlated: boolean;
  /** ORDER BY is done inside already. */
  rows(run: Run, outer: Row | null): Flow<readonly SqlValue[]>;
}

export function planQuery(query: Query, planner: Planner, parent: Scope | undefined): QueryPlan {
  const inner = planner.withCommonTables(query.commonTables, bindCommonTable);
  if (query.orderBy.length > 0) checkOrder(query, parent);
  const body = planBody(query.body, query.orderBy, inner, parent);
  const scope = new Scope(inner);
  const offset = query.offset === undefined ? undefined : compileExpression(query.offset, scope);
  const fetch = query.fetch === undefined ? undefined : compileExpression(query.fetch, scope);
  if (offset === undefined) return body;
  return {
    ...body,
    *rows(run, outer) {
      const skip = count(offset, run, 10742, 'The offset specified in a OFFSET clause may not be negative.');
      const take =
        fetch === undefined
          ? Infinity
          : count(fetch, run, 10744, 'The number of rows provided for a FETCH clause must be greater then zero.');
      let index = 0;
      for (const row of body.rows(run, outer)) {
        if (row === PAUSE) {
          yield PAUSE;
          continue;
        }
        if (index >= skip + take) return;
        if (index >= skip) yield row;
        index += 1;
      }
    },
  };
}

const EMPTY = new Row([], null);

function count(expression: Compiled, run: Run, number: number, text: string): number {
  const value = Number(expression.evaluate(EMPTY, run) ?? -1);
  if (value < 0) throw new SqlError({ number, class: 15, state: 1, text });
  return value;
}

/** 1033: ORDER BY inside of a derived table, view or subquery needs TOP or OFFSET. */
function checkOrder(query: Query, parent: Scope | undefined): void {
  if (parent === undefined || query.offset !== undefined) return;
  if (query.body.kind === 'select' && query.body.top !== undefined) return;
  throw new SqlError({
    number: 1033,
    class: 15,
    state: 1,
    text: 'The ORDER BY clause is invalid in views, inline functions, derived tables, subqueries, and common table expressions, unless TOP, OFFSET or FOR XML is also specified.',
    line: query.line,
  });
}

export function planBody(
  body: QueryBody,
  orderBy: readonly OrderItem[],
  planner: Planner,
  parent: Scope | undefined,
): BodyPlan {
  switch (body.kind) {
    case 'select':
      return planSelect(body, orderBy, planner, parent);
    case 'values':
      return ordered(planValues(body, planner, parent), orderBy);
    case 'set':
      return ordered(planSetOperation(body, planner, parent), orderBy);
  }
}

/** ORDER BY of a set operation: by output column name or position only. */
function ordered(plan: BodyPlan, orderBy: readonly OrderItem[]): BodyPlan {
  if (orderBy.length === 0) return plan;
  const keys = orderBy.map(({ expression, descending }) => {
    const index = outputIndex(expression, plan.columns);
    if (index === undefined) {
      throw new SqlError({
        number: 104,
        class: 16,
        state: 1,
        text: 'ORDER BY items must appear in the select list if the statement contains a UNION, INTERSECT or EXCEPT operator.',
      });
    }
    return { index, descending, compare: nullsFirst(comparator((plan.columns[index] as ScopeColumn).type)) };
  });
  const comparators = keys.map(({ compare, descending }) => ({ compare, descending }));
  return {
    ...plan,
    *rows(run, outer) {
      const rows: SortableRow[] = [];
      for (const values of plan.rows(run, outer)) {
        if (values === PAUSE) yield PAUSE;
        else rows.push({ values, keys: keys.map(({ index }) => values[index] as SqlValue) });
      }
      yield* sorted(rows, comparators).map((row) => row.values);
    },
  };
}

export interface SortKey {
  readonly compare: Comparator;
  readonly descending: boolean;
}

export function sorted<T extends { readonly keys: readonly SqlValue[] }>(rows: T[], keys: readonly SortKey[]): T[] {
  return rows.sort((a, b) => {
    for (let i = 0; i < keys.length; i += 1) {
      const key = keys[i] as SortKey;
      const order = key.compare(a.keys[i] as SqlValue, b.keys[i] as SqlValue);
      if (order !== 0) return key.descending ? -order : order;
    }
    return 0;
  });
}

/** Which output column an ORDER BY item names: a position or an alias; undefined when it is an expression. */
export function outputIndex(expression: Expression, columns: readonly ScopeColumn[]): number | undefined {
  if (expression.kind === 'literal' && typeof expression.value === 'number') {
    if (!Number.isInteger(expression.value) || expression.value < 1 || expression.value > columns.length) {
      throw new SqlError({
        number: 108,
        class: 16,
        state: 1,
        text: `The ORDER BY position number ${expression.value} is out of range of the number of items in the select list.`,
      });
    }
    return expression.value - 1;
  }
  if (expression.kind !== 'column' || expression.parts.length !== 1) return undefined;
  const name = (expression.parts[0] as string).toLowerCase();
  const index = columns.findIndex((column) => column.name.toLowerCase() === name);
  return index < 0 ? undefined : index;
}

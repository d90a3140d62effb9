import { SqlError, type SqlValue } from '../../contracts.ts';
import type { Expression } from '../../tsql/ast/expression.ts';
import type { OrderItem, SelectBody, SelectItem } from '../../tsql/ast/query.ts';
import { compileCondition } from '../expression/condition.ts';
import { compileExpression } from '../expression/compile.ts';
import type { Compiled, Run, Test } from '../expression/compiled.ts';
import { PAUSE, Row, type Flow } from '../expression/row.ts';
import { Scope, type Grouping, type ScopeColumn } from '../expression/scope.ts';
import { comparator, compositeKey, hasher, nullsFirst } from '../types/compare.ts';
import { isAggregate } from '../expression/aggregate-names.ts';
import { keyOf } from '../expression/key.ts';
import { planFrom } from './from.ts';
import { planGroups } from './group.ts';
import type { Planner } from './planner.ts';
import { outputIndex, sorted, type BodyPlan, type SortableRow, type SortKey } from './query.ts';
import { planWindows } from './window.ts';
import { compileTop, cut } from './top.ts';

/** A row that may be part of the result. */
interface Candidate extends SortableRow {
  readonly row: Row;
}

interface Output {
  readonly columns: readonly ScopeColumn[];
  readonly values: readonly Compiled[];
}

/** One query block: FROM, WHERE, GROUP BY, HAVING, SELECT, DISTINCT, ORDER BY, TOP in their logical order. */
export function planSelect(
  body: SelectBody,
  orderBy: readonly OrderItem[],
  planner: Planner,
  parent: Scope | undefined,
): BodyPlan {
  const scope = new Scope(planner, parent);
  const from = planFrom(body.from, body.where, planner, scope);
  const groupExpressions = body.groupBy ?? [];
  const groupBy = compileGroupBy(groupExpressions, scope);
  const grouped =
    body.groupBy !== undefined || body.having !== undefined || hasAggregate(body.items) || hasAggregate(orderBy);
  if (grouped) scope.grouping = groupingOf(groupExpressions, scope);
  scope.windows = [];
  scope.clause = 'select';
  const output = compileItems(body.items, scope);
  const order = compileOrder(orderBy, output, scope, body);
  const windows = scope.windows;
  scope.windows = undefined;
  scope.clause = 'having';
  const having = body.having === undefined ? undefined : compileCondition(body.having, scope);
  const top = body.top === undefined ? undefined : compileTop(body.top, planner, parent, orderBy);
  // Windows first: their arguments may hold aggregates that the groups have to compute.
  const windowing = windows.length === 0 ? undefined : planWindows(windows, scope);
  const groups =
    scope.grouping === undefined ? undefined : planGroups(groupBy, scope.grouping, scope, body.groupBy === undefined);
  const hashers = output.columns.map((column) => hasher(column.type));
  const width = scope.sources.length;

  const blockRows = function* (run: Run, outer: Row | null): Flow<Row> {
    const base = new Row(new Array<readonly SqlValue[]>(width).fill([]), outer);
    let rows = from.run(run, base);
    if (groups !== undefined) rows = groups(run, rows, base);
    if (having !== undefined) rows = keep(rows, having, run);
    if (windowing !== undefined) rows = windowing(run, rows);
    yield* rows;
  };

  // SELECT @v = @v + column … ORDER BY: each row sees what the rows sorted before it left in the variable.
  const late = body.items[0]?.kind === 'assign';
  const valuesOf = (row: Row, run: Run): SqlValue[] => output.values.map((value) => value.evaluate(row, run));
  const finish = (candidate: Candidate, run: Run): readonly SqlValue[] =>
    late ? valuesOf(candidate.row, run) : candidate.values;

  const projected = function* (run: Run, outer: Row | null): Flow<Candidate> {
    const seen = body.distinct ? new Set<unknown>() : undefined;
    for (const row of blockRows(run, outer)) {
      if (row === PAUSE) {
        yield PAUSE;
        continue;
      }
      const values = late ? [] : valuesOf(row, run);
      if (seen !== undefined) {
        const key = compositeKey(hashers, values);
        if (seen.has(key)) continue;
        seen.add(key);
      }
      yield { row, values, keys: order.map((item) => item.read(row, run, values)) };
    }
  };

  const rows: BodyPlan['rows'] = function* (run, outer) {
    if (order.length === 0 && top === undefined) {
      for (const row of projected(run, outer)) yield row === PAUSE ? PAUSE : finish(row, run);
      return;
    }
    if (order.length === 0 && top !== undefined && !top.percent) {
      for (const row of firstRows(projected(run, outer), top.count(run, outer))) {
        yield row === PAUSE ? PAUSE : finish(row, run);
      }
      return;
    }
    const all: Candidate[] = [];
    for (const row of projected(run, outer)) {
      if (row === PAUSE) yield PAUSE;
      else all.push(row);
    }
    const ordered = order.length === 0 ? all : sorted(all, order);
    const chosen = top === undefined ? ordered : cut(ordered, top, order, top.count(run, outer));
    for (const row of chosen) yield finish(row, run);
  };
  return { columns: output.columns, correlated: scope.correlated, rows };
}

function* keep(rows: Flow<Row>, test: Test, run: Run): Flow<Row> {
  for (const row of rows) if (row === PAUSE || test(row, run) === true) yield row;
}

function* firstRows(rows: Flow<Candidate>, limit: number): Flow<Candidate> {
  if (limit <= 0) return;
  let count = 0;
  for (const row of rows) {
    if (row === PAUSE) {
      yield PAUSE;
      continue;
    }
    yield row;
    if (++count >= limit) return;
  }
}

// --------------------------------------------------------------------------------------------------- SELECT list

function compileItems(items: readonly SelectItem[], scope: Scope): Output {
  const columns: ScopeColumn[] = [];
  const values: Compiled[] = [];
  for (const item of items) {
    if (item.kind === 'star') {
      for (const index of scope.expand(item.qualifier, item.line)) {
        const source = scope.sources[index];
        for (const column of source?.columns ?? []) {
          const parts = [...(source?.alias === '' ? [] : [source?.alias ?? '']), column.name];
          const value = compileStar(scope, index, column, parts, item.line);
          columns.push(column);
          values.push(value);
        }
      }
      continue;
    }
    const value = compileExpression(item.expression, scope);
    values.push(value);
    columns.push(columnOf(value, item.kind === 'expression' ? item.alias : undefined));
  }
  return { columns, values };
}

/** A column by its place: two sources may have one alias in different schemas. */
function compileStar(
  scope: Scope,
  source: number,
  column: ScopeColumn,
  parts: readonly string[],
  line: number,
): Compiled {
  if (scope.grouping !== undefined) return compileExpression({ kind: 'column', parts, line }, scope);
  const index = scope.sources[source]?.columns.indexOf(column) ?? 0;
  return {
    type: column.type,
    nullable: column.nullable,
    evaluate: (row) => (row.parts[source] as readonly SqlValue[])[index] as SqlValue,
  };
}

function columnOf(value: Compiled, alias: string | undefined): ScopeColumn {
  return {
    name: alias ?? value.column?.name ?? '',
    type: value.type,
    nullable: value.nullable,
    flags: value.column?.flags ?? (value.nullable ? 33 : 32),
    identity: value.column?.identity ?? false,
    ...(value.untyped === true ? { untyped: true as const } : {}),
  };
}

// ------------------------------------------------------------------------------------------------------ GROUP BY

function compileGroupBy(expressions: readonly Expression[], scope: Scope): Compiled[] {
  scope.clause = 'group';
  return expressions.map((expression) => {
    if (expression.kind === 'literal' || expression.kind === 'variable' || expression.kind === 'null') {
      throw new SqlError({
        number: 164,
        class: 15,
        state: 1,
        text: 'Each GROUP BY expression must contain at least one column that is not an outer reference.',
      });
    }
    return compileExpression(expression, scope);
  });
}

function groupingOf(expressions: readonly Expression[], scope: Scope): Grouping {
  return { keys: new Set(expressions.map((expression) => keyOf(expression, scope))), aggregates: [] };
}

/** An aggregate of this block: not one inside of a subquery, not one with OVER. */
function hasAggregate(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasAggregate);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return false;
  const node = value as Expression;
  if (node.kind === 'call') {
    if (node.over === undefined && node.name.length === 1 && isAggregate((node.name[0] as string).toUpperCase()))
      return true;
    // SUM(COUNT(*)) OVER (…) groups because of the inner aggregate.
    return hasAggregate(node.args) || hasAggregate(node.over);
  }
  if ((value as { kind?: string }).kind === 'query') return false;
  return Object.values(value).some(hasAggregate);
}

// ------------------------------------------------------------------------------------------------ ORDER BY and TOP

interface OrderKey extends SortKey {
  read(row: Row, run: Run, values: readonly SqlValue[]): SqlValue;
}

function compileOrder(orderBy: readonly OrderItem[], output: Output, scope: Scope, body: SelectBody): OrderKey[] {
  scope.clause = 'order';
  return orderBy.map(({ expression, descending }) => {
    const index = outputIndex(expression, output.columns);
    if (index !== undefined) {
      const { type } = output.columns[index] as ScopeColumn;
      const value = output.values[index] as Compiled;
      return {
        compare: nullsFirst(comparator(type)),
        descending,
        read: (row, run, values) => (values.length === 0 ? value.evaluate(row, run) : (values[index] as SqlValue)),
      };
    }
    if (body.distinct && !inSelectList(expression, body, scope)) {
      throw new SqlError({
        number: 145,
        class: 15,
        state: 1,
        text: 'ORDER BY items must appear in the select list if SELECT DISTINCT is specified.',
        line: body.line,
      });
    }
    const value = compileExpression(expression, scope);
    return { compare: nullsFirst(comparator(value.type)), descending, read: (row, run) => value.evaluate(row, run) };
  });
}

function inSelectList(expression: Expression, body: SelectBody, scope: Scope): boolean {
  const key = keyOf(expression, scope);
  return body.items.some((item) => item.kind === 'star' || keyOf(item.expression, scope) === key);
}

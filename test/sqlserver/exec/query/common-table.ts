import { SqlError, type SqlValue } from '../../contracts.ts';
import type { CommonTable, Query, QueryBody, TableSource } from '../../tsql/ast/query.ts';
import type { Run } from '../expression/compiled.ts';
import type { QueryPlan } from '../expression/environment.ts';
import { PAUSE, type Flow, type Row } from '../expression/row.ts';
import type { ScopeColumn } from '../expression/scope.ts';
import { converter } from '../types/convert.ts';
import { sameType } from '../types/sqltype.ts';
import { renamed } from './access.ts';
import type { CommonTableBinding, Planner } from './planner.ts';
import { planBody, planQuery } from './query.ts';

/** WITH common_table_expression (Transact-SQL). */
export function bindCommonTable(planner: Planner, table: CommonTable): CommonTableBinding {
  const { name, query } = table;
  if (
    query.orderBy.length > 0 &&
    query.offset === undefined &&
    !(query.body.kind === 'select' && query.body.top !== undefined)
  ) {
    throw new SqlError({
      number: 1033,
      class: 15,
      state: 1,
      text: 'The ORDER BY clause is invalid in views, inline functions, derived tables, subqueries, and common table expressions, unless TOP, OFFSET or FOR XML is also specified.',
      line: query.line,
    });
  }
  const recursive =
    query.body.kind === 'set' && query.body.operator === 'UNION ALL' && mentions(query.body.right, name);
  return {
    name,
    plan: () => {
      if (recursive) return planRecursive(planner, table);
      const plan = planQuery(query, planner, undefined);
      return { plan, columns: renamed(plan.columns, table.columns, name, table.line) };
    },
  };
}

function mentions(value: unknown, name: string): boolean {
  if (Array.isArray(value)) return value.some((item) => mentions(item, name));
  if (typeof value !== 'object' || value === null) return false;
  const source = value as TableSource;
  if (
    source.kind === 'table' &&
    source.name.schema === undefined &&
    source.name.name.toLowerCase() === name.toLowerCase()
  ) {
    return true;
  }
  return Object.values(value).some((item) => mentions(item, name));
}

function planRecursive(planner: Planner, table: CommonTable): { plan: QueryPlan; columns: readonly ScopeColumn[] } {
  const { name, query, line } = table;
  const { anchors, recursions } = split(query.body, name);
  const anchorQuery: Query = { kind: 'query', commonTables: query.commonTables, body: anchors, orderBy: [], line };
  const anchor = planQuery(anchorQuery, planner, undefined);
  const columns = renamed(anchor.columns, table.columns, name, line).map((column) => ({
    ...column,
    nullable: true,
    flags: 33,
  }));
  // The rows of the previous round, while the recursive part runs.
  const working: { rows: readonly (readonly SqlValue[])[] } = { rows: [] };
  const self: CommonTableBinding = {
    name,
    plan: () => ({ plan: { columns, correlated: false, rows: () => working.rows }, columns }),
  };
  const inner = planner.withCommonTable(self);
  const steps = recursions.map((body) => {
    const plan = planBody(body, [], inner, undefined);
    if (plan.columns.length !== columns.length) {
      throw new SqlError({
        number: 205,
        class: 16,
        state: 1,
        text: 'All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists.',
        line,
      });
    }
    const conversions = plan.columns.map((column, i) => {
      const type = (columns[i] as ScopeColumn).type;
      return sameType(column.type, type) ? undefined : converter(column.type, type);
    });
    return { plan, conversions };
  });
  const rows = function* (run: Run, outer: Row | null): Flow<readonly SqlValue[]> {
    const limit = planner.options.maxRecursion ?? 100;
    let current: (readonly SqlValue[])[] = [];
    for (const row of anchor.rows(run, outer)) {
      if (row !== PAUSE) current.push(row);
      yield row;
    }
    for (let round = 0; current.length > 0; round += 1) {
      if (limit > 0 && round >= limit) {
        throw new SqlError({
          number: 530,
          class: 16,
          state: 1,
          text: `The statement terminated. The maximum recursion ${limit} has been exhausted before statement completion.`,
        });
      }
      const next: (readonly SqlValue[])[] = [];
      for (const { plan, conversions } of steps) {
        // Each reader of the working set sees the previous round, whatever readers in between do.
        working.rows = current;
        for (const row of plan.rows(run, outer)) {
          if (row === PAUSE) {
            yield PAUSE;
            working.rows = current;
            continue;
          }
          const values = row.map((value, i) => conversions[i]?.(value, run.convert) ?? value);
          next.push(values);
        }
      }
      yield* next;
      current = next;
    }
  };
  return { plan: { columns, correlated: false, rows }, columns };
}

/** a UNION ALL b UNION ALL c: the parts that name the table are the recursion, the others the anchor. */
function split(body: QueryBody, name: string): { anchors: QueryBody; recursions: readonly QueryBody[] } {
  if (body.kind !== 'set' || body.operator !== 'UNION ALL' || !mentions(body.right, name)) {
    return { anchors: body, recursions: [] };
  }
  const left = split(body.left, name);
  return { anchors: left.anchors, recursions: [...left.recursions, body.right] };
}

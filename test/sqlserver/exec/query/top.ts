import { SqlError, type SqlValue } from '../../contracts.ts';
import type { OrderItem, TopClause } from '../../tsql/ast/query.ts';
import { compileExpression } from '../expression/compile.ts';
import type { Compiled, Run } from '../expression/compiled.ts';
import { Row } from '../expression/row.ts';
import { Scope } from '../expression/scope.ts';
import type { Planner } from './planner.ts';
import type { SortableRow, SortKey } from './query.ts';

interface CompiledTop {
  readonly percent: boolean;
  readonly withTies: boolean;
  count(run: Run, outer: Row | null): number;
}

export function compileTop(
  top: TopClause,
  planner: Planner,
  parent: Scope | undefined,
  orderBy: readonly OrderItem[],
): CompiledTop {
  if (top.withTies && orderBy.length === 0) {
    throw new SqlError({
      number: 1062,
      class: 15,
      state: 1,
      text: 'The TOP N WITH TIES clause is not allowed without a corresponding ORDER BY clause.',
    });
  }
  const value = compileExpression(top.count, new Scope(planner, parent));
  return {
    percent: top.percent,
    withTies: top.withTies,
    count: (run, outer) => topCount(value, run, outer, top.percent),
  };
}

export function topCount(value: Compiled, run: Run, outer: Row | null, percent: boolean): number {
  const result = value.evaluate(new Row([], outer), run);
  if (result === null) {
    throw new SqlError({ number: 1014, class: 15, state: 1, text: 'A TOP or FETCH clause contains an invalid value.' });
  }
  const count =
    typeof result === 'object' && 'unscaled' in result ? Number(result.unscaled) / 10 ** result.scale : Number(result);
  if (count < 0 || (percent && count > 100)) {
    throw new SqlError({
      number: percent ? 1031 : 1060,
      class: 15,
      state: 1,
      text: percent
        ? 'Percent values must be between 0 and 100.'
        : 'The number of rows provided for a TOP or FETCH clauses row count parameter must be an integer.',
    });
  }
  return count;
}

export function cut<T extends SortableRow>(rows: T[], top: CompiledTop, keys: readonly SortKey[], count: number): T[] {
  let end = top.percent ? Math.ceil((rows.length * count) / 100) : Math.floor(count);
  const last = rows[end - 1];
  if (top.withTies && last !== undefined) {
    while (end < rows.length && sameKeys(rows[end] as SortableRow, last, keys)) end += 1;
  }
  return rows.slice(0, end);
}

function sameKeys(a: SortableRow, b: SortableRow, keys: readonly SortKey[]): boolean {
  return keys.every((key, i) => key.compare(a.keys[i] as SqlValue, b.keys[i] as SqlValue) === 0);
}

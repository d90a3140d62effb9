import { SqlError, type SqlValue } from '../../contracts.ts';
import type { SetBody, ValuesBody } from '../../tsql/ast/query.ts';
import { convertTo } from '../expression/arithmetic.ts';
import { commonOf, compileExpression } from '../expression/compile.ts';
import type { Compiled } from '../expression/compiled.ts';
import { PAUSE, Row, type Flow } from '../expression/row.ts';
import { Scope, type ScopeColumn } from '../expression/scope.ts';
import { compositeKey, hasher } from '../types/compare.ts';
import { converter, type Converter } from '../types/convert.ts';
import { commonType, sameType } from '../types/sqltype.ts';
import type { Planner } from './planner.ts';
import { planBody, type BodyPlan } from './query.ts';

export function planSetOperation(body: SetBody, planner: Planner, parent: Scope | undefined): BodyPlan {
  const left = planBody(body.left, [], planner, parent);
  const right = planBody(body.right, [], planner, parent);
  if (left.columns.length !== right.columns.length) {
    throw new SqlError({
      number: 205,
      class: 16,
      state: 1,
      text: 'All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists.',
      line: body.line,
    });
  }
  const columns = left.columns.map((column, i): ScopeColumn => {
    const other = right.columns[i] as ScopeColumn;
    const nullable = column.nullable || other.nullable;
    return { name: column.name, type: mixed(column, other), nullable, flags: nullable ? 33 : 32 };
  });
  const a = convertingRows(left, columns);
  const b = convertingRows(right, columns);
  const hashers = columns.map((column) => hasher(column.type));
  const key = (row: readonly SqlValue[]): unknown => compositeKey(hashers, row);
  const correlated = left.correlated || right.correlated;
  const rows: BodyPlan['rows'] = function* (run, outer) {
    switch (body.operator) {
      case 'UNION ALL':
        yield* a(run, outer);
        yield* b(run, outer);
        return;
      case 'UNION':
        yield* unique(concat(a(run, outer), b(run, outer)), key);
        return;
      default: {
        const others = new Set<unknown>();
        for (const row of b(run, outer)) if (row !== PAUSE) others.add(key(row));
        const keep = body.operator === 'INTERSECT';
        for (const row of unique(a(run, outer), key)) if (row === PAUSE || others.has(key(row)) === keep) yield row;
      }
    }
  };
  return { columns, correlated, rows };
}

/** The literal NULL of one side takes the type of the other. */
function mixed(a: ScopeColumn, b: ScopeColumn): ScopeColumn['type'] {
  if (a.untyped === true) return b.type;
  return b.untyped === true ? a.type : commonType(a.type, b.type);
}

function* concat<T>(a: Flow<T>, b: Flow<T>): Flow<T> {
  yield* a;
  yield* b;
}

export function* unique(
  rows: Flow<readonly SqlValue[]>,
  key: (row: readonly SqlValue[]) => unknown,
): Flow<readonly SqlValue[]> {
  const seen = new Set<unknown>();
  for (const row of rows) {
    if (row === PAUSE) {
      yield PAUSE;
      continue;
    }
    const k = key(row);
    if (seen.has(k)) continue;
    seen.add(k);
    yield row;
  }
}

function convertingRows(plan: BodyPlan, columns: readonly ScopeColumn[]): BodyPlan['rows'] {
  const conversions: (Converter | undefined)[] = plan.columns.map((column, i) => {
    const type = (columns[i] as ScopeColumn).type;
    return column.untyped === true || sameType(column.type, type) ? undefined : converter(column.type, type);
  });
  if (conversions.every((conversion) => conversion === undefined)) return (run, outer) => plan.rows(run, outer);
  return function* (run, outer) {
    for (const row of plan.rows(run, outer)) {
      if (row === PAUSE) yield PAUSE;
      else yield row.map((value, i) => conversions[i]?.(value, run.convert) ?? value);
    }
  };
}

export function planValues(body: ValuesBody, planner: Planner, parent: Scope | undefined): BodyPlan {
  const scope = new Scope(planner, parent);
  const rows = body.rows.map((row) => row.map((expression) => compileExpression(expression, scope)));
  const width = rows[0]?.length ?? 0;
  const columns: ScopeColumn[] = [];
  for (let i = 0; i < width; i += 1) {
    const column = rows.map((row) => row[i] as Compiled);
    const nullable = column.some((expression) => expression.nullable);
    columns.push({ name: '', type: commonOf(column), nullable, flags: nullable ? 33 : 32 });
  }
  const converted = rows.map((row) =>
    row.map((expression, i) => convertTo(expression, (columns[i] as ScopeColumn).type)),
  );
  return {
    columns,
    correlated: scope.correlated,
    *rows(run, outer) {
      const base = new Row([], outer);
      for (const row of converted) yield row.map((expression) => expression.evaluate(base, run));
    },
  };
}

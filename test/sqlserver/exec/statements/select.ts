import { SqlError, type ResultColumn, type SqlValue } from '../../contracts.ts';
import type { ObjectName } from '../../tsql/ast/name.ts';
import type { Query, SelectBody, SelectItem } from '../../tsql/ast/query.ts';
import type { SelectStatement } from '../../tsql/ast/statement.ts';
import type { Outcome } from '../interpreter/signals.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import type { QueryPlan } from '../expression/environment.ts';
import { PAUSE, type Flow } from '../expression/row.ts';
import type { ScopeColumn } from '../expression/scope.ts';
import type { Dependency, TableUse } from '../query/planner.ts';
import { collect, Pace } from '../query/pace.ts';
import { planQuery } from '../query/query.ts';
import { assigner } from './assign.ts';
import { cachedPlan } from './plan-cache.ts';
import { createFromColumns } from './select-into.ts';

/** Rows up to here are collected before the first leaves, so that locks are gone before a slow client reads. */
const BUFFERED = 4000;

export interface PlannedQuery {
  readonly plan: QueryPlan;
  readonly uses: readonly TableUse[];
  readonly dependencies: readonly Dependency[];
  readonly columns: readonly ResultColumn[];
}

export function planStatement(query: Query, run: StatementRun): PlannedQuery {
  const planner = run.planner(query.maxRecursion);
  const plan = planQuery(query, planner, undefined);
  return { plan, uses: planner.uses, dependencies: planner.dependencies, columns: plan.columns.map(toResultColumn) };
}

export function toResultColumn(column: ScopeColumn): ResultColumn {
  return {
    name: column.name,
    type: column.type,
    nullable: column.nullable,
    ...(column.identity === true ? { identity: true } : {}),
    ...(column.flags === undefined ? {} : { flags: column.flags }),
  };
}

export async function executeSelect(statement: SelectStatement, run: StatementRun): Promise<Outcome> {
  const { query } = statement;
  const first = firstSelect(query);
  if (first?.into !== undefined) return selectInto(statement, first.into, run);
  const planned = cachedPlan(statement, run, () => planStatement(query, run));
  if (first?.items[0]?.kind === 'assign') return assign(first.items, planned, run);
  const { output, session } = run;
  await run.lockUses(planned.uses);
  output.columns(planned.columns);
  if (session.settings.isOn('FMTONLY')) return { done: { curCmd: 193, rowCount: 0, resultSet: true } };
  try {
    const count = await sendRows(planned.plan.rows(run, null), run);
    session.affected = count;
    return { done: { curCmd: 193, rowCount: count, resultSet: true } };
  } catch (error) {
    if (error instanceof SqlError) run.sentColumns = true;
    throw error;
  }
}

function firstSelect(query: Query): SelectBody | undefined {
  let { body } = query;
  while (body.kind === 'set') body = body.left;
  return body.kind === 'select' ? body : undefined;
}

async function sendRows(rows: Flow<readonly SqlValue[]>, run: StatementRun): Promise<number> {
  const { output, session } = run;
  const limit = session.settings.rowLimit || Infinity;
  const iterator = rows[Symbol.iterator]();
  const buffer: (readonly SqlValue[])[] = [];
  let finished = false;
  const pace = new Pace(run);
  try {
    while (buffer.length < Math.min(BUFFERED, limit)) {
      const next = iterator.next();
      if (next.done === true) {
        finished = true;
        break;
      }
      if (next.value === PAUSE) await pace.breathe();
      else buffer.push(next.value);
    }
    if (finished || buffer.length >= limit) run.releaseReaders();
    let count = 0;
    for (const row of buffer) {
      output.row(row);
      count += 1;
      if (count % 64 === 0) await waitForClient(run);
    }
    while (!finished && count < limit) {
      const next = iterator.next();
      if (next.done === true) break;
      if (next.value === PAUSE) {
        await pace.breathe();
        continue;
      }
      output.row(next.value);
      count += 1;
      if (count % 64 === 0) {
        await waitForClient(run);
        await pace.breathe();
      }
    }
    return count;
  } finally {
    iterator.return?.();
  }
}

async function waitForClient(run: StatementRun): Promise<void> {
  await run.output.ready();
  run.throwIfInterrupted();
}

async function assign(items: readonly SelectItem[], planned: PlannedQuery, run: StatementRun): Promise<Outcome> {
  const assigners = items.map((item, i) => {
    if (item.kind !== 'assign') throw new Error('a SELECT assigns either all of its columns or none');
    return assigner(item.variable, item.operator, planned.plan.columns[i] as ScopeColumn, run);
  });
  await run.lockUses(planned.uses);
  let count = 0;
  const pace = new Pace(run);
  for (const row of planned.plan.rows(run, null)) {
    if (row === PAUSE) {
      await pace.breathe();
      continue;
    }
    count += 1;
    assigners.forEach((set, i) => set(row[i] as SqlValue));
  }
  run.session.affected = count;
  return { done: { curCmd: 193 } };
}

async function selectInto(statement: SelectStatement, name: ObjectName, run: StatementRun): Promise<Outcome> {
  const planned = run.compile(() => planStatement(statement.query, run));
  await run.lockUses(planned.uses);
  const rows = await collect(planned.plan.rows(run, null), run);
  const { table, writer } = await createFromColumns(name, planned.plan.columns, statement.line, run);
  for (const row of rows) writer.insert(table, row);
  const identity = table.definition.columns.findIndex((column) => column.identity !== undefined);
  const last = identity < 0 ? undefined : rows.at(-1)?.[identity];
  if (typeof last === 'number' || typeof last === 'bigint') writer.reseed(table, BigInt(last));
  run.session.affected = rows.length;
  return { done: { curCmd: 194, rowCount: rows.length } };
}

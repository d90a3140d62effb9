import { SqlError, type SqlValue } from '../../contracts.ts';
import type { CursorStatement, FetchStatement } from '../../tsql/ast/control.ts';
import type { Outcome } from '../interpreter/signals.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import { collect } from '../query/pace.ts';
import type { ScopeColumn } from '../expression/scope.ts';
import type { OpenCursor } from '../session/cursors.ts';
import { assigner } from './assign.ts';
import { planStatement, toResultColumn } from './select.ts';

export async function executeDeclareCursor(statement: CursorStatement, run: StatementRun): Promise<Outcome> {
  run.session.cursors.declare({
    name: statement.name,
    query: statement.query,
    scroll: statement.scroll,
    variables: run.activation.declarations.scalars,
    open: undefined,
  });
  if (run.activation.kind !== 'batch') run.activation.cursors.add(statement.name.toLowerCase());
  return {};
}

/** All rows are read when the cursor opens: every cursor is static here. */
export async function executeOpen(name: string, run: StatementRun): Promise<Outcome> {
  const cursor = run.session.cursors.get(name);
  if (cursor.open !== undefined)
    throw new SqlError({ number: 16905, class: 16, state: 1, text: 'The cursor is already open.' });
  const { plan, uses } = run.compile(() => planStatement(cursor.query, run));
  await run.lockUses(uses);
  const rows = await collect(plan.rows(run, null), run);
  cursor.open = { columns: plan.columns, rows, position: -1 };
  run.session.cursorRows = rows.length;
  return { done: { curCmd: 253 } };
}

export async function executeClose(name: string, run: StatementRun): Promise<Outcome> {
  run.session.cursors.opened(name);
  run.session.cursors.get(name).open = undefined;
  return { done: { curCmd: 253 } };
}

export async function executeDeallocate(name: string, run: StatementRun): Promise<Outcome> {
  run.session.cursors.deallocate(name);
  return { done: { curCmd: 253 } };
}

export async function executeFetch(statement: FetchStatement, run: StatementRun): Promise<Outcome> {
  const { session } = run;
  const cursor = session.cursors.get(statement.cursor);
  const open = session.cursors.opened(statement.cursor);
  if (statement.direction !== 'NEXT' && !cursor.scroll) {
    throw new SqlError({
      number: 16911,
      class: 16,
      state: 1,
      text: `fetch: The fetch type ${statement.direction.toLowerCase()} cannot be used with forward only cursors.`,
    });
  }
  const offset = statement.offset === undefined ? 0 : Number((await run.evaluate(statement.offset)).value ?? 0);
  move(open, statement.direction, offset);
  const row = open.rows[open.position];
  session.fetchStatus = row === undefined ? -1 : 0;
  session.affected = row === undefined ? 0 : 1;
  if (statement.into === undefined) {
    run.output.columns(open.columns.map(toResultColumn));
    if (row !== undefined) run.output.row(row);
    return { done: { curCmd: 193, rowCount: row === undefined ? 0 : 1, resultSet: true } };
  }
  if (statement.into.length !== open.columns.length) {
    throw new SqlError({
      number: 16924,
      class: 16,
      state: 1,
      text: 'Cursorfetch: The number of variables declared in the INTO list must match that of selected columns.',
    });
  }
  if (row !== undefined) {
    statement.into.forEach((name, i) => assigner(name, '=', open.columns[i] as ScopeColumn, run)(row[i] as SqlValue));
  }
  return { done: { curCmd: 193 } };
}

function move(open: OpenCursor, direction: FetchStatement['direction'], offset: number): void {
  const count = open.rows.length;
  const wanted = {
    NEXT: open.position + 1,
    PRIOR: open.position - 1,
    FIRST: 0,
    LAST: count - 1,
    ABSOLUTE: offset > 0 ? offset - 1 : offset < 0 ? count + offset : -1,
    RELATIVE: open.position + offset,
  }[direction];
  // One place before the first row and one behind the last.
  open.position = Math.max(-1, Math.min(count, wanted));
}

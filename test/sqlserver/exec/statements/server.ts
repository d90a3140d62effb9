import { SqlError } from '../../contracts.ts';
import type { Expression } from '../../tsql/ast/expression.ts';
import { reconfigure } from '../system/index.ts';
import type { Outcome } from '../interpreter/signals.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import { convertValue } from '../types/convert.ts';
import { textOf } from '../types/convert-text.ts';
import { INT } from '../types/sqltype.ts';

export async function executeKill(expression: Expression, run: StatementRun): Promise<Outcome> {
  const { session } = run;
  const { compiled, value } = await run.evaluate(expression);
  const spid = convertValue(value, compiled.type, INT, run.convert, { explicit: true });
  if (!session.permissions.onServer('ALTER ANY CONNECTION')) {
    throw new SqlError({
      number: 6102,
      class: 14,
      state: 1,
      text: 'User does not have permission to use the KILL statement.',
    });
  }
  if (typeof spid !== 'number' || spid < 1) {
    throw new SqlError({ number: 6101, class: 16, state: 1, text: `Session ID ${textOf(spid, INT)} is not valid.` });
  }
  if (spid === session.spid) {
    throw new SqlError({ number: 6104, class: 16, state: 1, text: 'Cannot use KILL to kill your own process.' });
  }
  const known = [...session.sessions()].some((other) => other.spid === spid);
  if (!known) {
    throw new SqlError({ number: 6106, class: 16, state: 2, text: `Process ID ${spid} is not an active process ID.` });
  }
  await session.instance.sessions.kill(spid);
  return { done: { curCmd: 253 } };
}

export async function executeReconfigure(run: StatementRun): Promise<Outcome> {
  const { permissions } = run.session;
  if (!permissions.onServer('ALTER SETTINGS')) {
    throw new SqlError({
      number: 5812,
      class: 14,
      state: 1,
      text: 'You do not have permission to run the RECONFIGURE statement.',
    });
  }
  reconfigure(run.session.instance);
  return { done: { curCmd: 253 } };
}

export async function executeUse(name: string, run: StatementRun): Promise<Outcome> {
  const { session, activation } = run;
  if (activation.kind === 'procedure') {
    throw new SqlError({
      number: 154,
      class: 15,
      state: 1,
      text: 'a USE database statement is not allowed in a procedure, function or trigger.',
    });
  }
  const database = session.catalog.database(name);
  session.use(database, (message) => run.message(message));
  return { done: { curCmd: 226 } };
}

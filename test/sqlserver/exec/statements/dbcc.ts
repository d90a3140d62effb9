import { SqlError, type Database } from '../../contracts.ts';
import type { DbccStatement } from '../../tsql/ast/backup.ts';
import { unsupported } from '../../tsql/errors.ts';
import { Interrupted, type Outcome } from '../interpreter/signals.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import { textOf } from '../types/convert-text.ts';
import { resolveTable, writerFor } from '../write/target.ts';
import { parse } from '../../tsql/parse.ts';

const COMPLETED = {
  number: 2528,
  class: 0,
  state: 1,
  text: 'DBCC execution completed. If DBCC printed error messages, contact your system administrator.',
} as const;

export async function executeDbcc(statement: DbccStatement, run: StatementRun): Promise<Outcome> {
  const quiet = statement.options.includes('NO_INFOMSGS');
  switch (statement.command) {
    case 'CHECKDB':
      return checkDatabase(statement, run, quiet);
    case 'CHECKIDENT':
      return checkIdentity(statement, run, quiet);
    case 'FREEPROCCACHE':
    case 'DROPCLEANBUFFERS':
    case 'FREESYSTEMCACHE':
      // Caches are invisible; emptying them changes nothing that a client could see.
      if (!quiet) run.message(COMPLETED);
      return { done: { curCmd: 253 } };
    default:
      throw unsupported(`DBCC ${statement.command}`, statement.line);
  }
}

async function argument(statement: DbccStatement, index: number, run: StatementRun): Promise<string | undefined> {
  const expression = statement.args[index];
  if (expression === undefined || expression.kind === 'null') return undefined;
  const { compiled, value } = await run.evaluate(expression);
  return value === null ? undefined : textOf(value, compiled.type);
}

async function checkDatabase(statement: DbccStatement, run: StatementRun, quiet: boolean): Promise<Outcome> {
  for (const option of statement.args.slice(1)) {
    if (option.kind === 'literal' && typeof option.value === 'string' && /^REPAIR/i.test(option.value)) {
      throw unsupported(`DBCC CHECKDB (…, ${option.value})`, statement.line);
    }
  }
  const { instance, catalog, permissions } = run.session;
  const given = await argument(statement, 0, run);
  const name = given === undefined || given === '0' ? run.session.database : given;
  const byId = /^\d+$/.test(name) ? instance.databaseById(Number(name)) : undefined;
  const database: Database = catalog.database(byId?.name ?? name);
  if (!permissions.isSysadmin && !permissions.inDatabaseRole(database, 'db_owner')) {
    throw new SqlError({
      number: 7983,
      class: 14,
      state: 36,
      text: `User '${permissions.login.name}' does not have permission to run DBCC checkdb for database '${database.name}'.`,
    });
  }
  let damage: Awaited<ReturnType<Database['check']>>;
  try {
    damage = await database.check(run.signal);
  } catch (error) {
    if (run.signal.aborted) throw new Interrupted();
    throw error;
  }
  for (const message of damage) run.message(message);
  const errors = damage.filter((message) => message.class > 10).length;
  if (errors > 0) run.session.lastError = damage.findLast((message) => message.class > 10)?.number ?? 0;
  if (!quiet || errors > 0) {
    run.message({
      number: 8989,
      class: 0,
      state: 1,
      text: `CHECKDB found 0 allocation errors and ${errors} consistency errors in database '${database.name}'.`,
    });
  }
  if (!quiet) run.message(COMPLETED);
  return { done: { curCmd: 253, failed: errors > 0 } };
}

async function checkIdentity(statement: DbccStatement, run: StatementRun, quiet: boolean): Promise<Outcome> {
  const name = (await argument(statement, 0, run)) ?? '';
  const action = ((await argument(statement, 1, run)) ?? 'RESEED').toUpperCase();
  const seed = await argument(statement, 2, run);
  const [parsed] = parse(`TRUNCATE TABLE ${name}`).statements;
  if (parsed?.kind !== 'truncate') throw unsupported('DBCC CHECKIDENT', statement.line);
  const target = run.compile(() => resolveTable(parsed.table, statement.line, run, undefined));
  const column = target.definition.columns.find((other) => other.identity !== undefined);
  if (column === undefined) {
    throw new SqlError({ number: 7997, class: 16, state: 1, text: `'${name}' does not contain an identity column.` });
  }
  const table = target.table(run);
  const before = table.lastIdentity;
  if (action !== 'NORESEED' && seed !== undefined) {
    const writer = await writerFor(target, run);
    // A table that never had a row uses the new value itself for its first one.
    const value =
      before === null && table.rowCount === 0 ? BigInt(seed) - (column.identity?.increment ?? 1n) : BigInt(seed);
    writer.reseed(table, value);
  }
  if (!quiet) {
    const shown = before === null ? 'NULL' : String(before);
    run.message({
      number: 7998,
      class: 0,
      state: 1,
      text: `Checking identity information: current identity value '${shown}', current column value '${seed ?? shown}'.`,
    });
    run.message(COMPLETED);
  }
  return { done: { curCmd: 253 } };
}

import { SqlError, type Database } from '../../contracts.ts';
import type { DropStatement } from '../../tsql/ast/definition.ts';
import type { ObjectName } from '../../tsql/ast/name.ts';
import { unsupported } from '../../tsql/errors.ts';
import { completionOf } from '../interpreter/command.ts';
import type { Outcome } from '../interpreter/signals.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import { nameText } from '../query/planner.ts';
import { findTable } from '../write/target.ts';
import { dropLogin } from './logins.ts';
import { dropPrincipal } from './users.ts';
import { dropTable, requirePermission } from './tables.ts';

export async function executeDrop(statement: DropStatement, run: StatementRun): Promise<Outcome> {
  for (const name of statement.names) await dropOne(statement, name, run);
  return { done: { curCmd: completionOf(statement) } };
}

async function dropOne(statement: DropStatement, name: ObjectName, run: StatementRun): Promise<void> {
  const { object, ifExists } = statement;
  switch (object) {
    case 'DATABASE':
      return dropDatabase(name.name, ifExists, run);
    case 'TABLE':
      return dropTableByName(name, ifExists, run);
    case 'VIEW':
    case 'PROCEDURE':
      return dropModule(statement, name, run);
    case 'LOGIN':
      return dropLogin(name.name, run);
    case 'USER':
    case 'ROLE':
      return dropPrincipal(object === 'USER' ? 'user' : 'role', name.name, ifExists, run);
    default:
      if (ifExists && object !== 'SCHEMA') return;
      throw unsupported(`DROP ${object}`, statement.line);
  }
}

async function dropDatabase(name: string, ifExists: boolean, run: StatementRun): Promise<void> {
  if (ifExists && run.session.instance.database(name) === undefined) return;
  notInTransaction('DROP DATABASE', run);
  await run.session.instance.dropDatabase(name, run.context(204));
}

export function notInTransaction(what: string, run: StatementRun): void {
  if (run.session.transactions.count === 0) return;
  throw new SqlError({
    number: 226,
    class: 16,
    state: 6,
    text: `${what} statement not allowed within multi-statement transaction.`,
  });
}

function cannotDrop(kind: string, name: ObjectName): SqlError {
  return new SqlError({
    number: 3701,
    class: 11,
    state: 5,
    text: `Cannot drop the ${kind} '${nameText(name)}', because it does not exist or you do not have permission.`,
  });
}

async function dropTableByName(name: ObjectName, ifExists: boolean, run: StatementRun): Promise<void> {
  const { session } = run;
  if (name.name.startsWith('#')) {
    const table = session.temporary.find(name.name);
    if (table !== undefined) return session.temporary.drop(table, run.unit.temporary);
    if (ifExists) return;
    throw cannotDrop('table', name);
  }
  const database = name.database === undefined ? session.catalog.current : session.catalog.database(name.database);
  const table = findTable(database, name, session.catalog.defaultSchema);
  if (table === undefined) {
    const other = database.object(name.schema ?? 'dbo', name.name);
    if (other !== undefined) {
      throw new SqlError({
        number: 3705,
        class: 16,
        state: 1,
        text: `Cannot use DROP TABLE with '${nameText(name)}' because '${nameText(name)}' is a ${other.kind}. Use DROP ${other.kind.toUpperCase()}.`,
      });
    }
    if (ifExists) return;
    throw cannotDrop('table', name);
  }
  requirePermission(run, database, 'ALTER');
  await dropTable(database, table, run);
}

async function dropModule(statement: DropStatement, name: ObjectName, run: StatementRun): Promise<void> {
  const { catalog } = run.session;
  const kind = statement.object === 'VIEW' ? 'view' : 'procedure';
  const database: Database = name.database === undefined ? catalog.current : catalog.database(name.database);
  const object = database.object(name.schema ?? catalog.defaultSchema, name.name) ?? database.object('dbo', name.name);
  if (object === undefined || object.kind !== kind) {
    if (statement.ifExists && object === undefined) return;
    throw cannotDrop(kind, name);
  }
  requirePermission(run, database, 'ALTER');
  run.checkWritable();
  run.unit.writer(database).dropObject(object);
}

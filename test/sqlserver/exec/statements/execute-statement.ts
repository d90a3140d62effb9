import { SqlError } from '../../contracts.ts';
import type { Statement } from '../../tsql/ast/statement.ts';
import { unsupported } from '../../tsql/errors.ts';
import type { Interpreter } from '../interpreter/interpreter.ts';
import type { Outcome } from '../interpreter/signals.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import { executeBackup, executeRestore, executeRestoreInfo } from './backup.ts';
import {
  executeDeclare,
  executePrint,
  executeRaiserror,
  executeReturn,
  executeSetVariable,
  executeThrow,
  executeWaitFor,
} from './control.ts';
import { executeClose, executeDeallocate, executeDeclareCursor, executeFetch, executeOpen } from './cursor.ts';
import { executeAlterDatabase, executeCreateDatabase } from './databases.ts';
import { executeDbcc } from './dbcc.ts';
import { executeDelete, executeTruncate } from './delete.ts';
import { executeDrop } from './drop.ts';
import { executeExecute } from './execute.ts';
import { executeInsert } from './insert.ts';
import { executeMerge } from './merge.ts';
import { executeCreateModule } from './modules.ts';
import { executeSecurity } from './security.ts';
import { executeSelect } from './select.ts';
import { executeKill, executeReconfigure, executeUse } from './server.ts';
import { executeSetOption } from './set-option.ts';
import { executeAlterTable } from './alter-table.ts';
import { executeCreateIndex, executeDropIndex } from './indexes.ts';
import { executeCreateTable } from './tables.ts';
import { executeTransaction } from './transaction.ts';
import { executeUpdate } from './update.ts';

/** Runs one statement that has no statements inside. */
export async function execute(interpreter: Interpreter, statement: Statement, run: StatementRun): Promise<Outcome> {
  const { settings } = run.session;
  if (settings.isOn('NOEXEC') && statement.kind !== 'set option') return {};
  if (settings.isOn('FMTONLY') && !['select', 'set option', 'declare', 'use'].includes(statement.kind)) return {};
  switch (statement.kind) {
    case 'select':
      return executeSelect(statement, run);
    case 'insert':
      return executeInsert(interpreter, statement, run);
    case 'update':
      return executeUpdate(statement, run);
    case 'delete':
      return executeDelete(statement, run);
    case 'merge':
      return executeMerge(statement, run);
    case 'truncate':
      return executeTruncate(statement, run);
    case 'declare':
      return executeDeclare(statement, run);
    case 'set variable':
      return executeSetVariable(statement, run);
    case 'set option':
      return executeSetOption(statement, run);
    case 'return':
      return executeReturn(statement.value, run);
    case 'print':
      return executePrint(statement.value, run);
    case 'raiserror':
      return executeRaiserror(statement, run);
    case 'throw':
      return executeThrow(statement, run);
    case 'waitfor':
      return executeWaitFor(statement.mode, statement.value, run);
    case 'transaction':
      return executeTransaction(statement, run);
    case 'execute':
      return executeExecute(interpreter, statement, run);
    case 'use':
      return executeUse(statement.database, run);
    case 'create module':
      return executeCreateModule(statement, run);
    case 'create table':
      return executeCreateTable(statement, run);
    case 'alter table':
      return executeAlterTable(statement, run);
    case 'create index':
      return executeCreateIndex(statement, run);
    case 'drop index':
      return executeDropIndex(statement, run);
    case 'drop':
      return executeDrop(statement, run);
    case 'create schema':
      return executeCreateSchema(statement.name, run);
    case 'create database':
      return executeCreateDatabase(statement, run);
    case 'alter database':
      return executeAlterDatabase(statement, run);
    case 'login':
    case 'user':
    case 'role':
    case 'permission':
      return executeSecurity(statement, run);
    case 'backup':
      return executeBackup(statement, run);
    case 'restore':
      return executeRestore(statement, run);
    case 'restore info':
      return executeRestoreInfo(statement, run);
    case 'dbcc':
      return executeDbcc(statement, run);
    case 'kill':
      return executeKill(statement.spid, run);
    case 'checkpoint':
      // Checkpoints are the engine's own business; a client can only ask for one.
      return { done: { curCmd: 253 } };
    case 'reconfigure':
      return executeReconfigure(run);
    case 'declare cursor':
      return executeDeclareCursor(statement, run);
    case 'open':
      return executeOpen(statement.cursor, run);
    case 'close':
      return executeClose(statement.cursor, run);
    case 'deallocate':
      return executeDeallocate(statement.cursor, run);
    case 'fetch':
      return executeFetch(statement, run);
    default:
      throw unsupported(statement.kind.toUpperCase(), statement.line);
  }
}

async function executeCreateSchema(name: string, run: StatementRun): Promise<Outcome> {
  const database = run.session.catalog.current;
  if ([...database.schemas()].some((known) => known.toLowerCase() === name.toLowerCase())) {
    throw new SqlError({
      number: 2714,
      class: 16,
      state: 6,
      text: `There is already an object named '${name}' in the database.`,
    });
  }
  run.checkWritable();
  run.unit.writer(database).createSchema(name);
  return { done: { curCmd: 253 } };
}

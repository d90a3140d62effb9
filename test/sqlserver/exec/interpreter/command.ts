import type { Statement } from '../../tsql/ast/statement.ts';

/** CurCmd of DONE tokens (MS-TDS leaves the values to the server; observed ones, see the contract suite). */
export function completionOf(statement: Statement): number {
  switch (statement.kind) {
    case 'select':
      return statement.query.body.kind === 'select' && statement.query.body.into !== undefined ? 194 : 193;
    case 'insert':
      return 195;
    case 'delete':
      return 196;
    case 'update':
      return 197;
    case 'merge':
      return 279;
    case 'set variable':
    case 'declare':
      return 193;
    case 'create table':
      return 198;
    case 'create index':
      return 200;
    case 'drop index':
      return 201;
    case 'create database':
      return 203;
    case 'alter database':
      return 215;
    case 'alter table':
      return 216;
    case 'create module':
      return statement.module === 'view' ? 207 : 222;
    case 'drop':
      return { TABLE: 199, DATABASE: 204, VIEW: 208, PROCEDURE: 223 }[statement.object as 'TABLE'] ?? 253;
    case 'backup':
      return statement.target === 'log' ? 235 : 228;
    case 'restore':
      // unknown: the code of RESTORE LOG.
      return 229;
    case 'restore info':
      return { headeronly: 250, labelonly: 250, filelistonly: 376, verifyonly: 377 }[statement.target];
    case 'transaction':
      return { begin: 212, commit: 213, rollback: 210, save: 211 }[statement.action];
    case 'execute':
      return 224;
    case 'use':
      return 226;
    case 'print':
      return 247;
    case 'raiserror':
    case 'throw':
      return 246;
    case 'return':
      return 219;
    case 'set option':
      return statement.value === false ? 186 : 185;
    default:
      return 253;
  }
}

/** sys.dm_exec_requests.command */
export function commandOf(statement: Statement): string {
  switch (statement.kind) {
    case 'backup':
      return statement.target === 'log' ? 'BACKUP LOG' : 'BACKUP DATABASE';
    case 'restore':
      return statement.target === 'log' ? 'RESTORE LOG' : 'RESTORE DATABASE';
    case 'restore info':
      return {
        headeronly: 'RESTORE HEADERONLY',
        filelistonly: 'RESTORE FILELIST',
        labelonly: 'RESTORE LABELONLY',
        verifyonly: 'RESTORE VERIFYON',
      }[statement.target].slice(0, 16);
    case 'waitfor':
      return 'WAITFOR';
    case 'create database':
      return 'CREATE DATABASE';
    case 'alter database':
      return 'ALTER DATABASE';
    case 'create table':
      return 'CREATE TABLE';
    case 'alter table':
      return 'ALTER TABLE';
    case 'create index':
      return 'CREATE INDEX';
    case 'execute':
      return 'EXECUTE';
    case 'transaction':
      return `${statement.action.toUpperCase()} TRANSACTION`;
    case 'dbcc':
      return 'DBCC';
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
    case 'select':
    case 'kill':
    case 'drop':
      return statement.kind.toUpperCase();
    default:
      return statement.kind.split(' ')[0]?.toUpperCase() ?? '';
  }
}

/** SET IMPLICIT_TRANSACTIONS (Transact-SQL): the statements that open a transaction. */
export function startsTransaction(statement: Statement): boolean {
  switch (statement.kind) {
    case 'select':
      return statement.query.body.kind !== 'select' || statement.query.body.from !== undefined;
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
    case 'truncate':
    case 'create table':
    case 'alter table':
    case 'create index':
    case 'drop index':
    case 'create module':
    case 'fetch':
    case 'open':
    case 'permission':
      return true;
    case 'drop':
      return statement.object !== 'DATABASE' && statement.object !== 'LOGIN';
    default:
      return false;
  }
}

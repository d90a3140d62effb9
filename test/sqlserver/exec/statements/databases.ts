import { SqlError, type AlterDatabase, type CreateDatabase } from '../../contracts.ts';
import type {
  AlterDatabaseStatement,
  CreateDatabaseStatement,
  DatabaseFileElement,
} from '../../tsql/ast/definition.ts';
import { unsupported } from '../../tsql/errors.ts';
import type { Outcome } from '../interpreter/signals.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import { notInTransaction } from './drop.ts';

export async function executeCreateDatabase(statement: CreateDatabaseStatement, run: StatementRun): Promise<Outcome> {
  notInTransaction('CREATE DATABASE', run);
  const { instance } = run.session;
  const { name } = statement;
  const rows = statement.files.filter((file) => file.type === 'ROWS');
  const logs = statement.files.filter((file) => file.type === 'LOG');
  // The server fills in what the statement leaves out: <name>.mdf and <name>_log.ldf in the default directories.
  const files: CreateDatabase['files'] = [
    ...(rows.length > 0 ? rows : [{ type: 'ROWS' as const, logicalName: name }]).map((file) =>
      located(file, `${instance.defaultDataPath}/${name}.mdf`),
    ),
    ...(logs.length > 0 ? logs : [{ type: 'LOG' as const, logicalName: `${name}_log` }]).map((file) =>
      located(file, `${instance.defaultLogPath}/${name}_log.ldf`),
    ),
  ];
  await instance.createDatabase(
    { name, files, ...(statement.collation === undefined ? {} : { collation: statement.collation }) },
    run.context(203),
  );
  return { done: { curCmd: 203 } };
}

function located(file: DatabaseFileElement, path: string): CreateDatabase['files'][number] {
  return {
    type: file.type,
    logicalName: file.logicalName,
    physicalName: file.physicalName ?? path,
    ...(file.sizeBytes === undefined ? {} : { sizeBytes: file.sizeBytes }),
  };
}

export async function executeAlterDatabase(statement: AlterDatabaseStatement, run: StatementRun): Promise<Outcome> {
  const name = statement.name ?? run.session.database;
  notInTransaction('ALTER DATABASE', run);
  for (const alter of alterations(statement)) {
    await run.session.instance.alterDatabase(name, alter, run.context(215));
  }
  return { done: { curCmd: 215 } };
}

function alterations(statement: AlterDatabaseStatement): AlterDatabase[] {
  const { action } = statement;
  switch (action.kind) {
    case 'set':
      return action.options.map((option): AlterDatabase => {
        const { rollbackImmediate } = action;
        switch (option.set) {
          case 'recovery':
          case 'ignored':
            return option;
          case 'state':
          case 'access':
          case 'readonly':
            return { ...option, rollbackImmediate };
        }
      });
    case 'name':
      return [{ set: 'name', name: action.name }];
    case 'file':
      return action.files.map((file) => {
        if (file.physicalName === undefined) {
          throw new SqlError({
            number: 1800,
            class: 16,
            state: 1,
            text: 'The CREATE DATABASE process is initializing database. A file name must be specified.',
          });
        }
        return {
          set: 'file',
          file: { type: file.type, logicalName: file.logicalName, physicalName: file.physicalName },
        };
      });
    case 'modify file':
      // Sizes of files follow their contents here.
      return [{ set: 'ignored', option: `MODIFY FILE ${action.logicalName}` }];
    case 'collate':
      throw unsupported('ALTER DATABASE COLLATE', statement.line);
  }
}

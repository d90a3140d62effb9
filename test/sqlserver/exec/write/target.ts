import { SqlError, type Database, type Table, type TableDefinition } from '../../contracts.ts';
import type { ModificationTarget } from '../../tsql/ast/modification.ts';
import type { ObjectName } from '../../tsql/ast/name.ts';
import { unsupported } from '../../tsql/errors.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import { invalidObject } from '../query/access-table.ts';
import { nameText, type Dependency } from '../query/planner.ts';
import type { RowWriter } from '../session/temporary.ts';

/** The table a statement changes. */
export interface Target {
  readonly definition: TableDefinition;
  /** Name in messages: the database, tempdb for temporary tables. */
  readonly databaseName: string;
  /** Absent for temporary tables and table variables. */
  readonly database?: Database;
  readonly table: (run: StatementRun) => Table;
  readonly dependency?: Dependency;
  readonly name: ObjectName;
}

export type WritePermission = 'INSERT' | 'UPDATE' | 'DELETE';

export function resolveTarget(target: ModificationTarget, run: StatementRun, permission: WritePermission): Target {
  if (target.kind === 'variable') {
    const key = target.name.toLowerCase();
    const table = run.activation.tables.get(key);
    if (table === undefined) {
      throw new SqlError({
        number: 1087,
        class: 15,
        state: 2,
        text: `Must declare the table variable "${target.name}".`,
      });
    }
    return {
      definition: table.definition,
      databaseName: 'tempdb',
      table: (at) => at.activation.tables.get(key) as Table,
      name: { name: target.name },
    };
  }
  return resolveTable(target.name, target.line, run, permission);
}

export function resolveTable(
  name: ObjectName,
  line: number,
  run: StatementRun,
  permission: WritePermission | undefined,
): Target {
  const { catalog } = run.session;
  if (name.name.startsWith('#')) {
    const table = catalog.temporaryTable(name.name);
    if (table === undefined) throw invalidObject(name, line);
    const { definition } = table;
    return {
      definition,
      databaseName: 'tempdb',
      table: () => table,
      name,
      dependency: {
        database: 'tempdb',
        name: definition.name,
        stillValid: (later) => later.temporaryTable(name.name) === table && table.definition === definition,
      },
    };
  }
  const database = name.database === undefined ? catalog.current : catalog.database(name.database);
  const table = findTable(database, name, catalog.defaultSchema);
  if (table === undefined) {
    const schema = name.schema ?? 'dbo';
    if (database.object(schema, name.name)?.kind === 'view')
      throw unsupported(`${permission ?? 'DDL'} through a view`, line);
    if (catalog.systemView(name.schema, name.name, database) !== undefined) {
      throw new SqlError({
        number: 259,
        class: 16,
        state: 1,
        text: 'Ad hoc updates to system catalogs are not allowed.',
        line,
      });
    }
    throw invalidObject(name, line);
  }
  const { definition } = table;
  if (permission !== undefined) catalog.checkAccess(permission, database, definition.schema, definition.name);
  return {
    definition,
    databaseName: database.name,
    database,
    table: () => table,
    name,
    dependency: {
      database: database.name,
      name: nameText(name),
      stillValid: (later) => {
        const now = name.database === undefined ? later.current : later.database(name.database);
        const same =
          now === database &&
          now.table(definition.schema, definition.name) === table &&
          table.definition === definition;
        if (same && permission !== undefined) {
          later.checkAccess(permission, database, definition.schema, definition.name);
        }
        return same;
      },
    },
  };
}

export function findTable(database: Database, name: ObjectName, defaultSchema: string): Table | undefined {
  if (name.schema !== undefined) return database.table(name.schema, name.name);
  return database.table(defaultSchema, name.name) ?? database.table('dbo', name.name);
}

/** Takes the exclusive lock and gives what changes the rows. */
export async function writerFor(target: Target, run: StatementRun): Promise<RowWriter> {
  if (target.database !== undefined) return run.writer(target.database, target.table(run));
  if (target.name.name.startsWith('@')) return run.variableWriter();
  run.checkWritable();
  return run.temporaryWriter();
}

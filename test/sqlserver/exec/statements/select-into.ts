import { SqlError, type Table, type TableDefinition } from '../../contracts.ts';
import type { ObjectName } from '../../tsql/ast/name.ts';
import type { ScopeColumn } from '../expression/scope.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import { makeTemporaryTable, type RowWriter } from '../session/temporary.ts';
import { checkNewTable } from './tables.ts';

/** The new table of SELECT … INTO. */
export async function createFromColumns(
  name: ObjectName,
  columns: readonly ScopeColumn[],
  line: number,
  run: StatementRun,
): Promise<{ readonly table: Table; readonly writer: RowWriter }> {
  const definition = definitionOf(name, columns, run, line);
  if (name.name.startsWith('#')) {
    const table = makeTemporaryTable(definition, run.now);
    run.session.temporary.create(table, ownerOf(run), run.unit.temporary);
    return { table, writer: run.temporaryWriter() };
  }
  const database =
    name.database === undefined ? run.session.catalog.current : run.session.catalog.database(name.database);
  checkNewTable(database, definition, run);
  run.checkWritable();
  const writer = run.unit.writer(database);
  return { table: writer.createTable(definition), writer };
}

/** A procedure's and dynamic SQL's temporary tables end with it. */
export function ownerOf(run: StatementRun): object | undefined {
  return run.activation.kind === 'batch' ? undefined : run.activation;
}

function definitionOf(
  name: ObjectName,
  columns: readonly ScopeColumn[],
  run: StatementRun,
  line: number,
): TableDefinition {
  const seen = new Set<string>();
  for (const column of columns) {
    const key = column.name.toLowerCase();
    if (key === '') {
      throw new SqlError({
        number: 1038,
        class: 15,
        state: 5,
        text: 'An object or column name is missing or empty. For SELECT INTO statements, verify each column has a name. For other statements, look for empty alias names. Aliases defined as "" or [] are not allowed. Change the alias to a valid name.',
        line,
      });
    }
    if (seen.has(key)) {
      throw new SqlError({
        number: 2705,
        class: 16,
        state: 3,
        text: `Column names in each table must be unique. Column name '${column.name}' in table '${name.name}' is specified more than once.`,
        line,
      });
    }
    seen.add(key);
  }
  const identities = columns.filter((column) => column.identity === true);
  return {
    schema: name.schema ?? run.session.catalog.defaultSchema,
    name: name.name,
    columns: columns.map((column) => ({
      name: column.name,
      type: column.type.name === 'sysname' ? { name: 'nvarchar', length: 128 } : column.type,
      nullable: column.nullable,
      ...(identities.length === 1 && column.identity === true ? { identity: { seed: 1n, increment: 1n } } : {}),
    })),
    keys: [],
    checks: [],
    foreignKeys: [],
  };
}

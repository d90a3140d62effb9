import { SqlError, type Database, type Table, type TableDefinition } from '../../contracts.ts';
import type { CreateTableStatement } from '../../tsql/ast/definition.ts';
import { unsupported } from '../../tsql/errors.ts';
import type { Outcome } from '../interpreter/signals.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import { makeTemporaryTable } from '../session/temporary.ts';
import { ownerOf } from './select-into.ts';
import { tableDefinition } from './table-definition.ts';

export async function executeCreateTable(statement: CreateTableStatement, run: StatementRun): Promise<Outcome> {
  const { name, elements } = statement;
  const { catalog, temporary } = run.session;
  const done = { done: { curCmd: 198 } };
  if (name.name.startsWith('##')) throw unsupported('global temporary tables', statement.line);
  if (name.name.startsWith('#')) {
    const definition = tableDefinition({ schema: 'dbo', name: name.name, elements, database: 'tempdb' });
    if (definition.foreignKeys.length > 0) {
      run.message({
        number: 1766,
        class: 0,
        state: 1,
        text: `Skipping FOREIGN KEY constraint '${definition.foreignKeys[0]?.name ?? ''}' definition for temporary table. FOREIGN KEY constraints are not enforced on local or global temporary tables.`,
      });
    }
    const table = makeTemporaryTable({ ...definition, foreignKeys: [] }, run.now);
    temporary.create(table, ownerOf(run), run.unit.temporary);
    return done;
  }
  const database = name.database === undefined ? catalog.current : catalog.database(name.database);
  requirePermission(run, database, 'CREATE TABLE');
  const schema = name.schema ?? catalog.defaultSchema;
  const definition = tableDefinition({ schema, name: name.name, elements, database: database.name });
  checkNewTable(database, definition, run);
  checkReferences(definition, database);
  run.checkWritable();
  run.unit.writer(database).createTable(definition);
  return done;
}

export function requirePermission(run: StatementRun, database: Database, permission: string): void {
  if (run.session.permissions.isSysadmin || run.session.permissions.onDatabase(database, permission)) return;
  throw new SqlError({
    number: 262,
    class: 14,
    state: 1,
    text: `${permission} permission denied in database '${database.name}'.`,
  });
}

export function checkNewTable(database: Database, definition: TableDefinition, run: StatementRun): void {
  const { schema, name } = definition;
  run.throwIfInterrupted();
  if (![...database.schemas()].some((known) => known.toLowerCase() === schema.toLowerCase())) {
    throw new SqlError({
      number: 2760,
      class: 16,
      state: 1,
      text: `The specified schema name "${schema}" either does not exist or you do not have permission to use it.`,
    });
  }
  if (database.table(schema, name) !== undefined || database.object(schema, name) !== undefined) {
    throw new SqlError({
      number: 2714,
      class: 16,
      state: 6,
      text: `There is already an object named '${name}' in the database.`,
    });
  }
  for (const table of database.tables()) {
    if (table.definition.schema.toLowerCase() !== schema.toLowerCase()) continue;
    const taken = [
      ...table.definition.keys.filter((key) => key.kind === 'primary'),
      ...table.definition.checks,
      ...table.definition.foreignKeys,
    ];
    for (const own of [
      ...definition.keys.filter((key) => key.kind === 'primary'),
      ...definition.checks,
      ...definition.foreignKeys,
    ]) {
      if (!taken.some((other) => other.name.toLowerCase() === own.name.toLowerCase())) continue;
      throw new SqlError(
        { number: 2714, class: 16, state: 5, text: `There is already an object named '${own.name}' in the database.` },
        { number: 1750, class: 16, state: 1, text: 'Could not create constraint or index. See previous errors.' },
      );
    }
  }
}

export function checkReferences(definition: TableDefinition, database: Database): void {
  for (const key of definition.foreignKeys) {
    const { schema, table } = key.references;
    const self =
      schema.toLowerCase() === definition.schema.toLowerCase() && table.toLowerCase() === definition.name.toLowerCase();
    const parent = self ? definition : database.table(schema, table)?.definition;
    if (parent === undefined) {
      throw new SqlError(
        {
          number: 1767,
          class: 16,
          state: 0,
          text: `Foreign key '${key.name}' references invalid table '${schema}.${table}'.`,
        },
        { number: 1750, class: 16, state: 1, text: 'Could not create constraint or index. See previous errors.' },
      );
    }
    const columns = key.references.columns.map((name) => name.toLowerCase());
    const unique = parent.keys.some(
      (other) =>
        other.kind !== 'index' &&
        (columns.length === 0
          ? other.kind === 'primary'
          : other.columns.length === columns.length &&
            other.columns.every((column) => columns.includes(column.name.toLowerCase()))),
    );
    if (unique) continue;
    throw new SqlError(
      {
        number: 1776,
        class: 16,
        state: 0,
        text: `There are no primary or candidate keys in the referenced table '${schema}.${table}' that match the referencing column list in the foreign key '${key.name}'.`,
      },
      { number: 1750, class: 16, state: 1, text: 'Could not create constraint or index. See previous errors.' },
    );
  }
}

/** DROP TABLE of one table; `table` was found by the caller. */
export async function dropTable(database: Database, table: Table, run: StatementRun): Promise<void> {
  const { definition } = table;
  for (const other of database.tables()) {
    if (other === table) continue;
    const references = other.definition.foreignKeys.some(
      (key) =>
        key.references.table.toLowerCase() === definition.name.toLowerCase() &&
        key.references.schema.toLowerCase() === definition.schema.toLowerCase(),
    );
    if (!references) continue;
    throw new SqlError({
      number: 3726,
      class: 16,
      state: 1,
      text: `Could not drop object '${definition.schema}.${definition.name}' because it is referenced by a FOREIGN KEY constraint.`,
    });
  }
  run.checkWritable();
  await run.lock(database, table, 'exclusive');
  run.unit.writer(database).dropTable(table);
}

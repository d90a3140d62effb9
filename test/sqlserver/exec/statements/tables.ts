import {
  SqlError,
  type ColumnDefinition,
  type Database,
  type SqlValue,
  type Table,
  type TableDefinition,
} from '../../contracts.ts';
import type {
  AlterTableStatement,
  ColumnElement,
  CreateIndexStatement,
  CreateTableStatement,
  DropIndexStatement,
  TableElement,
} from '../../tsql/ast/definition.ts';
import { unsupported } from '../../tsql/errors.ts';
import { Row } from '../expression/row.ts';
import type { Outcome } from '../interpreter/signals.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import { makeTemporaryTable } from '../session/temporary.ts';
import { defaultOf, shapeOf, storeConverter } from '../write/shape.ts';
import { resolveTable, type Target } from '../write/target.ts';
import { ownerOf } from './select-into.ts';
import {
  checkKeyColumns,
  checksOf,
  columnDefinition,
  constraintName,
  foreignKeysOf,
  keysOf,
  tableDefinition,
} from './table-definition.ts';

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

function checkReferences(definition: TableDefinition, database: Database): void {
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

type MapRow = (values: readonly SqlValue[]) => readonly SqlValue[];

/** Changes a definition under the table's exclusive lock. */
async function alter(
  target: Target,
  definition: TableDefinition,
  map: MapRow | undefined,
  run: StatementRun,
): Promise<void> {
  const table = target.table(run);
  if (target.database === undefined) {
    run.temporaryWriter().alter(table, definition, map);
    return;
  }
  run.checkWritable();
  await run.lock(target.database, table, 'exclusive');
  run.unit.writer(target.database).alterTable(table, definition, map);
}

function targetOf(name: CreateIndexStatement['table'], line: number, run: StatementRun, code: number): Target {
  try {
    const target = run.compile(() => resolveTable(name, line, run, undefined));
    if (target.database !== undefined) requirePermission(run, target.database, 'ALTER');
    return target;
  } catch (error) {
    if (!(error instanceof SqlError) || error.messages[0]?.number !== 208) throw error;
    const written = name.schema === undefined ? name.name : `${name.schema}.${name.name}`;
    const text = `Cannot find the object "${written}" because it does not exist or you do not have permissions.`;
    throw new SqlError({ number: code, class: 16, state: 1, text });
  }
}

export async function executeAlterTable(statement: AlterTableStatement, run: StatementRun): Promise<Outcome> {
  const { action } = statement;
  const target = targetOf(statement.name, statement.line, run, 4902);
  switch (action.kind) {
    case 'add':
      await add(target, action.elements, run);
      break;
    case 'alter column':
      await alterColumn(target, action.column, run);
      break;
    case 'drop':
      await drop(target, action, run);
      break;
    case 'rebuild':
      break;
  }
  return { done: { curCmd: 216 } };
}

async function add(
  target: Target,
  elements: readonly (ColumnElement | TableElement)[],
  run: StatementRun,
): Promise<void> {
  const { definition } = target;
  const { schema, name } = definition;
  const columnElements = elements.filter((element) => element.kind === 'column');
  const constraints = [
    ...columnElements.flatMap((column) => column.constraints),
    ...elements.filter((element) => element.kind !== 'column'),
  ];
  const known: ColumnElement[] = definition.columns.map((column) => ({
    kind: 'column',
    name: column.name,
    type: column.type,
    constraints: [],
    line: 0,
  }));
  const added = columnElements.map((column) => columnDefinition(column, [...known, ...columnElements], name));
  for (const column of added) {
    if (definition.columns.some((other) => other.name.toLowerCase() === column.name.toLowerCase())) {
      throw new SqlError({
        number: 2705,
        class: 16,
        state: 4,
        text: `Column names in each table must be unique. Column name '${column.name}' in table '${schema}.${name}' is specified more than once.`,
      });
    }
    if (
      !column.nullable &&
      column.defaultText === undefined &&
      column.identity === undefined &&
      target.table(run).rowCount > 0
    ) {
      throw new SqlError({
        number: 4901,
        class: 16,
        state: 1,
        text: `ALTER TABLE only allows columns to be added that can contain nulls, or have a DEFAULT definition specified, or the column being added is an identity or timestamp column, or alternatively if none of the previous conditions are satisfied the table must be empty to allow addition of this column. Column '${column.name}' cannot be added to non-empty table '${name}' because it does not satisfy these conditions.`,
      });
    }
  }
  let columns: readonly ColumnDefinition[] = [...definition.columns, ...added];
  for (const constraint of constraints) {
    if (constraint.kind === 'default') columns = withDefault(columns, constraint, name);
  }
  const next: TableDefinition = {
    ...definition,
    columns,
    keys: [...definition.keys, ...keysOf(constraints, name)],
    checks: [...definition.checks, ...checksOf(constraints, name, columns)],
    foreignKeys: [...definition.foreignKeys, ...foreignKeysOf(constraints, name, schema)],
  };
  if (next.keys.filter((key) => key.kind === 'primary').length > 1) {
    throw new SqlError(
      { number: 1779, class: 16, state: 0, text: `Table '${name}' already has a primary key defined on it.` },
      { number: 1750, class: 16, state: 1, text: 'Could not create constraint or index. See previous errors.' },
    );
  }
  checkKeyColumns(next.keys, columns, name);
  checkPrimaryNotNull(next);
  if (target.database !== undefined) checkReferences(next, target.database);
  checkExistingRows(target, next, definition, run);
  await alter(target, next, added.length === 0 ? undefined : adder(next, added, run), run);
}

function withDefault(
  columns: readonly ColumnDefinition[],
  constraint: Extract<TableElement, { kind: 'default' }>,
  table: string,
): readonly ColumnDefinition[] {
  const wanted = constraint.column.toLowerCase();
  const column = columns.find((other) => other.name.toLowerCase() === wanted);
  if (column === undefined) {
    throw new SqlError({
      number: 1752,
      class: 16,
      state: 0,
      text: `Column '${constraint.column}' in table '${table}' is invalid for creating a default constraint.`,
    });
  }
  if (column.defaultText !== undefined) {
    throw new SqlError(
      { number: 1781, class: 16, state: 1, text: 'Column already has a DEFAULT bound to it.' },
      { number: 1750, class: 16, state: 1, text: 'Could not create constraint or index. See previous errors.' },
    );
  }
  const defaultName = constraint.name ?? constraintName('DF', table, column.name);
  return columns.map((other) => (other === column ? { ...other, defaultText: constraint.text, defaultName } : other));
}

function checkPrimaryNotNull(definition: TableDefinition): void {
  const primary = definition.keys.find((key) => key.kind === 'primary');
  for (const { name } of primary?.columns ?? []) {
    const column = definition.columns.find((other) => other.name.toLowerCase() === name.toLowerCase());
    if (column?.nullable !== true) continue;
    throw new SqlError(
      {
        number: 8111,
        class: 16,
        state: 1,
        text: `Cannot define PRIMARY KEY constraint on nullable column in table '${definition.name}'.`,
      },
      { number: 1750, class: 16, state: 1, text: 'Could not create constraint or index. See previous errors.' },
    );
  }
}

/** New CHECK constraints hold for the rows that are there (WITH CHECK). */
function checkExistingRows(target: Target, next: TableDefinition, before: TableDefinition, run: StatementRun): void {
  if (next.checks.length === before.checks.length || next.columns.length !== before.columns.length) return;
  const { checks } = shapeOf(next);
  for (const row of target.table(run).rows()) {
    const at = new Row([row.values], null);
    for (const check of checks.slice(before.checks.length)) {
      if (check.test(at, run) !== false) continue;
      throw new SqlError({
        number: 547,
        class: 16,
        state: 0,
        text: `The ALTER TABLE statement conflicted with the CHECK constraint "${check.name}". The conflict occurred in database "${target.databaseName}", table "${next.schema}.${next.name}"${check.column === undefined ? '' : `, column '${check.column}'`}.`,
      });
    }
  }
}

/** Existing rows get the default when the new column is NOT NULL, else NULL. */
function adder(definition: TableDefinition, added: readonly ColumnDefinition[], run: StatementRun): MapRow {
  const shape = shapeOf(definition);
  const first = definition.columns.length - added.length;
  let identity: bigint | undefined;
  return (values) => {
    const next: SqlValue[] = values.slice(0, first);
    added.forEach((column, i) => {
      if (column.identity !== undefined) {
        identity = identity === undefined ? column.identity.seed : identity + column.identity.increment;
        next.push(column.type.name === 'bigint' ? identity : Number(identity));
      } else {
        next.push(column.nullable ? null : defaultOf(shape, first + i, run));
      }
    });
    for (const { index, value } of shape.computed) next[index] = value.evaluate(new Row([next], null), run);
    return next;
  };
}

async function alterColumn(target: Target, element: ColumnElement, run: StatementRun): Promise<void> {
  const { definition } = target;
  const index = definition.columns.findIndex((column) => column.name.toLowerCase() === element.name.toLowerCase());
  const before = definition.columns[index];
  if (before === undefined) {
    throw new SqlError({
      number: 4924,
      class: 16,
      state: 1,
      text: `ALTER TABLE ALTER COLUMN failed because column '${element.name}' does not exist in table '${definition.name}'.`,
    });
  }
  const type = element.type ?? before.type;
  const inKey = definition.keys.find((key) =>
    key.columns.some((column) => column.name.toLowerCase() === before.name.toLowerCase()),
  );
  if (inKey !== undefined && (inKey.kind === 'primary' || type.name !== before.type.name)) {
    throw new SqlError(
      {
        number: 5074,
        class: 16,
        state: 1,
        text: `The object '${inKey.name}' is dependent on column '${before.name}'.`,
      },
      {
        number: 4922,
        class: 16,
        state: 9,
        text: `ALTER TABLE ALTER COLUMN ${before.name} failed because one or more objects access this column.`,
      },
    );
  }
  const after: ColumnDefinition = { ...before, type, nullable: element.nullable ?? true };
  const columns = definition.columns.map((column, i) => (i === index ? after : column));
  const next = { ...definition, columns };
  const convert = storeConverter(before.type, after, next, target.databaseName);
  await alter(
    target,
    next,
    (values) => {
      const value = values[index] as SqlValue;
      if (value === null && !after.nullable) {
        throw new SqlError({
          number: 515,
          class: 16,
          state: 2,
          text: `Cannot insert the value NULL into column '${after.name}', table '${target.databaseName}.${definition.schema}.${definition.name}'; column does not allow nulls. UPDATE fails.`,
        });
      }
      const changed = values.slice();
      changed[index] = convert === undefined ? value : convert(value, run.convert);
      return changed;
    },
    run,
  );
}

async function drop(
  target: Target,
  action: Extract<AlterTableStatement['action'], { kind: 'drop' }>,
  run: StatementRun,
): Promise<void> {
  let { definition } = target;
  const dropped = new Set<number>();
  for (const { column, name } of action.items) {
    const wanted = name.toLowerCase();
    if (!column) {
      definition = withoutConstraint(definition, name, action.ifExists);
      continue;
    }
    const index = target.definition.columns.findIndex((other) => other.name.toLowerCase() === wanted);
    if (index < 0) {
      if (action.ifExists) continue;
      throw new SqlError({
        number: 4924,
        class: 16,
        state: 1,
        text: `ALTER TABLE DROP COLUMN failed because column '${name}' does not exist in table '${definition.name}'.`,
      });
    }
    checkUnused(definition, name);
    dropped.add(index);
    definition = { ...definition, columns: definition.columns.filter((other) => other.name.toLowerCase() !== wanted) };
  }
  const map: MapRow | undefined = dropped.size === 0 ? undefined : (values) => values.filter((_, i) => !dropped.has(i));
  await alter(target, definition, map, run);
}

function withoutConstraint(definition: TableDefinition, name: string, ifExists: boolean): TableDefinition {
  const wanted = name.toLowerCase();
  const keep = (item: { readonly name: string }): boolean => item.name.toLowerCase() !== wanted;
  const next: TableDefinition = {
    ...definition,
    keys: definition.keys.filter((key) => key.kind === 'index' || keep(key)),
    checks: definition.checks.filter(keep),
    foreignKeys: definition.foreignKeys.filter(keep),
    columns: definition.columns.map((column) => {
      if (column.defaultName?.toLowerCase() !== wanted) return column;
      const { defaultText: _text, defaultName: _name, ...rest } = column;
      return rest;
    }),
  };
  const changed =
    next.keys.length !== definition.keys.length ||
    next.checks.length !== definition.checks.length ||
    next.foreignKeys.length !== definition.foreignKeys.length ||
    next.columns.some((column, i) => column !== definition.columns[i]);
  if (!changed && !ifExists) {
    throw new SqlError(
      { number: 3728, class: 16, state: 1, text: `'${name}' is not a constraint.` },
      { number: 3727, class: 16, state: 0, text: 'Could not drop constraint. See previous errors.' },
    );
  }
  return next;
}

function checkUnused(definition: TableDefinition, column: string): void {
  const wanted = column.toLowerCase();
  const uses = [
    ...definition.keys.filter((key) => key.columns.some((other) => other.name.toLowerCase() === wanted)),
    ...definition.foreignKeys.filter((key) => key.columns.some((other) => other.toLowerCase() === wanted)),
    ...definition.columns.flatMap((other) =>
      other.name.toLowerCase() === wanted && other.defaultName !== undefined ? [{ name: other.defaultName }] : [],
    ),
  ];
  const [use] = uses;
  if (use === undefined) return;
  throw new SqlError(
    { number: 5074, class: 16, state: 1, text: `The object '${use.name}' is dependent on column '${column}'.` },
    {
      number: 4922,
      class: 16,
      state: 9,
      text: `ALTER TABLE DROP COLUMN ${column} failed because one or more objects access this column.`,
    },
  );
}

export async function executeCreateIndex(statement: CreateIndexStatement, run: StatementRun): Promise<Outcome> {
  const target = targetOf(statement.table, statement.line, run, 1088);
  const { definition } = target;
  if (definition.keys.some((key) => key.name.toLowerCase() === statement.name.toLowerCase())) {
    throw new SqlError({
      number: 1913,
      class: 16,
      state: 1,
      text: `The operation failed because an index or statistics with name '${statement.name}' already exists on table '${definition.schema}.${definition.name}'.`,
    });
  }
  const key = {
    name: statement.name,
    kind: statement.unique ? ('unique' as const) : ('index' as const),
    columns: statement.columns,
  };
  checkKeyColumns([key], definition.columns, definition.name);
  await alter(target, { ...definition, keys: [...definition.keys, key] }, undefined, run);
  return { done: { curCmd: 200 } };
}

export async function executeDropIndex(statement: DropIndexStatement, run: StatementRun): Promise<Outcome> {
  for (const { name, table } of statement.indexes) {
    const target = targetOf(table, statement.line, run, 1088);
    const { definition } = target;
    const key = definition.keys.find((other) => other.name.toLowerCase() === name.toLowerCase());
    if (key === undefined) {
      if (statement.ifExists) continue;
      throw new SqlError({
        number: 3701,
        class: 11,
        state: 7,
        text: `Cannot drop the index '${definition.name}.${name}', because it does not exist or you do not have permission.`,
      });
    }
    if (key.kind === 'primary') {
      throw new SqlError({
        number: 3723,
        class: 16,
        state: 4,
        text: `An explicit DROP INDEX is not allowed on index '${definition.name}.${name}'. It is being used for PRIMARY KEY constraint enforcement.`,
      });
    }
    await alter(target, { ...definition, keys: definition.keys.filter((other) => other !== key) }, undefined, run);
  }
  return { done: { curCmd: 201 } };
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

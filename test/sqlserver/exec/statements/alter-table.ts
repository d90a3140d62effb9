import { SqlError, type ColumnDefinition, type SqlValue, type TableDefinition } from '../../contracts.ts';
import type { AlterTableStatement, ColumnElement, TableElement } from '../../tsql/ast/definition.ts';
import { Row } from '../expression/row.ts';
import type { Outcome } from '../interpreter/signals.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import { defaultOf, shapeOf, storeConverter } from '../write/shape.ts';
import type { Target } from '../write/target.ts';
import { alter, alterTarget, type MapRow } from './alter-target.ts';
import { drop } from './alter-table-drop.ts';
import {
  checkKeyColumns,
  checksOf,
  columnDefinition,
  constraintName,
  foreignKeysOf,
  keysOf,
} from './table-definition.ts';
import { checkReferences } from './tables.ts';

export async function executeAlterTable(statement: AlterTableStatement, run: StatementRun): Promise<Outcome> {
  const { action } = statement;
  const target = alterTarget(statement.name, statement.line, run, 4902);
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

import { randomBytes } from 'node:crypto';
import {
  SqlError,
  type CheckDefinition,
  type ColumnDefinition,
  type ForeignKeyDefinition,
  type KeyDefinition,
  type SqlType,
  type TableDefinition,
} from '../../contracts.ts';
import type { ColumnElement, TableElement } from '../../tsql/ast/definition.ts';
import { compileExpression } from '../expression/compile.ts';
import { Scope } from '../expression/scope.ts';
import { STATIC_ENVIRONMENT } from '../expression/static-environment.ts';

type Element = ColumnElement | TableElement;

export interface TableDefinitionOptions {
  readonly schema: string;
  readonly name: string;
  readonly database: string;
  readonly elements: readonly Element[];
}

/** PK__Orders____3214EC07A1B2C3D4: kind, the table's name, something unique. */
export function constraintName(kind: 'PK' | 'UQ' | 'CK' | 'DF' | 'FK', table: string, column?: string): string {
  const unique = randomBytes(kind === 'PK' || kind === 'UQ' ? 8 : 4)
    .toString('hex')
    .toUpperCase();
  const pad = (text: string, length: number): string => text.slice(0, length).padEnd(length, '_');
  return column === undefined
    ? `${kind}__${pad(table, 9)}${unique}`
    : `${kind}__${pad(table, 9)}__${pad(column, 5)}__${unique}`;
}

export function tableDefinition(options: TableDefinitionOptions): TableDefinition {
  const { schema, name, elements } = options;
  const columnElements = elements.filter((element) => element.kind === 'column');
  if (columnElements.length === 0) throw failure(1701, `Creating or altering table '${name}' failed.`);
  checkColumns(columnElements, name);
  const constraints = [
    ...columnElements.flatMap((column) => column.constraints),
    ...elements.filter((element) => element.kind !== 'column'),
  ];
  const keys = keysOf(constraints, name);
  const primary = keys.find((key) => key.kind === 'primary');
  if (keys.filter((key) => key.kind === 'primary').length > 1) {
    throw failure(8110, `Cannot add multiple PRIMARY KEY constraints to table '${name}'.`);
  }
  const inPrimary = new Set(primary?.columns.map((column) => column.name.toLowerCase()) ?? []);
  const columns = columnElements.map((column) => columnDefinition(column, columnElements, name, inPrimary));
  checkKeyColumns(keys, columns, name);
  return {
    schema,
    name,
    columns,
    keys,
    checks: checksOf(constraints, name, columns),
    foreignKeys: foreignKeysOf(constraints, name, schema),
  };
}

function checkColumns(columns: readonly ColumnElement[], table: string): void {
  const seen = new Set<string>();
  for (const column of columns) {
    const key = column.name.toLowerCase();
    if (seen.has(key)) {
      throw failure(
        2705,
        `Column names in each table must be unique. Column name '${column.name}' in table '${table}' is specified more than once.`,
        3,
      );
    }
    seen.add(key);
  }
  if (columns.filter((column) => column.identity !== undefined).length > 1) {
    throw failure(
      2744,
      `Multiple identity columns specified for table '${table}'. Only one identity column per table is allowed.`,
      2,
    );
  }
}

export function columnDefinition(
  column: ColumnElement,
  all: readonly ColumnElement[],
  table: string,
  inPrimary: ReadonlySet<string> = new Set(),
): ColumnDefinition {
  const { name, computed, computedText } = column;
  if (computed !== undefined && computedText !== undefined) {
    return { name, type: computedType(column, all), nullable: true, computedText };
  }
  const type = column.type as SqlType;
  if (column.identity !== undefined) checkIdentity(column, type);
  const key = inPrimary.has(name.toLowerCase());
  if (key && column.nullable === true) {
    throw failure(8111, `Cannot define PRIMARY KEY constraint on nullable column in table '${table}'.`);
  }
  return {
    name,
    type,
    nullable: column.nullable ?? (!key && column.identity === undefined),
    ...(column.identity === undefined ? {} : { identity: column.identity }),
    ...(column.defaultText === undefined
      ? {}
      : { defaultText: column.defaultText, defaultName: column.defaultName ?? constraintName('DF', table, name) }),
  };
}

function checkIdentity(column: ColumnElement, type: SqlType): void {
  const whole =
    ['tinyint', 'smallint', 'int', 'bigint'].includes(type.name) ||
    (type.precision !== undefined && (type.scale ?? 0) === 0);
  if (!whole) {
    throw failure(
      2749,
      `Identity column '${column.name}' must be of data type int, bigint, smallint, tinyint, or decimal or numeric with a scale of 0, unencrypted, and constrained to be nonnullable.`,
      2,
    );
  }
}

function computedType(column: ColumnElement, all: readonly ColumnElement[]): SqlType {
  const scope = new Scope(STATIC_ENVIRONMENT);
  scope.add({
    alias: '',
    columns: all.flatMap(({ name, type }) => (type === undefined ? [] : [{ name, type, nullable: true }])),
  });
  return compileExpression(column.computed as NonNullable<ColumnElement['computed']>, scope).type;
}

export function keysOf(constraints: readonly TableElement[], table: string): KeyDefinition[] {
  return constraints.flatMap((constraint): KeyDefinition[] => {
    if (constraint.kind !== 'key') return [];
    const generated = constraintName(constraint.key === 'primary' ? 'PK' : 'UQ', table);
    return [{ name: constraint.name ?? generated, kind: constraint.key, columns: constraint.columns }];
  });
}

export function checksOf(
  constraints: readonly TableElement[],
  table: string,
  columns: readonly ColumnDefinition[],
): CheckDefinition[] {
  return constraints.flatMap((constraint) => {
    if (constraint.kind !== 'check') return [];
    const mentioned = columns.find((column) =>
      JSON.stringify(constraint.expression, plain).toLowerCase().includes(`"${column.name.toLowerCase()}"`),
    );
    return [{ name: constraint.name ?? constraintName('CK', table, mentioned?.name), text: constraint.text }];
  });
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

export function foreignKeysOf(
  constraints: readonly TableElement[],
  table: string,
  schema: string,
): ForeignKeyDefinition[] {
  return constraints.flatMap((constraint) => {
    if (constraint.kind !== 'foreign') return [];
    return [
      {
        name: constraint.name ?? constraintName('FK', table, constraint.columns[0]),
        columns: constraint.columns,
        references: {
          schema: constraint.references.schema ?? schema,
          table: constraint.references.name,
          columns: constraint.referencedColumns,
        },
      },
    ];
  });
}

export function checkKeyColumns(
  keys: readonly KeyDefinition[],
  columns: readonly ColumnDefinition[],
  table: string,
): void {
  for (const key of keys) {
    for (const { name } of key.columns) {
      const column = columns.find((other) => other.name.toLowerCase() === name.toLowerCase());
      if (column === undefined) {
        throw failure(1911, `Column name '${name}' does not exist in the target table or view.`);
      }
      if (column.type.length === -1 || ['text', 'ntext', 'image'].includes(column.type.name)) {
        throw failure(
          1919,
          `Column '${column.name}' in table '${table}' is of a type that is invalid for use as a key column in an index.`,
        );
      }
    }
  }
}

function failure(number: number, text: string, state = 1): SqlError {
  return new SqlError({ number, class: 16, state, text });
}

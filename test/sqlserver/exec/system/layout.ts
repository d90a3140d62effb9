import type { ResultColumn, SqlType, SqlTypeName, SqlValue } from '../../contracts.ts';

/** One column of a system view, with the value it has when a row does not say otherwise. */
export interface LayoutColumn extends ResultColumn {
  readonly fallback: SqlValue | undefined;
}

const entry = /^(\w+|\[[^\]]+\]) (\w+)(?:\((\w+)(?:,(\d+))?\))?( null)?( computed)?(?: = (.+))?$/;

/**
 * Reads columns from text, in the words of the documentation of the view:
 * `database_id int, name sysname, state tinyint null computed, is_sparse bit = 0, type char(2) = 'U ', [MB free] int`.
 *
 * Wire flags follow what a real server sends for catalog views: 8 for NOT NULL, 9 for nullable, 32 more and never 8 for
 * what it computes, which is every bit.
 */
export function layout(text: string): readonly LayoutColumn[] {
  return text
    .trim()
    .split(/,(?![^(]*\))(?=(?:[^']*'[^']*')*[^']*$)\s*/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const match = entry.exec(part);
      if (!match) throw new Error(`not a column: ${part}`);
      const [, name, typeName, first, second, nullable, computed, constant] = match;
      const type = columnType(typeName as SqlTypeName, first, second);
      const isNullable = nullable !== undefined;
      const isComputed = computed !== undefined || type.name === 'bit';
      return {
        name: (name as string).replace(/^\[(.*)\]$/, '$1'),
        type,
        nullable: isNullable,
        flags: (isComputed ? 32 : 8) + (isNullable ? 1 : 0),
        fallback: constant === undefined ? (isNullable ? null : undefined) : constantOf(constant),
      };
    });
}

function columnType(name: SqlTypeName, first: string | undefined, second: string | undefined): SqlType {
  if (name === 'sysname') return { name: 'sysname', length: 128 };
  if (first === undefined) return { name };
  const number = first === 'max' ? -1 : Number(first);
  if (name === 'numeric' || name === 'decimal') return { name, precision: number, scale: Number(second ?? 0) };
  if (name === 'datetime2' || name === 'datetimeoffset' || name === 'time') return { name, scale: number };
  return { name, length: number };
}

function constantOf(text: string): SqlValue {
  if (text === 'null') return null;
  if (text.startsWith("'")) return text.slice(1, -1);
  return Number(text);
}

/** Lets a view hand out plain numbers where the column is bit, bigint or numeric. */
function coerce(type: SqlType, value: SqlValue): SqlValue {
  if (value === null) return null;
  switch (type.name) {
    case 'bit':
      return typeof value === 'boolean' ? value : Number(value) !== 0;
    case 'bigint':
      return typeof value === 'number' ? BigInt(Math.trunc(value)) : value;
    case 'numeric':
    case 'decimal':
      return typeof value === 'bigint'
        ? { unscaled: value * 10n ** BigInt(type.scale ?? 0), scale: type.scale ?? 0 }
        : value;
    case 'char':
    case 'nchar':
      return typeof value === 'string' ? value.padEnd(type.length ?? 1) : value;
    default:
      return value;
  }
}

/** A row by column name. What it leaves out takes the fallback of the layout. */
export type Row = Readonly<Record<string, SqlValue | undefined>>;

export function rowValues(columns: readonly LayoutColumn[], row: Row): SqlValue[] {
  return columns.map((column) => {
    const value = row[column.name] ?? column.fallback;
    if (value === undefined) throw new Error(`column ${column.name} has neither a value nor a fallback`);
    return coerce(column.type, value);
  });
}

import { SqlError, type SqlType, type SqlValue, type StoredRow } from '../../contracts.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import type { RowWriter } from '../session/temporary.ts';
import type { Converter } from '../types/convert.ts';
import { integerValue } from '../types/convert-number.ts';
import { arithmeticOverflow } from '../types/errors.ts';
import { defaultOf, finishRow, shapeOf, storeConverter, type TableShape } from './shape.ts';
import type { Target } from './target.ts';

interface InsertColumn {
  readonly index: number;
  readonly convert: Converter | undefined;
}

/** Where the values of incoming rows go in a table. */
export interface InsertPlan {
  readonly target: Target;
  readonly shape: TableShape;
  readonly columns: readonly InsertColumn[];
  readonly writesIdentity: boolean;
}

interface SourceColumn {
  readonly type: SqlType;
  readonly untyped?: boolean;
}

/** `names` undefined: every column but identity and computed ones, in order. */
export function insertPlan(
  target: Target,
  names: readonly string[] | undefined,
  source: readonly SourceColumn[],
  run: StatementRun,
): InsertPlan {
  const { definition } = target;
  const shape = shapeOf(definition);
  const identityOn = isIdentityInsertOn(target, run);
  const indexes =
    names === undefined
      ? definition.columns.flatMap((column, i) =>
          column.computedText !== undefined || (column.identity !== undefined && !identityOn) ? [] : [i],
        )
      : names.map((name) => columnIndex(target, name));
  checkCount(names, indexes.length, source.length);
  const writesIdentity = shape.identity >= 0 && indexes.includes(shape.identity);
  if (names === undefined && identityOn) {
    throw new SqlError({
      number: 8101,
      class: 16,
      state: 1,
      text: `An explicit value for the identity column in table '${target.name.name}' can only be specified when a column list is used and IDENTITY_INSERT is ON.`,
    });
  }
  if (writesIdentity && !identityOn) {
    throw new SqlError({
      number: 544,
      class: 16,
      state: 1,
      text: `Cannot insert explicit value for identity column in table '${definition.name}' when IDENTITY_INSERT is set to OFF.`,
    });
  }
  if (names !== undefined && identityOn && shape.identity >= 0 && !writesIdentity) {
    throw new SqlError({
      number: 545,
      class: 16,
      state: 1,
      text: `Explicit value must be specified for identity column in table '${definition.name}' either when IDENTITY_INSERT is set to ON or when a replication user is inserting into a NOT FOR REPLICATION identity column.`,
    });
  }
  const columns = indexes.map((index, i) => {
    const column = definition.columns[index] as (typeof definition.columns)[number];
    const from = source[i] as SourceColumn;
    const convert =
      from.untyped === true ? undefined : storeConverter(from.type, column, definition, target.databaseName);
    return { index, convert };
  });
  return { target, shape, columns, writesIdentity };
}

export function columnIndex(target: Target, name: string): number {
  const { columns } = target.definition;
  const index = columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase());
  if (index < 0) throw new SqlError({ number: 207, class: 16, state: 1, text: `Invalid column name '${name}'.` });
  const column = columns[index];
  if (column?.computedText !== undefined) {
    throw new SqlError({
      number: 271,
      class: 16,
      state: 1,
      text: `The column "${column.name}" cannot be modified because it is either a computed column or is the result of a UNION operator.`,
    });
  }
  return index;
}

function checkCount(names: readonly string[] | undefined, columns: number, values: number): void {
  if (columns === values) return;
  if (names === undefined) {
    throw new SqlError({
      number: 213,
      class: 16,
      state: 1,
      text: 'Column name or number of supplied values does not match table definition.',
    });
  }
  const more = columns > values;
  throw new SqlError({
    number: more ? 120 : 121,
    class: 15,
    state: 1,
    text: `The select list for the INSERT statement contains ${more ? 'fewer' : 'more'} items than the insert list. The number of SELECT values must match the number of INSERT columns.`,
  });
}

function isIdentityInsertOn(target: Target, run: StatementRun): boolean {
  const on = run.session.identityInsert;
  return on !== undefined && on.table === target.table(run);
}

/** Marks a DEFAULT among the values of a row. */
export const DEFAULT_VALUE = Symbol('DEFAULT');

/** The complete row for one of the source. */
export function buildRow(
  plan: InsertPlan,
  source: readonly (SqlValue | typeof DEFAULT_VALUE)[],
  writer: RowWriter,
  run: StatementRun,
  verb: 'INSERT' | 'MERGE' = 'INSERT',
): SqlValue[] {
  const { shape, target } = plan;
  const { definition } = shape;
  const values = new Array<SqlValue>(definition.columns.length).fill(null);
  const given = new Set<number>();
  for (let i = 0; i < plan.columns.length; i += 1) {
    const { index, convert } = plan.columns[i] as InsertColumn;
    const value = source[i];
    if (value === DEFAULT_VALUE || value === undefined) continue;
    values[index] = convert === undefined ? value : convert(value, run.convert);
    given.add(index);
  }
  for (let i = 0; i < values.length; i += 1) {
    if (!given.has(i) && i !== shape.identity) values[i] = defaultOf(shape, i, run);
  }
  const table = target.table(run);
  if (shape.identity >= 0) {
    if (plan.writesIdentity) {
      noteIdentity(
        values[shape.identity] as SqlValue,
        table.lastIdentity,
        definition.columns[shape.identity]?.identity?.increment ?? 1n,
        (value) => writer.reseed(table, value),
      );
      remember(values[shape.identity] as SqlValue, run);
    } else {
      const next = writer.nextIdentity(table);
      values[shape.identity] = identityValue(next, definition.columns[shape.identity]?.type as SqlType);
      remember(next, run);
    }
  }
  finishRow(shape, values, run, verb, target.databaseName);
  return values;
}

function identityValue(value: bigint, type: SqlType): SqlValue {
  if (type.name === 'decimal' || type.name === 'numeric') return { unscaled: value, scale: 0 };
  return integerValue(value, type, () => arithmeticOverflow('IDENTITY', type.name, 1));
}

/** An explicit value beyond the last one moves the identity on. */
function noteIdentity(value: SqlValue, last: bigint | null, increment: bigint, reseed: (value: bigint) => void): void {
  const given = wholeOf(value);
  if (given === undefined) return;
  if (last === null || (increment > 0n ? given > last : given < last)) reseed(given);
}

function wholeOf(value: SqlValue): bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return BigInt(value);
  if (value !== null && typeof value === 'object' && 'unscaled' in value) return value.unscaled;
  return undefined;
}

function remember(value: SqlValue, run: StatementRun): void {
  const whole = wholeOf(value);
  if (whole === undefined) return;
  run.session.lastIdentity = whole;
  run.activation.scopeIdentity = whole;
}

/** Inserts rows that are complete; gives the stored ones. */
export function insertAll(
  plan: InsertPlan,
  rows: readonly (readonly SqlValue[])[],
  writer: RowWriter,
  run: StatementRun,
): StoredRow[] {
  const table = plan.target.table(run);
  return rows.map((row) => writer.insert(table, row));
}

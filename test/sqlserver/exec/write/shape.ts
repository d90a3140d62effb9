import { SqlError, type ColumnDefinition, type SqlType, type SqlValue, type TableDefinition } from '../../contracts.ts';
import { compileCondition } from '../expression/condition.ts';
import { compileExpression } from '../expression/compile.ts';
import type { Compiled, Run, Test } from '../expression/compiled.ts';
import { Row } from '../expression/row.ts';
import { Scope } from '../expression/scope.ts';
import { parseConditionText, parseScalarText, STATIC_ENVIRONMENT } from '../expression/static-environment.ts';
import { convertTo } from '../expression/arithmetic.ts';
import { converter, type Converter } from '../types/convert.ts';
import { familyOf, isNational, lengthOf, sameType } from '../types/sqltype.ts';

/** What a table demands of its rows, compiled from its definition once. */
export interface TableShape {
  readonly definition: TableDefinition;
  /** Index of the identity column, -1 without. */
  readonly identity: number;
  readonly defaults: readonly (Compiled | undefined)[];
  readonly computed: readonly { readonly index: number; readonly value: Compiled }[];
  readonly checks: readonly { readonly name: string; readonly column: string | undefined; readonly test: Test }[];
}

const SHAPES = new WeakMap<TableDefinition, TableShape>();
const NO_ROW = new Row([], null);

export function shapeOf(definition: TableDefinition): TableShape {
  let shape = SHAPES.get(definition);
  if (shape === undefined) {
    shape = compileShape(definition);
    SHAPES.set(definition, shape);
  }
  return shape;
}

function compileShape(definition: TableDefinition): TableShape {
  const scope = new Scope(STATIC_ENVIRONMENT);
  scope.add({
    alias: definition.name,
    schema: definition.schema,
    columns: definition.columns.map(({ name, type, nullable }) => ({ name, type, nullable })),
  });
  const columnType = (column: ColumnDefinition): SqlType => column.type;
  return {
    definition,
    identity: definition.columns.findIndex((column) => column.identity !== undefined),
    defaults: definition.columns.map((column) => {
      if (column.defaultText === undefined) return undefined;
      const value = compileExpression(parseScalarText(column.defaultText), new Scope(STATIC_ENVIRONMENT));
      return storing(value, column, definition, '');
    }),
    computed: definition.columns.flatMap((column, index) => {
      if (column.computedText === undefined) return [];
      const value = compileExpression(parseScalarText(column.computedText), scope);
      return [{ index, value: convertTo(value, columnType(column)) }];
    }),
    checks: definition.checks.map((check) => {
      const condition = parseConditionText(check.text);
      const mentioned = definition.columns.filter((column) => mentions(condition, column.name));
      return {
        name: check.name,
        column: mentioned.length === 1 ? mentioned[0]?.name : undefined,
        test: compileCondition(condition, scope),
      };
    }),
  };
}

function mentions(value: unknown, column: string): boolean {
  if (Array.isArray(value)) return value.some((item) => mentions(item, column));
  if (typeof value !== 'object' || value === null) return false;
  const node = value as { kind?: string; parts?: readonly string[] };
  if (node.kind === 'column') return node.parts?.at(-1)?.toLowerCase() === column.toLowerCase();
  return Object.values(value).some((item) => mentions(item, column));
}

/** Fills computed columns and checks NOT NULL and CHECK. `verb` goes into the messages. */
export function finishRow(
  shape: TableShape,
  values: SqlValue[],
  run: Run,
  verb: 'INSERT' | 'UPDATE' | 'MERGE',
  database: string,
): void {
  const { definition } = shape;
  if (shape.computed.length > 0) {
    const row = new Row([values], null);
    for (const { index, value } of shape.computed) values[index] = value.evaluate(row, run);
  }
  for (let i = 0; i < values.length; i += 1) {
    const column = definition.columns[i] as ColumnDefinition;
    if (values[i] === null && !column.nullable && column.computedText === undefined) {
      throw new SqlError({
        number: 515,
        class: 16,
        state: 2,
        text: `Cannot insert the value NULL into column '${column.name}', table '${database}.${definition.schema}.${definition.name}'; column does not allow nulls. ${verb} fails.`,
      });
    }
  }
  if (shape.checks.length === 0) return;
  const row = new Row([values], null);
  for (const check of shape.checks) {
    if (check.test(row, run) !== false) continue;
    const place = check.column === undefined ? '' : `, column '${check.column}'`;
    throw new SqlError({
      number: 547,
      class: 16,
      state: 0,
      text: `The ${verb} statement conflicted with the CHECK constraint "${check.name}". The conflict occurred in database "${database}", table "${definition.schema}.${definition.name}"${place}.`,
    });
  }
}

/** An expression converted for storage in a column: text that does not fit is an error, not cut. */
export function storing(
  value: Compiled,
  column: ColumnDefinition,
  definition: TableDefinition,
  database: string,
): Compiled {
  if (value.untyped === true) return { ...value, type: column.type };
  const store = storeConverter(value.type, column, definition, database);
  if (store === undefined) return value;
  const { evaluate } = value;
  return {
    type: column.type,
    nullable: value.nullable,
    evaluate: (row, run) => store(evaluate(row, run), run.convert),
  };
}

/** undefined: values go in as they are. */
export function storeConverter(
  from: SqlType,
  column: ColumnDefinition,
  definition: TableDefinition,
  database: string,
): Converter | undefined {
  const to = column.type;
  const family = familyOf(to);
  if (family !== 'string' && family !== 'binary') return sameType(from, to) ? undefined : converter(from, to);
  const limit = lengthOf(to);
  const fixed = to.name === 'char' || to.name === 'nchar' || to.name === 'binary';
  if (!fixed && familyOf(from) === family && lengthOf(from) <= limit && isNational(from) === isNational(to))
    return undefined;
  if (family === 'binary') return binaryStore(from, column, definition, database, limit);
  const wide: SqlType = { name: isNational(to) ? 'nvarchar' : 'varchar', length: -1 };
  const limited =
    familyOf(from) === 'string' || familyOf(from) === 'binary'
      ? wide
      : { name: wide.name, length: Math.min(limit, isNational(to) ? 4000 : 8000) };
  const convert = converter(from, limit === Infinity ? wide : limited);
  return (value, context) => {
    const text = convert(value, context) as string | null;
    if (text === null) return null;
    if (text.length > limit) {
      const trimmed = text.replace(/ +$/, '');
      if (trimmed.length > limit) throw truncated(definition, column, database, text.slice(0, limit));
      return text.slice(0, limit);
    }
    return fixed ? text.padEnd(limit, ' ') : text;
  };
}

function binaryStore(
  from: SqlType,
  column: ColumnDefinition,
  definition: TableDefinition,
  database: string,
  limit: number,
): Converter {
  const convert = converter(from, familyOf(from) === 'binary' ? { name: 'varbinary', length: -1 } : column.type);
  return (value, context) => {
    const bytes = convert(value, context) as Uint8Array | null;
    if (bytes === null) return null;
    if (bytes.length > limit) {
      throw truncated(
        definition,
        column,
        database,
        `0x${Buffer.from(bytes.slice(0, limit)).toString('hex').toUpperCase()}`,
      );
    }
    if (column.type.name !== 'binary' || bytes.length === limit) return bytes;
    const padded = new Uint8Array(limit);
    padded.set(bytes);
    return padded;
  };
}

function truncated(definition: TableDefinition, column: ColumnDefinition, database: string, value: string): SqlError {
  return new SqlError({
    number: 2628,
    class: 16,
    state: 1,
    text: `String or binary data would be truncated in table '${database}.${definition.schema}.${definition.name}', column '${column.name}'. Truncated value: '${value.slice(0, 100)}'.`,
  });
}

/** The column's default, or null. */
export function defaultOf(shape: TableShape, index: number, run: Run): SqlValue {
  return shape.defaults[index]?.evaluate(NO_ROW, run) ?? null;
}

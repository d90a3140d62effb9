import type { Decimal, KeyDefinition, SqlType, SqlValue, StoredRow, Table, TableDefinition } from '../../contracts.ts';
import { converter } from '../types/convert.ts';
import { rescale } from '../types/decimal.ts';
import { commonType, decimalShape, familyOf } from '../types/sqltype.ts';
import type { Compiled, Run } from '../expression/compiled.ts';
import type { Row } from '../expression/row.ts';

/** `column = value` known before the table is read. */
export interface Equality {
  readonly column: string;
  readonly value: Compiled;
}

/** No row can be equal to the value. */
const NOTHING = Symbol('nothing');

type KeyValue = (row: Row, run: Run) => SqlValue | typeof NOTHING;

export interface Seek {
  /** undefined: the table has no key for it after all. */
  find(table: Table, base: Row, run: Run): Iterable<StoredRow> | undefined;
}

/** The longest prefix of a key that the equalities cover. */
export function planSeek(definition: TableDefinition, equalities: readonly Equality[]): Seek | undefined {
  const byColumn = new Map<string, KeyValue>();
  for (const { column, value } of equalities) {
    const type = definition.columns.find((other) => other.name.toLowerCase() === column.toLowerCase())?.type;
    const key = type === undefined ? undefined : keyValue(type, value);
    if (key !== undefined && !byColumn.has(column.toLowerCase())) byColumn.set(column.toLowerCase(), key);
  }
  let best: readonly string[] = [];
  for (const key of definition.keys) {
    const prefix = coveredPrefix(key, byColumn);
    const complete = key.kind !== 'index' && prefix.length === key.columns.length;
    if (complete) {
      best = prefix;
      break;
    }
    if (prefix.length > best.length) best = prefix;
  }
  if (best.length === 0) return undefined;
  const values = best.map((column) => byColumn.get(column.toLowerCase()) as KeyValue);
  return {
    find: (table, base, run) => {
      const wanted: SqlValue[] = [];
      for (const value of values) {
        const found = value(base, run);
        if (found === NOTHING || found === null) return [];
        wanted.push(found);
      }
      return table.seek(best, wanted);
    },
  };
}

function coveredPrefix(key: KeyDefinition, known: ReadonlyMap<string, KeyValue>): string[] {
  const prefix: string[] = [];
  for (const { name } of key.columns) {
    if (!known.has(name.toLowerCase())) break;
    prefix.push(name);
  }
  return prefix;
}

/** The value in the column's own representation, only where that cannot change the comparison's meaning. */
function keyValue(type: SqlType, value: Compiled): KeyValue | undefined {
  if (value.untyped === true) return () => NOTHING;
  const column = familyOf(type);
  const other = familyOf(value.type);
  const { evaluate } = value;
  if (column === 'string' && other === 'string') return evaluate;
  if (column === 'float' || type.name === 'sql_variant' || value.type.name === 'sql_variant') return undefined;
  const whole = (family: string): boolean => family === 'integer' || family === 'bigint';
  if (whole(column) && whole(other)) return (row, run) => integerKey(evaluate(row, run), type);
  if (column === 'decimal' && (whole(other) || other === 'decimal')) {
    const { scale } = decimalShape(type);
    return (row, run) => decimalKey(evaluate(row, run), scale);
  }
  if (column === other && column !== 'datetime' && column !== 'time') return evaluate;
  if (column === 'decimal' || column === 'string' || commonType(type, value.type).name !== type.name) return undefined;
  const convert = converter(value.type, type);
  return (row, run) => convert(evaluate(row, run), run.convert);
}

const LIMITS: Readonly<Record<string, readonly [number, number]>> = {
  tinyint: [0, 255],
  smallint: [-32768, 32767],
  int: [-2147483648, 2147483647],
};

function integerKey(value: SqlValue, type: SqlType): SqlValue | typeof NOTHING {
  if (value === null) return null;
  if (type.name === 'bigint') return BigInt(value as number | bigint);
  const number = Number(value);
  const [low, high] = LIMITS[type.name] as readonly [number, number];
  return number < low || number > high ? NOTHING : number;
}

function decimalKey(value: SqlValue, scale: number): SqlValue | typeof NOTHING {
  if (value === null) return null;
  const exact: Decimal = typeof value === 'object' ? (value as Decimal) : { unscaled: BigInt(value), scale: 0 };
  const result = rescale(exact, scale);
  const back = rescale(result, Math.max(exact.scale, scale));
  return back.unscaled === rescale(exact, Math.max(exact.scale, scale)).unscaled ? result : NOTHING;
}

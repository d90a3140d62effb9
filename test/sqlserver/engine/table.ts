import type { SqlMoment, SqlValue, StoredRow, Table, TableDefinition } from '../contracts.ts';
import { HashIndex } from './index.ts';
import { failure, sqlError } from './messages.ts';
import { SqlError } from '../contracts.ts';

export interface TableImage {
  readonly definition: TableDefinition;
  readonly rows: Map<number, StoredRow>;
}

function shown(value: SqlValue): string {
  if (value === null) return '<NULL>';
  if (typeof value !== 'object') return String(value);
  if ('unscaled' in value) {
    const digits = (value.unscaled < 0n ? -value.unscaled : value.unscaled).toString().padStart(value.scale + 1, '0');
    const sign = value.unscaled < 0n ? '-' : '';
    return value.scale === 0 ? sign + digits : `${sign}${digits.slice(0, -value.scale)}.${digits.slice(-value.scale)}`;
  }
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex')}`;
  if ('ticks' in value) return String(value.ticks);
  return shown(value.value);
}

/** Rows in memory. Indexes are built when first needed, so loading a database costs one pass over its rows. */
export class TableData implements Table {
  readonly id: number;
  readonly createDate: SqlMoment;
  definition: TableDefinition;
  stored: Map<number, StoredRow>;
  nextRow = 1;
  lastIdentity: bigint | null = null;
  #unique: HashIndex[] | undefined;
  readonly #others = new Map<string, HashIndex>();

  constructor(id: number, createDate: SqlMoment, image: TableImage) {
    this.id = id;
    this.createDate = createDate;
    this.definition = image.definition;
    this.stored = image.rows;
  }

  get rowCount(): number {
    return this.stored.size;
  }

  rows(): Iterable<StoredRow> {
    return this.stored.values();
  }

  seek(columns: readonly string[], values: readonly SqlValue[]): Iterable<StoredRow> | undefined {
    const wanted = columns.map((c) => c.toLowerCase());
    const serves = this.definition.keys.some((key) =>
      wanted.every((c) => key.columns.slice(0, wanted.length).some((k) => k.name.toLowerCase() === c)),
    );
    if (!serves || new Set(wanted).size !== wanted.length) return undefined;
    const pairs = wanted.map((c, i) => ({ ordinal: this.#ordinal(c), value: values[i]! }));
    pairs.sort((a, b) => a.ordinal - b.ordinal);
    return this.#indexOn(pairs.map((p) => p.ordinal)).find(pairs.map((p) => p.value));
  }

  image(): TableImage {
    return { definition: this.definition, rows: this.stored };
  }

  replace(image: TableImage): void {
    this.definition = image.definition;
    this.stored = image.rows;
    this.#unique = undefined;
    this.#others.clear();
  }

  /** @throws SqlError 2627, 2601 */
  checkKeys(values: readonly SqlValue[], replaced?: StoredRow): void {
    for (const index of this.#uniqueIndexes()) {
      const holder = index.holder(values);
      if (holder !== undefined && holder !== replaced) throw this.#duplicate(index, values);
    }
  }

  put(row: StoredRow): void {
    const previous = this.stored.get(row.id);
    if (this.#unique !== undefined || this.#others.size > 0) {
      for (const index of this.#built()) {
        if (previous !== undefined) index.remove(previous);
        index.add(row);
      }
    }
    this.stored.set(row.id, row);
    if (row.id >= this.nextRow) this.nextRow = row.id + 1;
  }

  take(id: number): void {
    const row = this.stored.get(id);
    if (row === undefined) return;
    for (const index of this.#built()) index.remove(row);
    this.stored.delete(id);
  }

  *#built(): Iterable<HashIndex> {
    if (this.#unique !== undefined) yield* this.#unique;
    yield* this.#others.values();
  }

  #ordinal(column: string): number {
    return this.definition.columns.findIndex((c) => c.name.toLowerCase() === column.toLowerCase());
  }

  #uniqueIndexes(): readonly HashIndex[] {
    if (this.#unique === undefined) {
      this.#unique = this.definition.keys
        .filter((key) => key.kind !== 'index')
        .map(
          (key) =>
            new HashIndex(
              key.columns.map((c) => this.#ordinal(c.name)),
              key,
            ),
        );
      for (const row of this.stored.values()) {
        for (const index of this.#unique) {
          if (index.holder(row.values) !== undefined) {
            const error = this.#duplicate(index, row.values);
            this.#unique = undefined;
            throw error;
          }
          index.add(row);
        }
      }
    }
    return this.#unique;
  }

  /** Builds the unique indexes now, so that ALTER TABLE or CREATE INDEX over duplicates fails. @throws SqlError 1505 */
  verifyKeys(): void {
    try {
      this.#uniqueIndexes();
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      const text = error.messages[0]?.text ?? '';
      const [, value = ''] = /duplicate key value is (\(.*\))/.exec(text) ?? [];
      const key = /constraint '([^']+)'|unique index '([^']+)'/.exec(text);
      const { schema, name } = this.definition;
      throw new SqlError(
        failure(
          1505,
          `The CREATE UNIQUE INDEX statement terminated because a duplicate key was found for the object name '${schema}.${name}' and the index name '${key?.[1] ?? key?.[2] ?? ''}'. The duplicate key value is ${value}.`,
        ),
      );
    }
  }

  #indexOn(ordinals: readonly number[]): HashIndex {
    const name = ordinals.join(',');
    const known = this.#others.get(name);
    if (known !== undefined) return known;
    const index = new HashIndex(ordinals);
    for (const row of this.stored.values()) index.add(row);
    this.#others.set(name, index);
    return index;
  }

  #duplicate(index: HashIndex, values: readonly SqlValue[]): SqlError {
    const kind = index.key?.kind === 'primary' ? 'PRIMARY KEY' : 'UNIQUE KEY';
    const list = index.ordinals.map((o) => shown(values[o]!)).join(', ');
    const { schema, name } = this.definition;
    return sqlError(
      2627,
      `Violation of ${kind} constraint '${index.key?.name ?? ''}'. Cannot insert duplicate key in object '${schema}.${name}'. The duplicate key value is (${list}).`,
      1,
      14,
    );
  }
}

import { SqlError } from '../contracts.ts';
import type {
  DatabaseUser,
  SqlValue,
  StoredRow,
  Table,
  TableDefinition,
  TextObject,
  Transaction,
} from '../contracts.ts';
import { ByteWriter } from './bytes.ts';
import type { Content, Undo } from './content.ts';
import type { LockManager } from './lock.ts';
import { writeChange } from './log/change.ts';
import type { Change } from './log/change.ts';
import type { Mark } from './log/block.ts';
import { failure, sqlError } from './messages.ts';
import { momentNow } from './moment.ts';
import { TableData } from './table.ts';
import type { Clock } from '../contracts.ts';

/** What a transaction needs of its database. */
export interface TransactionHome {
  readonly content: Content;
  readonly locks: LockManager;
  readonly clock: Clock;
  /** @throws SqlError 3906 and others, when nothing may be written. */
  checkWritable(): void;
  /** Writes the records to the log; returns when the file has them. */
  commit(records: Buffer, mark: Mark | undefined): void;
  end(transaction: EngineTransaction): void;
}

export class EngineTransaction implements Transaction {
  readonly id: bigint;
  mark?: { readonly name: string; readonly description: string };
  state: Transaction['state'] = 'active';
  readonly undo: Undo[] = [];
  /** Length of the records before each entry of `undo`. */
  readonly #marks: number[] = [];
  readonly #records = new ByteWriter();
  readonly #home: TransactionHome;
  readonly spid: number;

  constructor(id: bigint, home: TransactionHome, spid: number) {
    this.id = id;
    this.#home = home;
    this.spid = spid;
  }

  lock(table: Table, mode: 'shared' | 'exclusive', signal: AbortSignal, timeoutMs?: number): Promise<void> {
    return this.#home.locks.acquire(this, table, { mode, signal, timeoutMs });
  }

  get blockedBy(): number {
    return this.#home.locks.blockerOf(this);
  }

  releaseShared(): void {
    this.#home.locks.releaseShared(this);
  }

  insert(table: Table, values: readonly SqlValue[]): StoredRow {
    const data = this.#writable(table);
    data.checkKeys(values);
    const row = { id: data.nextRow, values };
    this.#record({ op: 'insert', table: data.id, row: row.id, values }, { op: 'delete', table: data.id, row: row.id });
    data.put(row);
    return row;
  }

  update(table: Table, row: StoredRow, values: readonly SqlValue[]): StoredRow {
    const data = this.#writable(table);
    const current = this.#current(data, row);
    data.checkKeys(values, current);
    const next = { id: row.id, values };
    this.#record({ op: 'update', table: data.id, row: row.id, values }, { op: 'row', table: data.id, stored: current });
    data.put(next);
    return next;
  }

  delete(table: Table, row: StoredRow): void {
    const data = this.#writable(table);
    const current = this.#current(data, row);
    this.#record({ op: 'delete', table: data.id, row: row.id }, { op: 'row', table: data.id, stored: current });
    data.take(row.id);
  }

  truncate(table: Table): void {
    const data = this.#writable(table);
    const image = data.image();
    this.#record({ op: 'truncate', table: data.id }, { op: 'image', table: data.id, image });
    data.replace({ definition: image.definition, rows: new Map() });
    this.#setIdentity(data, null);
  }

  nextIdentity(table: Table): bigint {
    const data = this.#writable(table);
    const identity = data.definition.columns.find((c) => c.identity !== undefined)?.identity;
    if (identity === undefined) throw new Error(`table ${data.definition.name} has no identity column`);
    const value = data.lastIdentity === null ? identity.seed : data.lastIdentity + identity.increment;
    // A rollback does not give identity values back (CREATE TABLE (Transact-SQL) IDENTITY): redo only, no undo.
    writeChange(this.#records, { op: 'identity', table: data.id, value });
    data.lastIdentity = value;
    return value;
  }

  reseed(table: Table, value: bigint): void {
    this.#setIdentity(this.#writable(table), value);
  }

  #setIdentity(data: TableData, value: bigint | null): void {
    const previous = data.lastIdentity;
    this.#record({ op: 'identity', table: data.id, value }, { op: 'identity', table: data.id, value: previous });
    data.lastIdentity = value;
  }

  createTable(definition: TableDefinition): Table {
    this.#home.checkWritable();
    const { content } = this.#home;
    this.#checkName(definition.schema, definition.name);
    const data = new TableData(content.takeObjectId(), momentNow(this.#home.clock), { definition, rows: new Map() });
    this.#record({ op: 'nextObjectId', value: content.nextObjectId });
    this.#record(
      { op: 'createTable', table: data.id, createDate: data.createDate, definition },
      { op: 'dropTable', table: data.id },
    );
    content.addTable(data);
    this.#home.locks.tryExclusive(this, data);
    return data;
  }

  alterTable(
    table: Table,
    definition: TableDefinition,
    map?: (values: readonly SqlValue[]) => readonly SqlValue[],
  ): void {
    const data = this.#writable(table);
    const before = data.image();
    const renamed =
      before.definition.schema.toLowerCase() !== definition.schema.toLowerCase() ||
      before.definition.name.toLowerCase() !== definition.name.toLowerCase();
    if (renamed) this.#checkName(definition.schema, definition.name);
    const rows = map === undefined ? new Map(before.rows) : new Map<number, StoredRow>();
    const mapped: StoredRow[] = [];
    if (map !== undefined) {
      for (const row of before.rows.values()) {
        const next = { id: row.id, values: map(row.values) };
        rows.set(row.id, next);
        mapped.push(next);
      }
    }
    this.#home.content.setImage(data.id, { definition, rows });
    try {
      data.verifyKeys();
    } catch (error) {
      this.#home.content.setImage(data.id, before);
      throw error;
    }
    this.#record({ op: 'alterTable', table: data.id, definition }, { op: 'image', table: data.id, image: before });
    for (const row of mapped) {
      writeChange(this.#records, { op: 'update', table: data.id, row: row.id, values: row.values });
    }
  }

  dropTable(table: Table): void {
    const data = this.#writable(table);
    this.#record({ op: 'dropTable', table: data.id }, { op: 'table', data });
    this.#home.content.dropTable(data.id);
  }

  putObject(object: Omit<TextObject, 'id'>): TextObject {
    this.#home.checkWritable();
    const { content } = this.#home;
    const existing = content.object(object.schema, object.name);
    if (existing === undefined) this.#checkName(object.schema, object.name);
    const id = existing?.id ?? content.takeObjectId();
    const stored: TextObject = { ...object, id };
    if (existing === undefined) this.#record({ op: 'nextObjectId', value: content.nextObjectId });
    this.#apply(
      { op: 'object', object: stored },
      existing === undefined ? { op: 'dropObject', id } : { op: 'object', object: existing },
    );
    return stored;
  }

  dropObject(object: TextObject): void {
    this.#apply({ op: 'dropObject', id: object.id }, { op: 'object', object });
  }

  createSchema(name: string): void {
    this.#apply({ op: 'schema', name }, { op: 'dropSchema', name });
  }

  putUser(user: DatabaseUser): void {
    const existing = this.#home.content.users.get(user.name.toLowerCase());
    this.#apply(
      { op: 'user', user },
      existing === undefined ? { op: 'dropUser', name: user.name } : { op: 'user', user: existing },
    );
  }

  dropUser(name: string): void {
    const existing = this.#home.content.users.get(name.toLowerCase());
    if (existing !== undefined) this.#apply({ op: 'dropUser', name }, { op: 'user', user: existing });
  }

  /** Not of T-SQL: the server's own values. */
  setProperty(key: string, value: string | null): void {
    const previous = this.#home.content.properties.get(key) ?? null;
    this.#apply({ op: 'property', key, value }, { op: 'property', key, value: previous });
  }

  savepoint(): number {
    return this.undo.length;
  }

  rollbackTo(savepoint: number): void {
    this.#active();
    while (this.undo.length > savepoint) {
      this.#home.content.apply(this.undo.pop()!);
      this.#records.length = this.#marks.pop()!;
    }
  }

  commit(): void {
    this.#active();
    if (this.#records.length > 0 || this.mark !== undefined) this.#home.commit(this.#records.view(), this.mark);
    this.state = 'committed';
    this.#home.end(this);
  }

  rollback(): void {
    if (this.state !== 'active') return;
    this.rollbackTo(0);
    this.state = 'rolledback';
    this.#home.end(this);
  }

  #apply(change: Change, undo: Undo): void {
    this.#active();
    this.#home.checkWritable();
    this.#record(change, undo);
    this.#home.content.apply(change);
  }

  #record(change: Change, undo?: Undo): void {
    if (undo !== undefined) {
      this.undo.push(undo);
      this.#marks.push(this.#records.length);
    }
    writeChange(this.#records, change);
  }

  #active(): void {
    if (this.state !== 'active') throw new Error(`transaction ${this.id} is ${this.state}`);
  }

  /** A table that this transaction may change: without its lock, other sessions would see what is not committed. */
  #writable(table: Table): TableData {
    this.#active();
    this.#home.checkWritable();
    const data = this.#home.content.tables.get(table.id);
    if (data === undefined) throw new Error(`table ${table.definition.name} is gone`);
    const { locks } = this.#home;
    if (!locks.holdsExclusive(this, data) && !locks.tryExclusive(this, data)) {
      throw new Error(`table ${data.definition.name} is locked by another transaction`);
    }
    return data;
  }

  #current(data: TableData, row: StoredRow): StoredRow {
    const current = data.stored.get(row.id);
    if (current === undefined) throw new Error(`row ${row.id} of ${data.definition.name} is gone`);
    return current;
  }

  #checkName(schema: string, name: string): void {
    const { content } = this.#home;
    if (!content.schemas.has(schema) && ![...content.schemas].some((s) => s.toLowerCase() === schema.toLowerCase())) {
      throw new SqlError(
        failure(
          2760,
          `The specified schema name "${schema}" either does not exist or you do not have permission to use it.`,
        ),
      );
    }
    if (content.table(schema, name) !== undefined || content.object(schema, name) !== undefined) {
      throw sqlError(2714, `There is already an object named '${name}' in the database.`, 6);
    }
  }
}

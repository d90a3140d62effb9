import {
  SqlError,
  type SqlMoment,
  type SqlValue,
  type StoredRow,
  type Table,
  type TableDefinition,
} from '../../contracts.ts';
import { TableData } from '../../engine/table.ts';
import type { UndoTemporary } from './unit-of-work.ts';

/** Ids of temporary tables are negative on a real server as well. */
let lastId = -1_000_000_000;

export function makeTemporaryTable(definition: TableDefinition, createDate: SqlMoment): TableData {
  lastId += 1;
  return new TableData(lastId, createDate, { definition, rows: new Map() });
}

/** What a statement may do with the rows of a table: a Transaction for stored ones, {@link TemporaryWriter} here. */
export interface RowWriter {
  insert(table: Table, values: readonly SqlValue[]): StoredRow;
  update(table: Table, row: StoredRow, values: readonly SqlValue[]): StoredRow;
  delete(table: Table, row: StoredRow): void;
  truncate(table: Table): void;
  nextIdentity(table: Table): bigint;
  reseed(table: Table, value: bigint): void;
}

/** Changes rows in memory and remembers how to take each change back; nothing is logged. */
export class TemporaryWriter implements RowWriter {
  readonly #undo: UndoTemporary[];

  constructor(undo: UndoTemporary[]) {
    this.#undo = undo;
  }

  insert(table: Table, values: readonly SqlValue[]): StoredRow {
    const data = dataOf(table);
    data.checkKeys(values);
    const row = { id: data.nextRow, values };
    data.put(row);
    this.#undo.push(() => data.take(row.id));
    return row;
  }

  update(table: Table, row: StoredRow, values: readonly SqlValue[]): StoredRow {
    const data = dataOf(table);
    const current = data.stored.get(row.id) ?? row;
    data.checkKeys(values, current);
    const next = { id: row.id, values };
    data.put(next);
    this.#undo.push(() => data.put(current));
    return next;
  }

  delete(table: Table, row: StoredRow): void {
    const data = dataOf(table);
    const current = data.stored.get(row.id);
    if (current === undefined) return;
    data.take(row.id);
    this.#undo.push(() => data.put(current));
  }

  truncate(table: Table): void {
    const data = dataOf(table);
    const image = data.image();
    const identity = data.lastIdentity;
    data.replace({ definition: data.definition, rows: new Map() });
    data.lastIdentity = null;
    this.#undo.push(() => {
      data.replace(image);
      data.lastIdentity = identity;
    });
  }

  nextIdentity(table: Table): bigint {
    const data = dataOf(table);
    const identity = data.definition.columns.find((column) => column.identity !== undefined)?.identity;
    if (identity === undefined) throw new Error(`table ${data.definition.name} has no identity column`);
    data.lastIdentity = data.lastIdentity === null ? identity.seed : data.lastIdentity + identity.increment;
    return data.lastIdentity;
  }

  reseed(table: Table, value: bigint): void {
    const data = dataOf(table);
    const previous = data.lastIdentity;
    data.lastIdentity = value;
    this.#undo.push(() => {
      data.lastIdentity = previous;
    });
  }

  alter(table: Table, definition: TableDefinition, map?: (values: readonly SqlValue[]) => readonly SqlValue[]): void {
    const data = dataOf(table);
    const image = data.image();
    const rows = new Map<number, StoredRow>();
    for (const row of data.stored.values())
      rows.set(row.id, map === undefined ? row : { id: row.id, values: map(row.values) });
    data.replace({ definition, rows });
    try {
      data.verifyKeys();
    } catch (error) {
      data.replace(image);
      throw error;
    }
    this.#undo.push(() => data.replace(image));
  }
}

function dataOf(table: Table): TableData {
  if (!(table instanceof TableData)) throw new Error(`${table.definition.name} is not a temporary table`);
  return table;
}

interface Entry {
  readonly table: TableData;
  /** The activation that created it: it goes when a procedure ends; undefined: when the session ends. */
  readonly owner: object | undefined;
}

/** The #tables of one session. */
export class TemporaryTables {
  readonly #entries: Entry[] = [];

  find(name: string): TableData | undefined {
    const wanted = name.toLowerCase();
    return this.#entries.findLast((entry) => entry.table.definition.name.toLowerCase() === wanted)?.table;
  }

  *all(): Iterable<TableData> {
    for (const entry of this.#entries) yield entry.table;
  }

  /** A procedure may create a #table of a name that its caller has, but not twice itself. */
  create(table: TableData, owner: object | undefined, undo: UndoTemporary[]): void {
    const { name } = table.definition;
    const taken = this.#entries.some(
      (entry) => entry.owner === owner && entry.table.definition.name.toLowerCase() === name.toLowerCase(),
    );
    if (taken) {
      throw new SqlError({
        number: 2714,
        class: 16,
        state: 6,
        text: `There is already an object named '${name}' in the database.`,
      });
    }
    const entry = { table, owner };
    this.#entries.push(entry);
    undo.push(() => this.#remove(entry));
  }

  drop(table: TableData, undo: UndoTemporary[]): void {
    const entry = this.#entries.find((other) => other.table === table);
    if (entry === undefined) return;
    const at = this.#entries.indexOf(entry);
    this.#entries.splice(at, 1);
    undo.push(() => this.#entries.splice(at, 0, entry));
  }

  /** At the end of a procedure or of dynamic SQL. */
  dropOwnedBy(owner: object): void {
    for (const entry of this.#entries.filter((other) => other.owner === owner)) this.#remove(entry);
  }

  clear(): void {
    this.#entries.length = 0;
  }

  #remove(entry: Entry): void {
    const at = this.#entries.indexOf(entry);
    if (at >= 0) this.#entries.splice(at, 1);
  }
}

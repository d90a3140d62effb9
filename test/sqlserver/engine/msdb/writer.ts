import type { SqlValue, StoredRow } from '../../contracts.ts';
import type { EngineInstance } from '../instance.ts';
import type { TableData } from '../table.ts';
import type { EngineTransaction } from '../transaction.ts';

/** Inserts into history tables by column name, in one transaction over msdb. */
export class HistoryWriter {
  readonly #transaction: EngineTransaction;
  readonly #tables: ReadonlyMap<string, TableData>;

  private constructor(transaction: EngineTransaction, tables: ReadonlyMap<string, TableData>) {
    this.#transaction = transaction;
    this.#tables = tables;
  }

  /** Waits for whoever else writes these tables; always in the same order, so that two writers never block each other. */
  static async open(instance: EngineInstance, names: readonly string[], signal: AbortSignal): Promise<HistoryWriter> {
    const msdb = instance.database('msdb');
    if (msdb === undefined) throw new Error('there is no msdb');
    const tables = new Map(
      names.toSorted().map((name) => {
        const table = msdb.table('dbo', name);
        if (table === undefined) throw new Error(`there is no msdb.dbo.${name}`);
        return [name, table];
      }),
    );
    const transaction = msdb.begin();
    try {
      for (const table of tables.values()) await transaction.lock(table, 'exclusive', signal);
    } catch (error) {
      transaction.rollback();
      throw error;
    }
    return new HistoryWriter(transaction, tables);
  }

  #table(name: string): TableData {
    const table = this.#tables.get(name);
    if (table === undefined) throw new Error(`${name} is not open`);
    return table;
  }

  /** Columns that are not given are NULL; returns the identity value, or 0. */
  insert(name: string, row: Readonly<Record<string, SqlValue>>): number {
    const table = this.#table(name);
    let identity = 0;
    const values = table.definition.columns.map((column) => {
      if (column.identity !== undefined) {
        identity = Number(this.#transaction.nextIdentity(table));
        return identity;
      }
      return row[column.name] ?? null;
    });
    this.#transaction.insert(table, values);
    return identity;
  }

  find(name: string, column: string, value: SqlValue): StoredRow | undefined {
    const [row] = this.#table(name).seek([column], [value]) ?? [];
    return row;
  }

  /** A row's value under a column name. */
  read(name: string, row: StoredRow, column: string): SqlValue {
    const ordinal = this.#table(name).definition.columns.findIndex((c) => c.name === column);
    return row.values[ordinal] ?? null;
  }

  rows(name: string): Iterable<StoredRow> {
    return this.#table(name).rows();
  }

  replace(name: string, row: StoredRow, change: Readonly<Record<string, SqlValue>>): void {
    const table = this.#table(name);
    const values = table.definition.columns.map((c, i) => change[c.name] ?? row.values[i] ?? null);
    this.#transaction.update(table, row, values);
  }

  commit(): void {
    this.#transaction.commit();
  }

  rollback(): void {
    this.#transaction.rollback();
  }
}

import assert from 'node:assert/strict';
import type { Workload } from '../../support/workload.ts';

/** Every row that was committed, by database: what must never be lost. */
export class Ledger {
  readonly databases: readonly string[];
  readonly #notes: ReadonlyMap<string, string[]>;

  constructor(databases: readonly string[]) {
    this.databases = databases;
    this.#notes = new Map(databases.map((database) => [database, []]));
  }

  async create(sql: Workload): Promise<void> {
    for (const database of this.databases) await sql.create(database);
  }

  /** One row in each. */
  async write(sql: Workload, note: string): Promise<void> {
    for (const database of this.databases) {
      await sql.write(database, note);
      this.#notes.get(database)?.push(note);
    }
  }

  /** A server holds all of it, and nothing else. */
  async assertIn(sql: Workload, nameOf: (database: string) => string = (database) => database): Promise<void> {
    for (const database of this.databases) {
      assert.deepEqual(await sql.notes(nameOf(database)), this.#notes.get(database), database);
    }
  }
}

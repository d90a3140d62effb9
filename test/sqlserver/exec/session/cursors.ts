import { SqlError, type SqlType, type SqlValue } from '../../contracts.ts';
import type { ScopeColumn } from '../expression/scope.ts';
import type { Query } from '../../tsql/ast/query.ts';

export interface OpenCursor {
  readonly columns: readonly ScopeColumn[];
  readonly rows: readonly (readonly SqlValue[])[];
  /** Index of the current row; -1 before the first. */
  position: number;
}

export interface Cursor {
  readonly name: string;
  readonly query: Query;
  readonly scroll: boolean;
  /** The plan's variables: those of the batch that declared the cursor. */
  readonly variables: ReadonlyMap<string, SqlType>;
  open: OpenCursor | undefined;
}

/** Cursors of one session by lower-case name; all are static: they keep the rows they opened with. */
export class Cursors {
  readonly #cursors = new Map<string, Cursor>();

  declare(cursor: Cursor): void {
    const key = cursor.name.toLowerCase();
    if (this.#cursors.has(key)) {
      throw failure(16915, `A cursor with the name '${cursor.name}' already exists.`);
    }
    this.#cursors.set(key, cursor);
  }

  get(name: string): Cursor {
    const cursor = this.#cursors.get(name.toLowerCase());
    if (cursor === undefined) throw failure(16916, `A cursor with the name '${name}' does not exist.`);
    return cursor;
  }

  opened(name: string): OpenCursor {
    const { open } = this.get(name);
    if (open === undefined) throw failure(16917, 'Cursor is not open.');
    return open;
  }

  deallocate(name: string): void {
    this.get(name);
    this.#cursors.delete(name.toLowerCase());
  }

  has(name: string): boolean {
    return this.#cursors.has(name.toLowerCase());
  }

  /** -3 no such cursor, -1 closed, 0 open and empty, 1 open with rows. */
  status(name: string): number {
    const cursor = this.#cursors.get(name.toLowerCase());
    if (cursor === undefined) return -3;
    return cursor.open === undefined ? -1 : cursor.open.rows.length > 0 ? 1 : 0;
  }

  clear(): void {
    this.#cursors.clear();
  }
}

function failure(number: number, text: string): SqlError {
  return new SqlError({ number, class: 16, state: 1, text });
}

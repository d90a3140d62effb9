import type { SqlValue, StoredRow } from '../../contracts.ts';

/**
 * One combination of source rows while a query runs. `parts[i]` are the values of the i-th source of the query block;
 * behind the sources come the aggregates of the group and then the window functions. `outer` is the row of the enclosing
 * block for correlated references.
 */
export class Row {
  readonly parts: (readonly SqlValue[])[];
  readonly outer: Row | null;
  /** The stored row of the table an UPDATE or DELETE changes. */
  readonly target: StoredRow | null;

  constructor(parts: (readonly SqlValue[])[], outer: Row | null, target: StoredRow | null = null) {
    this.parts = parts;
    this.outer = outer;
    this.target = target;
  }
}

/**
 * Operators are synchronous generators; a long one hands out `PAUSE` now and then so that the session can let other work
 * in. Operators pass it on.
 */
export const PAUSE = null;
export type Flow<T> = Iterable<T | typeof PAUSE>;

/** All rows of a flow; for places that cannot pause (subqueries inside expressions). */
export function* withoutPauses<T>(flow: Flow<T>): Iterable<T> {
  for (const item of flow) if (item !== PAUSE) yield item;
}

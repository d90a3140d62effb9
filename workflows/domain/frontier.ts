import { compareLsn, type Lsn } from './lsn.ts';

/**
 * Points that a database can be rolled forward to, each with the earliest moment from which it may be used. Points are added
 * in the order of their LSN.
 */
export class Frontier {
  /** Both rise: a point that is neither further nor usable earlier than another one is of no use. */
  readonly #points: { readonly lsn: Lsn; readonly fromMs: number }[] = [];

  add(lsn: Lsn, fromMs: number): void {
    while ((this.#points.at(-1)?.fromMs ?? -Infinity) >= fromMs) this.#points.pop();
    this.#points.push({ lsn, fromMs });
  }

  /** Earliest moment of all points at or after `lsn`; Infinity when there are none. */
  earliest(lsn: Lsn): number {
    let low = 0;
    let high = this.#points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const point = this.#points[middle];
      if (point !== undefined && compareLsn(point.lsn, lsn) < 0) low = middle + 1;
      else high = middle;
    }
    return this.#points[low]?.fromMs ?? Infinity;
  }
}

import type { Goal } from './goal.ts';
import type { LogLink } from './log-link.ts';
import { compareLsn, type Lsn } from './lsn.ts';

/** Finds, for a database at some LSN, the logs of one lineage that fit it and serve a goal. */
export class LogIndex {
  /** Usable on the way, by first LSN; and up to each, the one that leads furthest. */
  readonly #onTheWay: readonly LogLink[];
  readonly #furthest: readonly LogLink[];
  readonly #arriving: readonly LogLink[];

  /** @param logs by first LSN */
  constructor(logs: readonly LogLink[], goal: Goal) {
    const { limit, targetMs } = goal;
    const inside = limit === undefined ? logs : logs.filter((log) => compareLsn(log.set.lastLsn, limit) <= 0);
    this.#onTheWay = inside.filter((log) => log.usableFromMs <= targetMs);
    let best: LogLink | undefined;
    this.#furthest = this.#onTheWay.map((log) => {
      if (best === undefined || compareLsn(log.set.lastLsn, best.set.lastLsn) > 0) best = log;
      return best;
    });
    this.#arriving = inside.filter((log) => goal.arrivesWith(log));
  }

  furthest(lsn: Lsn): LogLink | null {
    const found = this.#furthest[countUpTo(this.#onTheWay, lsn) - 1];
    return found !== undefined && compareLsn(found.set.lastLsn, lsn) > 0 ? found : null;
  }

  /** The first one taken; one that ends where the database is proves that nothing happened since. */
  arriving(lsn: Lsn): LogLink | null {
    return this.#arriving
      .slice(0, countUpTo(this.#arriving, lsn))
      .filter((log) => compareLsn(log.set.lastLsn, lsn) >= 0)
      .reduce<LogLink | null>((first, log) => (first === null || log.startMs < first.startMs ? log : first), null);
  }
}

/** How many of the logs, which are in the order of their first LSN, begin at or before a point. */
function countUpTo(logs: readonly LogLink[], lsn: Lsn): number {
  let low = 0;
  let high = logs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareLsn((logs[middle] as LogLink).set.firstLsn, lsn) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

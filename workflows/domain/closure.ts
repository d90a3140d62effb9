import type { BackupSet } from './backup-set.ts';
import type { DataStart } from './data-start.ts';
import type { History, Lineage } from './history.ts';
import type { LogLink } from './log-link.ts';
import { compareLsn, type Lsn } from './lsn.ts';
import { Frontier } from './frontier.ts';
import type { Interval } from './plan-types.ts';

/** All that the data backups of a lineage and the logs after them lead to. */
export interface Closure {
  readonly lineage: Lineage;
  /** Moments that can be restored to, in no order. */
  readonly intervals: readonly Interval[];
  /** Where the furthest chain ends. */
  readonly end: Lsn;
  /** The set that ends there; the last of them in time. */
  readonly endSet: BackupSet;
  /** When the newest backup that can be reached began. */
  readonly newestMs: number;
  /** When it came into the store; the last of those that began in its second. */
  readonly newestCommittedMs: number;
  /** Up to this moment nothing is missing in what the whole chain gives, and the log that proves it. */
  readonly completeMs: number;
  readonly proof: LogLink | null;
}

/** Closures of all lineages that have at least one usable data backup, or a way from one across a fork. */
export function closures(history: History): Closure[] {
  const crossings = new Map<LogLink, number>();
  const done = new Map<string, Closure | null>();
  const close = (lineage: Lineage): Closure | null => {
    const known = done.get(lineage.key);
    if (known !== undefined) return known;
    done.set(lineage.key, null);
    for (const { from } of lineage.crossings) {
      const before = history.lineages.get(from);
      if (before !== undefined) close(before);
    }
    const closure = closeLineage(history, lineage, crossings);
    done.set(lineage.key, closure);
    return closure;
  };
  return [...history.lineages.values()].flatMap((lineage) => close(lineage) ?? []);
}

/**
 * The chain whose newest backup is the newest of all. Headers carry whole seconds: of two that began in the same one, the newer
 * is the one that came into the store later.
 */
export function newestClosure(history: History): Closure | null {
  let newest: Closure | null = null;
  for (const closure of closures(history)) {
    if (newest === null || isNewer(closure, newest)) newest = closure;
  }
  return newest;
}

function isNewer(a: Closure, b: Closure): boolean {
  return a.newestMs === b.newestMs ? a.newestCommittedMs > b.newestCommittedMs : a.newestMs > b.newestMs;
}

type Event =
  | { readonly lsn: Lsn; readonly kind: 'start'; readonly start: DataStart }
  | { readonly lsn: Lsn; readonly kind: 'arrival' | 'log' | 'departure'; readonly log: LogLink };

const order = { start: 0, arrival: 1, log: 2, departure: 3 } as const;

/**
 * One pass in the order of LSNs. A state of the database is worth the earliest moment from which it can be used: the later
 * of what its data backups and the logs on the way, where they cannot be stopped inside, allow.
 * @param crossings when each log that leaves a lineage can be used from; read for arrivals, filled in for departures
 */
function closeLineage(history: History, lineage: Lineage, crossings: Map<LogLink, number>): Closure | null {
  const departures = [...history.lineages.values()]
    .flatMap((other) => other.crossings)
    .filter((log) => log.from === lineage.key && log.set.forkPointLsn !== null);
  const events: Event[] = [
    ...lineage.starts.map((start): Event => ({ kind: 'start', lsn: start.lsn, start })),
    ...lineage.crossings.map((log): Event => ({ kind: 'arrival', lsn: log.set.lastLsn, log })),
    ...lineage.logs.map((log): Event => ({ kind: 'log', lsn: log.set.lastLsn, log })),
    ...departures.map((log): Event => ({ kind: 'departure', lsn: log.set.forkPointLsn as Lsn, log })),
  ];
  events.sort((a, b) => compareLsn(a.lsn, b.lsn) || order[a.kind] - order[b.kind]);

  const frontier = new Frontier();
  const ending = new Ending(lineage);
  for (const event of events) {
    if (event.kind === 'start') {
      frontier.add(event.lsn, event.start.usableFromMs);
      ending.takeData(event.start);
      continue;
    }
    const { log } = event;
    const reachedFromMs =
      event.kind === 'arrival' ? (crossings.get(log) ?? Infinity) : frontier.earliest(log.set.firstLsn);
    const fromMs = Math.max(reachedFromMs, log.usableFromMs);
    if (fromMs === Infinity) continue;
    if (event.kind === 'departure') {
      crossings.set(log, fromMs);
    } else {
      ending.takeLog(log, fromMs);
      frontier.add(log.set.lastLsn, fromMs);
    }
  }
  return ending.closure();
}

/** Collects what a lineage's chain reaches. */
class Ending {
  readonly #lineage: Lineage;
  readonly #intervals: Interval[] = [];
  #end: { readonly lsn: Lsn; readonly set: BackupSet; readonly startMs: number } | null = null;
  #newestMs = -Infinity;
  #newestCommittedMs = -Infinity;
  #completeMs = -Infinity;
  #proof: LogLink | null = null;

  constructor(lineage: Lineage) {
    this.#lineage = lineage;
  }

  takeData(start: DataStart): void {
    this.#reach(start.differential ?? start.base, start.completeMs);
    this.#prove(start.completeMs, null);
  }

  takeLog(log: LogLink, fromMs: number): void {
    this.#reach(log.set, log.startMs);
    this.#prove(log.reachMs, log);
    if (fromMs <= log.reachMs) this.#intervals.push({ fromMs, toMs: log.reachMs });
  }

  closure(): Closure | null {
    if (this.#end === null) return null;
    return {
      lineage: this.#lineage,
      intervals: this.#intervals,
      end: this.#end.lsn,
      endSet: this.#end.set,
      newestMs: this.#newestMs,
      newestCommittedMs: this.#newestCommittedMs,
      completeMs: this.#completeMs,
      proof: this.#proof,
    };
  }

  #reach(set: BackupSet, startMs: number): void {
    if (startMs >= this.#newestMs) {
      const committedMs = Date.parse(set.committedAt);
      this.#newestCommittedMs = startMs > this.#newestMs ? committedMs : Math.max(this.#newestCommittedMs, committedMs);
      this.#newestMs = startMs;
    }
    const further = this.#end === null ? 1 : compareLsn(set.lastLsn, this.#end.lsn);
    if (this.#end === null || further > 0 || (further === 0 && startMs >= this.#end.startMs)) {
      this.#end = { lsn: set.lastLsn, set, startMs };
    }
  }

  #prove(completeMs: number, log: LogLink | null): void {
    if (completeMs <= this.#completeMs) return;
    this.#completeMs = completeMs;
    this.#proof = log;
  }
}

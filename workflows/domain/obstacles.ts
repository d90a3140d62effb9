import type { BackupSet } from './backup-set.ts';
import { gapCause } from './gap-cause.ts';
import { readHistory, type Leniency } from './history.ts';
import { headerSecondMs } from './log-link.ts';
import { covers, nearest } from './interval.ts';
import { moment } from './moment.ts';
import type { Interval, LostSets, Refusal } from './plan-types.ts';
import { routeToMoment } from './route.ts';
import { restorableIntervals } from './coverage.ts';

type Obstacle = Pick<Refusal, 'code' | 'reason'>;

/** Cheap tests: mostly there is nothing to overlook. */
const anyToOverlook: Record<keyof Leniency, (sets: readonly BackupSet[]) => boolean> = {
  damaged: (sets) => sets.some((set) => set.isDamaged),
  bulkLogged: (sets) => sets.some((set) => set.hasBulkLoggedData),
  clockChanges: (sets) => sets.some((set) => set.utcOffsetMinutes !== sets[0]?.utcOffsetMinutes),
};

/** Finds out why moments of one database cannot be restored: what would have to be overlooked to reach them. */
export class Obstacles {
  readonly #sets: readonly BackupSet[];
  readonly #intervals: readonly Interval[];
  readonly #lost: LostSets;
  readonly #lenient = new Map<keyof Leniency, readonly Interval[]>();

  constructor(sets: readonly BackupSet[], intervals: readonly Interval[], lost: LostSets = new Map()) {
    this.#sets = sets;
    this.#intervals = intervals;
    this.#lost = lost;
  }

  refusal(database: string, targetMs: number): Refusal {
    const { beforeMs, afterMs } = nearest(this.#intervals, targetMs);
    return { database, ...this.at(targetMs), nearestBeforeMs: beforeMs, nearestAfterMs: afterMs };
  }

  at(ms: number): Obstacle {
    const fulls = this.#sets.filter((set) => set.kind === 'full');
    if (fulls.length === 0) return { code: 'no-backup', reason: 'The store holds no full backup of it.' };
    if (fulls.every((set) => set.isDamaged)) {
      return {
        code: 'damaged',
        reason: `Every full backup of it in the store is damaged or gone${this.#first(fulls)}.`,
      };
    }
    if (this.#reachable('bulkLogged', ms)) return bulkLogged(this.#sets, ms);
    if (this.#reachable('clockChanges', ms)) {
      return {
        code: 'clock-change',
        reason: `The clock of the source was set forward or back during the log backup that covers ${moment(ms)}: local time is ambiguous inside it.`,
      };
    }
    if (this.#reachable('damaged', ms)) return this.#damaged(ms);
    return this.#outside(fulls, ms);
  }

  #damaged(ms: number): Obstacle {
    const route = routeToMoment(readHistory(this.#sets, { damaged: true }), ms);
    const used =
      route === null ? [] : [route.start.base, route.start.differential, ...route.logs.map((log) => log.set)];
    const needed = used.filter((set) => set !== null).filter((set) => set.isDamaged);
    return { code: 'damaged', reason: `It needs a backup that is damaged or gone${this.#first(needed)}.` };
  }

  #first(sets: readonly BackupSet[]): string {
    const texts = sets.flatMap((set) => this.#lost.get(set) ?? set.files.map(({ name }) => name)).slice(0, 3);
    return texts.length === 0 ? '' : `: ${texts.join(', ')}`;
  }

  #reachable(overlook: keyof Leniency, ms: number): boolean {
    if (!anyToOverlook[overlook](this.#sets)) return false;
    let intervals = this.#lenient.get(overlook);
    if (intervals === undefined) {
      intervals = restorableIntervals(readHistory(this.#sets, { [overlook]: true }));
      this.#lenient.set(overlook, intervals);
    }
    return covers(intervals, ms);
  }

  #outside(fulls: readonly BackupSet[], ms: number): Obstacle {
    const { beforeMs, afterMs } = nearest(this.#intervals, ms);
    if (beforeMs !== null && afterMs !== null) {
      const cause = gapCause(readHistory(this.#sets), this.#sets, beforeMs, afterMs);
      const text = `The backups in the store do not cover the time between ${moment(beforeMs)} and ${moment(afterMs)}`;
      return { code: 'gap', reason: `${text}${cause === null ? '' : `: ${cause}`}.` };
    }
    if (afterMs !== null) {
      return { code: 'before-first', reason: `The backups in the store begin to cover it at ${moment(afterMs)}.` };
    }
    if (beforeMs !== null) {
      return { code: 'after-last', reason: `The backups in the store cover it up to ${moment(beforeMs)}.` };
    }
    const usable = fulls.filter((set) => !set.isDamaged);
    const firstMs = Math.min(...usable.map((set) => Date.parse(set.finishedAt) + headerSecondMs));
    return ms < firstMs
      ? { code: 'before-first', reason: `Its first full backup was finished at ${moment(firstMs)}.` }
      : {
          code: 'after-last',
          reason:
            'No log backup follows its data backups, so no exact moment is known; "latest" gives the state of the newest.',
        };
  }
}

function bulkLogged(sets: readonly BackupSet[], ms: number): Obstacle {
  const history = readHistory(sets, { bulkLogged: true });
  const last = routeToMoment(history, ms)?.logs.find((log) => log.set.hasBulkLoggedData && log.contentEndMs > ms);
  const which = last === undefined ? 'that covers it' : `of ${moment(last.startMs)}`;
  return {
    code: 'bulk-logged',
    reason: `The log backup ${which} holds bulk-logged changes and cannot be stopped inside.`,
  };
}

import type { BackupSet } from './backup-set.ts';
import { restorableIntervals } from './coverage.ts';
import { readHistory } from './history.ts';
import { Obstacles } from './obstacles.ts';
import type { Interval, LostSets } from './plan-types.ts';

/** A stretch between two intervals that cannot be restored to; both ends belong to it. */
export interface Hole extends Interval {
  /** One sentence. */
  readonly reason: string;
}

export interface RestorableWindow {
  readonly intervals: readonly Interval[];
  readonly holes: readonly Hole[];
  readonly latestMs: number | null;
}

/**
 * Every moment that a database can be restored to: planDatabase plans exactly for these.
 * @param lost sets that are damaged in the store only, for the reasons
 */
export function restorableWindow(sets: readonly BackupSet[], lost?: LostSets): RestorableWindow {
  const intervals = restorableIntervals(readHistory(sets));
  const obstacles = new Obstacles(sets, intervals, lost);
  const holes = intervals.slice(1).map(({ fromMs }, i): Hole => {
    const hole = { fromMs: (intervals[i] as Interval).toMs + 1, toMs: fromMs - 1 };
    return { ...hole, reason: obstacles.at(hole.fromMs).reason };
  });
  return { intervals, holes, latestMs: intervals.at(-1)?.toMs ?? null };
}

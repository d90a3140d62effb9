import { closures, type Closure } from './closure.ts';
import type { History } from './history.ts';
import { intersection, union } from './interval.ts';
import type { Interval } from './plan-types.ts';

/** All moments that can be restored to. */
export function restorableIntervals(history: History): Interval[] {
  return union(closures(history).flatMap((closure) => intervalsOf(history, closure)));
}

/** The moments that the chain of one lineage covers while the database was on that lineage. */
export function intervalsOf(history: History, closure: Closure): Interval[] {
  const { witnesses } = history;
  const spans = witnesses.flatMap(({ fromMs, keys }, i) =>
    keys.includes(closure.lineage.key) ? [{ fromMs, toMs: (witnesses[i + 1]?.fromMs ?? Infinity) - 1 }] : [],
  );
  return intersection(union(closure.intervals), union(spans));
}

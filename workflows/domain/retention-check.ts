import type { BackupSet } from './backup-set.ts';
import { restorableIntervals } from './coverage.ts';
import { readHistory, type History } from './history.ts';
import { intersection } from './interval.ts';
import type { DatabasePlan, Interval } from './plan-types.ts';
import { planDatabase, restoreSteps } from './restore-plan.ts';

/** All that the planner makes of a database's sets. */
export interface StoreReading {
  readonly sets: readonly BackupSet[];
  readonly history: History;
  readonly intervals: readonly Interval[];
  /** What `latest` restores. */
  readonly latest: DatabasePlan | null;
}

export function readStore(sets: readonly BackupSet[]): StoreReading {
  const history = readHistory(sets);
  const outcome = planDatabase(sets, 'latest');
  return { sets, history, intervals: restorableIntervals(history), latest: outcome.ok ? outcome.plan : null };
}

/**
 * Whether what is left after sets went is read as it was before: the same moments inside the spans, none anywhere that was not
 * there, the same `latest`, and every set in its old place.
 */
export function readsTheSame(before: StoreReading, after: StoreReading, spans: readonly Interval[]): boolean {
  if (planText(before.latest) !== planText(after.latest)) return false;
  for (const span of spans) {
    if (text(intersection(after.intervals, [span])) !== text(intersection(before.intervals, [span]))) return false;
  }
  if (text(intersection(after.intervals, before.intervals)) !== text(after.intervals)) return false;
  return samePlaces(before.history, after.history);
}

function planText(plan: DatabasePlan | null): string {
  return plan === null ? '' : [plan.targetMs, ...restoreSteps(plan).map(({ set }) => set.id)].join(' ');
}

function text(intervals: readonly Interval[]): string {
  return intervals.map(({ fromMs, toMs }) => `${fromMs}-${toMs}`).join(' ');
}

/**
 * Lineages have no lasting names: the second history of a fork becomes its first when nothing is left of that. They are the same
 * when the sets that are left fall into the same groups.
 */
function samePlaces(before: History, after: History): boolean {
  const places = placesOf(before);
  const names = new Map<string, string>();
  const taken = new Map<string, string>();
  for (const [what, now] of placesOf(after)) {
    const then = places.get(what);
    if (then?.facts !== now.facts) return false;
    for (const [i, key] of now.keys.entries()) {
      const old = then.keys[i] as string;
      if ((names.get(key) ?? old) !== old || (taken.get(old) ?? key) !== key) return false;
      names.set(key, old);
      taken.set(old, key);
    }
  }
  return true;
}

interface Place {
  readonly keys: readonly string[];
  readonly facts: string;
}

function placesOf(history: History): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const lineage of history.lineages.values()) {
    for (const { base, differential, usableFromMs } of lineage.starts) {
      places.set(`${base.id} ${differential?.id ?? ''}`, { keys: [lineage.key], facts: String(usableFromMs) });
    }
    for (const { set, from, to, stoppable, usableFromMs } of [...lineage.logs, ...lineage.crossings]) {
      places.set(set.id, { keys: [from, to], facts: `${stoppable} ${usableFromMs}` });
    }
  }
  return places;
}

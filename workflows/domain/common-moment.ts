import type { BackupSet } from './backup-set.ts';
import { readHistory } from './history.ts';
import { headerSecondMs } from './log-link.ts';
import { intersection } from './interval.ts';
import { moment } from './moment.ts';
import type { DatabasePlan, Interval, LostSets, PlanOutcome, Refusal } from './plan-types.ts';
import { planDatabase } from './restore-plan.ts';
import { restorableIntervals } from './coverage.ts';

/** Everything that the store holds of one database. */
export interface StoredDatabase {
  readonly database: string;
  readonly sets: readonly BackupSet[];
  readonly lost?: LostSets;
}

export type CommonOutcome =
  | { readonly ok: true; readonly targetMs: number; readonly plans: readonly DatabasePlan[] }
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

/**
 * Plans databases to one common moment; one that cannot go there refuses for all.
 *
 * `latest` for several databases is the last moment that all of them can be restored to. A database that has no such moment
 * at all, because no log backup follows its data backups, comes as its newest data backups from before that moment
 * leave it (reach `end-of-backups`): left out, it would keep the others from being restored.
 */
export function planTogether(databases: readonly StoredDatabase[], target: number | 'latest'): CommonOutcome {
  if (databases.length === 0) throw new RangeError('no database to plan for');
  if (target !== 'latest')
    return together(
      target,
      databases.map((each) => plan(each, target)),
    );
  const [only] = databases;
  if (databases.length === 1 && only !== undefined) return earliest([plan(only, 'latest')]);

  const windows = databases.map(({ sets }) => restorableIntervals(readHistory(sets)));
  const exact = windows.filter((intervals) => intervals.length > 0);
  if (exact.length === 0) return earliest(databases.map((each) => plan(each, 'latest')));
  const targetMs = lastCommon(exact) ?? Math.min(...exact.map((intervals) => (intervals.at(-1) as Interval).toMs));
  return together(
    targetMs,
    databases.map((each, i) => (windows[i]?.length === 0 ? planBefore(each, targetMs) : plan(each, targetMs))),
  );
}

function plan({ database, sets, lost }: StoredDatabase, target: number | 'latest'): PlanOutcome {
  return planDatabase(sets, target, database, lost);
}

function lastCommon(windows: readonly (readonly Interval[])[]): number | null {
  const [first = [], ...others] = windows;
  return others.reduce<readonly Interval[]>(intersection, first).at(-1)?.toMs ?? null;
}

function planBefore({ database, sets, lost }: StoredDatabase, targetMs: number): PlanOutcome {
  const before = sets.filter((set) => Date.parse(set.finishedAt) + headerSecondMs <= targetMs);
  const outcome = planDatabase(before, 'latest', database, lost);
  if (outcome.ok) return outcome;
  const reason = `No backup of it was finished at ${moment(targetMs)}, the last moment that the other databases have in common.`;
  return { ok: false, refusal: { ...outcome.refusal, reason } };
}

function earliest(outcomes: readonly PlanOutcome[]): CommonOutcome {
  return together(Math.min(...outcomes.map((outcome) => (outcome.ok ? outcome.plan.targetMs : Infinity))), outcomes);
}

function together(targetMs: number, outcomes: readonly PlanOutcome[]): CommonOutcome {
  const refusals = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.refusal]));
  if (refusals.length > 0) return { ok: false, refusals };
  return { ok: true, targetMs, plans: outcomes.flatMap((outcome) => (outcome.ok ? [outcome.plan] : [])) };
}

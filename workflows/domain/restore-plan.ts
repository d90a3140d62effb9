import type { BackupSet } from './backup-set.ts';
import { newestClosure } from './closure.ts';
import { readHistory } from './history.ts';
import type { LogLink } from './log-link.ts';
import { compareLsn } from './lsn.ts';
import { Obstacles } from './obstacles.ts';
import type { DatabasePlan, LostSets, PlanOutcome, RestoreStep } from './plan-types.ts';
import { findRoute, routeToMoment, type Route } from './route.ts';
import { stopAtLiteral } from './stop-at.ts';
import { restorableIntervals } from './coverage.ts';

/**
 * Plans the restore of one database to the state at a moment: with every commit at or before it and none after.
 *
 * `latest` is the end of the newest chain: all that the store holds, whether or not a moment can be named for it. So a
 * database without log backups can be restored, too.
 * @param sets everything that the store holds of the database
 * @param target epoch milliseconds
 * @param lost those of the sets that are damaged in the store only, for the refusal
 */
export function planDatabase(
  sets: readonly BackupSet[],
  target: number | 'latest',
  database = sets[0]?.database ?? '',
  lost?: LostSets,
): PlanOutcome {
  return target === 'latest' ? planLatest(sets, database, lost) : planMoment(sets, target, database, lost);
}

/** The RESTORE statements of a plan, in order; recovery comes after them. */
export function restoreSteps(plan: DatabasePlan): RestoreStep[] {
  const { base, differential, logs, targetMs } = plan;
  const whole = new Set(plan.whole);
  const data = differential === null ? [base] : [base, differential];
  return [
    ...data.map((set): RestoreStep => ({ set, stopAt: null })),
    ...logs.map((set): RestoreStep => {
      const stops = plan.reach !== 'end-of-backups' && !whole.has(set.id);
      return { set, stopAt: stops ? stopAtLiteral(targetMs, set.utcOffsetMinutes) : null };
    }),
  ];
}

function planMoment(sets: readonly BackupSet[], targetMs: number, database: string, lost?: LostSets): PlanOutcome {
  const history = readHistory(sets);
  const route = routeToMoment(history, targetMs);
  const last = route?.logs.at(-1);
  if (route === null || last === undefined) {
    const obstacles = new Obstacles(sets, restorableIntervals(history), lost);
    return { ok: false, refusal: obstacles.refusal(database, targetMs) };
  }
  // A last record of the very target moment is no record from after it: the engine may answer 4322.
  const inside = last.stoppable && last.lastRecordMs !== null && last.lastRecordMs > targetMs;
  return { ok: true, plan: { database, targetMs, ...used(route), reach: inside ? 'stops-inside' : 'nothing-between' } };
}

function planLatest(sets: readonly BackupSet[], database: string, lost?: LostSets): PlanOutcome {
  const history = readHistory(sets);
  const newest = newestClosure(history);
  const route =
    newest &&
    findRoute(history, newest.lineage, {
      targetMs: Infinity,
      arrived: (lsn) => compareLsn(lsn, newest.end) >= 0,
      arrivesWith: () => false,
    });
  if (!newest || !route) {
    const intervals = restorableIntervals(history);
    return { ok: false, refusal: new Obstacles(sets, intervals, lost).refusal(database, Infinity) };
  }
  const { proof, completeMs } = newest;
  // A log that crosses a fork does not fit once the database is on the fork that it leads to.
  const extra = proof !== null && proof.from === proof.to && !route.logs.includes(proof);
  const logs = extra ? [...route.logs, proof] : route.logs;
  return {
    ok: true,
    plan: { database, targetMs: completeMs, ...used({ ...route, logs }), reach: 'end-of-backups' },
  };
}

function used({ start, logs }: Route): Pick<DatabasePlan, 'base' | 'differential' | 'logs' | 'whole'> {
  const setOf = (log: LogLink): BackupSet => log.set;
  return {
    base: start.base,
    differential: start.differential,
    logs: logs.map(setOf),
    whole: logs.filter((log) => !log.stoppable).map((log) => log.set.id),
  };
}

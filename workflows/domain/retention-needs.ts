import type { BackupSet } from './backup-set.ts';
import type { DataStart } from './data-start.ts';
import type { History, Lineage } from './history.ts';
import { intersection } from './interval.ts';
import { LogIndex } from './log-index.ts';
import { headerSecondMs } from './log-link.ts';
import { moment } from './moment.ts';
import type { DatabasePlan, Interval } from './plan-types.ts';
import { planDatabase } from './restore-plan.ts';
import type { StoreReading } from './retention-check.ts';
import { decisiveRoutes, setsOf } from './retention-routes.ts';

interface Need {
  readonly setId: string;
  readonly keptFor: 'reachable' | 'before-window' | 'newest-chain' | 'newest-fulls' | 'differential-base';
  readonly why: string;
}

/** What the points of the window need, and the newest chains; see decideRetention. A set may be named several times. */
export function needs(
  { sets, history, intervals, latest }: StoreReading,
  { minFulls }: { readonly minFulls: number },
  span: Interval,
): Need[] {
  const reachable = intersection(intervals, [span]);
  const found: Need[] = [];
  const add = (keptFor: Need['keptFor'], why: string, used: readonly (BackupSet | null)[]): void => {
    for (const set of used) if (set !== null) found.push({ setId: set.id, keptFor, why });
  };
  const addPlan = (keptFor: Need['keptFor'], why: string, plan: DatabasePlan): void =>
    add(keptFor, why, [plan.base, plan.differential, ...plan.logs]);

  for (const { ms, route } of decisiveRoutes(history, reachable, span.fromMs)) {
    const why = `a restore to ${moment(ms)} needs it`;
    add('reachable', why, setsOf(route));
  }
  if (reachable.length === 0) {
    const before = sets.filter((set) => Date.parse(set.finishedAt) + headerSecondMs <= span.fromMs);
    const outcome = planDatabase(before, 'latest');
    if (outcome.ok) addPlan('before-window', 'it is the state at the beginning of the window', outcome.plan);
  }
  if (latest !== null) addPlan('newest-chain', 'it belongs to the newest chain', latest);

  const fulls = newestFulls(history);
  for (const [i, { lineage, start }] of fulls.slice(0, minFulls).entries()) {
    const which = i === 0 ? 'the newest full' : `one of the newest ${minFulls} fulls`;
    add('newest-fulls', `it is ${which}`, [start.base]);
    add('newest-fulls', `it leads on from the full of ${start.base.finishedAt}, ${which}`, onward(lineage, start));
  }
  const base = fulls.find(({ start }) => !start.base.copyOnly);
  add('differential-base', 'the next differential may stand on it', [base?.start.base ?? null]);
  return found;
}

interface Full {
  readonly lineage: Lineage;
  readonly start: DataStart;
}

function newestFulls(history: History): Full[] {
  return [...history.lineages.values()]
    .flatMap((lineage) => lineage.starts.flatMap((start) => (start.differential === null ? [{ lineage, start }] : [])))
    .sort((a, b) => b.start.completeMs - a.start.completeMs || (a.start.base.id < b.start.base.id ? -1 : 1));
}

/** The logs that lead as far as the lineage goes. */
function onward(lineage: Lineage, start: DataStart): BackupSet[] {
  const logs = new LogIndex(lineage.logs, { targetMs: Infinity, arrived: () => false, arrivesWith: () => false });
  const way: BackupSet[] = [];
  for (let next = logs.furthest(start.lsn); next !== null; next = logs.furthest(next.set.lastLsn)) way.push(next.set);
  return way;
}

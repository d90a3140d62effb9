import type { BackupSet } from './backup-set.ts';
import type { History } from './history.ts';
import type { Interval } from './plan-types.ts';
import { routeToMoment, type Route } from './route.ts';

interface MomentRoute {
  readonly ms: number;
  readonly route: Route;
}

/**
 * Routes to moments which, together, use every set from before the window that the plan of any moment of the window uses.
 *
 * What a plan may start from changes only where a data backup, or a log that crosses a fork, becomes usable, or the database
 * changes its lineage. Between two such changes a later moment is proved by no log that would not have proved an earlier one too, so
 * the walk through the logs only gets longer: the last moment uses whatever the others use, but for the log that proves each, which was
 * taken inside the window. The first moment is there for a newer start that proves it and leads no further. A log that cannot be stopped
 * inside may open another way where it becomes usable; looked for is where what is used from before the window differs.
 */
export function decisiveRoutes(history: History, reachable: readonly Interval[], windowMs: number): MomentRoute[] {
  const lineages = [...history.lineages.values()];
  const starts = lineages.flatMap(({ starts: data, crossings }) => [...data, ...crossings]);
  const changes = rising([
    ...history.witnesses.map(({ fromMs }) => fromMs),
    ...starts.map(({ usableFromMs }) => usableFromMs),
  ]);
  const unstoppable = rising(lineages.flatMap(({ logs }) => logs.map(({ usableFromMs }) => usableFromMs)));
  const routes = new Map<number, MomentRoute & { readonly old: string }>();
  const look = (ms: number): string => {
    const known = routes.get(ms);
    if (known !== undefined) return known.old;
    const route = routeToMoment(history, ms);
    if (route === null) return '';
    const old = setsOf(route).filter((set) => Date.parse(set.finishedAt) < windowMs);
    const found = { ms, route, old: old.map(({ id }) => id).join() };
    routes.set(ms, found);
    return found.old;
  };
  const search = (moments: readonly number[], low: number, high: number): void => {
    const [first, last] = [look(moments[low] as number), look(moments[high] as number)];
    if (first === last || high - low < 2) return;
    const middle = (low + high) >>> 1;
    search(moments, low, middle);
    search(moments, middle, high);
  };
  for (const piece of cut(reachable, changes)) {
    const moments = cut([piece], unstoppable).flatMap(({ fromMs, toMs }) => [fromMs, toMs]);
    search(moments, 0, moments.length - 1);
  }
  return [...routes.values()];
}

export function setsOf({ start, logs }: Route): BackupSet[] {
  const data = start.differential === null ? [start.base] : [start.base, start.differential];
  return [...data, ...logs.map(({ set }) => set)];
}

function rising(moments: readonly number[]): number[] {
  return [...new Set(moments)].sort((a, b) => a - b);
}

/** Cuts intervals where something changes: the change is the first moment of a piece. */
function cut(intervals: readonly Interval[], changes: readonly number[]): Interval[] {
  return intervals.flatMap(({ fromMs, toMs }) => {
    const inside = changes.slice(firstAfter(changes, fromMs), firstAfter(changes, toMs));
    return [fromMs, ...inside].map((from, i) => ({ fromMs: from, toMs: (inside[i] ?? toMs + 1) - 1 }));
  });
}

/** Index of the first of rising moments that is after one. */
function firstAfter(moments: readonly number[], ms: number): number {
  let [low, high] = [0, moments.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((moments[middle] as number) <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

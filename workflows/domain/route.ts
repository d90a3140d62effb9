import type { DataStart } from './data-start.ts';
import { lineagesAt, type History, type Lineage } from './history.ts';
import type { LogLink } from './log-link.ts';
import { momentGoal, type Goal } from './goal.ts';
import { LogIndex } from './log-index.ts';
import { compareLsn, type Lsn } from './lsn.ts';

/** A way through the backups: data, then logs in order. */
export interface Route {
  readonly start: DataStart;
  readonly logs: readonly LogLink[];
}

/** The route to the state at a moment, on the lineage that the database was on then. */
export function routeToMoment(history: History, targetMs: number): Route | null {
  const goal = momentGoal(targetMs);
  for (const lineage of lineagesAt(history, targetMs)) {
    const route = findRoute(history, lineage, goal);
    if (route !== null) return route;
  }
  return null;
}

/** Fewest logs: the route with the newest data backups that arrives at the goal on this lineage. */
export function findRoute(history: History, lineage: Lineage, goal: Goal, seen: readonly string[] = []): Route | null {
  const logs = new LogIndex(lineage.logs, goal);
  const dead = new Set<LogLink>();
  for (const start of startsOf(history, lineage, goal, [...seen, lineage.key])) {
    if (goal.limit !== undefined && compareLsn(start.lsn, goal.limit) > 0) continue;
    const way = start.way();
    if (way === null) continue;
    const onward = start.arrived ? [] : walk(start.lsn, logs, goal, dead);
    if (onward !== null) return { start: way.start, logs: [...way.logs, ...onward] };
  }
  return null;
}

/**
 * RESTORE LOG takes a log that begins at or before the point that the database has been rolled forward to and ends after
 * it. Of those that fit, the one that leads furthest is as good as any: whatever fits before it also fits after it, or is
 * contained in it.
 * @param dead logs from which nothing leads to the goal; grows
 */
function walk(from: Lsn, logs: LogIndex, goal: Goal, dead: Set<LogLink>): LogLink[] | null {
  const way: LogLink[] = [];
  for (let lsn = from; !goal.arrived(lsn);) {
    const last = logs.arriving(lsn);
    if (last !== null) return [...way, last];
    const next = logs.furthest(lsn);
    if (next === null || dead.has(next)) {
      for (const log of way) dead.add(log);
      return null;
    }
    way.push(next);
    lsn = next.set.lastLsn;
  }
  return way;
}

interface Start {
  readonly lsn: Lsn;
  readonly arrived: boolean;
  way(): Route | null;
}

/** Data backups, and logs that lead here across a fork; newest first. */
function startsOf(history: History, lineage: Lineage, goal: Goal, seen: readonly string[]): Start[] {
  const data = lineage.starts
    .filter((start) => start.usableFromMs <= goal.targetMs)
    .map((start): Start => ({ lsn: start.lsn, arrived: false, way: () => ({ start, logs: [] }) }));
  const crossings = lineage.crossings
    .filter((log) => log.usableFromMs <= goal.targetMs && !seen.includes(log.from))
    .map((log): Start => ({
      lsn: log.set.lastLsn,
      arrived: goal.arrivesWith(log),
      way: () => acrossFork(history, log, goal.targetMs, seen),
    }));
  return [...data, ...crossings].sort((a, b) => compareLsn(b.lsn, a.lsn));
}

/**
 * A log that crosses a fork fits up to the fork point only: after it, the other branch has the same LSNs.
 * unknown: whether it fits a data backup of the new fork as well; it is not used for that.
 */
function acrossFork(history: History, log: LogLink, targetMs: number, seen: readonly string[]): Route | null {
  const { forkPointLsn, firstLsn } = log.set;
  const before = history.lineages.get(log.from);
  if (forkPointLsn === null || before === undefined) return null;
  const upTo: Goal = {
    targetMs,
    limit: forkPointLsn,
    arrived: (lsn) => compareLsn(lsn, firstLsn) >= 0,
    arrivesWith: () => false,
  };
  const route = findRoute(history, before, upTo, seen);
  return route === null ? null : { start: route.start, logs: [...route.logs, log] };
}

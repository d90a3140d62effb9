import type { StandingCounts } from '../../workflows/domain/standing.ts';
import { byLag } from './lag.ts';

export interface StandingDatabase {
  readonly database: string;
  /** Null when no moment can be restored to. */
  readonly latestRestorableMs: number | null;
}

/** The databases of one instance against the store, as somebody saw them at one moment. */
export interface InstanceStanding {
  readonly instance: string;
  readonly observedMs: number;
  /** All of them, or the most exposed ones. */
  readonly databases: readonly StandingDatabase[];
  /** Of all of them, the listed ones included. */
  readonly counts: StandingCounts;
  /** The earliest latest restorable time of all databases that have one. */
  readonly earliestLatestMs: number | null;
  readonly run: RunStanding;
}

export interface RunStanding {
  readonly kind: string;
  readonly finishedMs: number;
  readonly seconds: number;
  /** No database failed. */
  readonly complete: boolean;
}

/** What is known of an instance now. */
export interface KnownInstance extends InstanceStanding {
  /** Last run of each kind. */
  readonly lastRuns: readonly RunStanding[];
  /** Last run of each kind in which no database failed. */
  readonly lastComplete: readonly RunStanding[];
}

/**
 * How the whole fleet stands, for metrics. A value that was put stays until a later one of the same instance replaces it, so that
 * exposure goes on growing when runs stop; a database that a later look no longer finds is gone.
 */
export interface Fleet {
  put(standing: InstanceStanding): void;
  instances(): readonly KnownInstance[];
  /** At most `limit` databases of all instances, those that lag behind their own instance first. */
  shown(): { readonly databases: readonly ShownDatabase[]; readonly leftOut: number };
}

export interface ShownDatabase {
  readonly instance: string;
  readonly database: string;
  readonly latestRestorableMs: number;
}

/** @param limit how many databases are named */
export function openFleet(limit: number): Fleet {
  const known = new Map<string, KnownInstance>();
  return {
    put(standing) {
      const before = known.get(standing.instance);
      const newest = before === undefined || standing.observedMs >= before.observedMs ? standing : before;
      known.set(standing.instance, {
        ...newest,
        lastRuns: withRun(before?.lastRuns ?? [], standing.run),
        lastComplete: standing.run.complete
          ? withRun(before?.lastComplete ?? [], standing.run)
          : (before?.lastComplete ?? []),
      });
    },
    instances: () => [...known.values()],
    shown() {
      const all = byLag([...known.values()]);
      const total = [...known.values()].reduce((sum, { counts }) => sum + restorable(counts), 0);
      const databases = all.slice(0, limit);
      return { databases, leftOut: Math.max(0, total - databases.length) };
    },
  };
}

function withRun(runs: readonly RunStanding[], run: RunStanding): RunStanding[] {
  const of = runs.find(({ kind }) => kind === run.kind);
  if (of !== undefined && of.finishedMs > run.finishedMs) return [...runs];
  return [...runs.filter(({ kind }) => kind !== run.kind), run];
}

/** Databases with a latest restorable time; the others have no value to show. */
function restorable(counts: StandingCounts): number {
  return counts.whole + counts.broken;
}

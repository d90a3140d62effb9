import { setTimeout as pause } from 'node:timers/promises';
import type { Workload } from '../support/workload.ts';

/** Row n of a database was committed at some moment between these two; its note is n. */
export interface Commit {
  readonly sentMs: number;
  readonly ackMs: number;
}

export interface Writers {
  /** What was committed to a database, in its order. */
  readonly commits: ReadonlyMap<string, readonly Commit[]>;
  /** @throws what made a writer end */
  stop(): Promise<void>;
}

/** An application that writes to every database all the time, one row after the other, and remembers what was committed. */
export function startWriters(workload: Workload, databases: readonly string[], everyMs: number): Writers {
  const commits = new Map(databases.map((database) => [database, [] as Commit[]]));
  const stop = new AbortController();
  const write = async (database: string): Promise<void> => {
    const rows = commits.get(database) as Commit[];
    while (!stop.signal.aborted) {
      const sentMs = Date.now();
      await workload.query(`INSERT INTO [${database}].dbo.events (note) VALUES (N'${rows.length}')`);
      rows.push({ sentMs, ackMs: Date.now() });
      await pause(everyMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  };
  const writers = Promise.all(databases.map(write));
  writers.catch(() => stop.abort());
  return {
    commits,
    async stop() {
      stop.abort();
      await writers;
    },
  };
}

/** How many rows a database must have and may have at a moment: the one in flight then may be on either side of it. */
export function rowsAt(commits: readonly Commit[], ms: number): { readonly least: number; readonly most: number } {
  return {
    least: commits.filter(({ ackMs }) => ackMs < ms).length,
    most: commits.filter(({ sentMs }) => sentMs <= ms).length,
  };
}

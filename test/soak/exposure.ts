import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { BackupSet } from '../../workflows/domain/backup-set.ts';

/** How the worst database stood at a moment. */
export interface Sample {
  readonly atMs: number;
  readonly exposureMs: number;
  /** Every database can be restored to this moment. */
  readonly restorableMs: number;
}

export interface ExposureWatch {
  readonly samples: readonly Sample[];
  stop(): Promise<void>;
}

const everyMs = 500;

/**
 * Looks at the store, as somebody who knows nothing of the product: a database can be brought back to the moment at which its
 * newest committed backup started, which its manifest says in whole seconds.
 */
export function watchExposure(instanceFolder: string, databases: readonly string[]): ExposureWatch {
  const samples: Sample[] = [];
  const seen = new Set<string>();
  const latest = new Map(databases.map((database) => [database, 0]));
  const stop = new AbortController();

  const look = async (database: string): Promise<void> => {
    const folder = join(instanceFolder, database);
    const names = (await readdir(folder)).filter((name) => name.endsWith('.manifest.json'));
    for (const name of names) {
      const path = join(folder, name);
      if (seen.has(path)) continue;
      seen.add(path);
      const { startedAt } = JSON.parse(await readFile(path, 'utf8')) as BackupSet;
      latest.set(database, Math.max(latest.get(database) ?? 0, Date.parse(startedAt)));
    }
  };
  const watch = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const atMs = Date.now();
      await Promise.all(databases.map(look));
      const restorableMs = Math.min(...latest.values());
      samples.push({ atMs, restorableMs, exposureMs: atMs - restorableMs });
      await pause(everyMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  };
  const watching = watch();
  watching.catch(() => stop.abort());
  return {
    samples,
    async stop() {
      stop.abort();
      await watching;
    },
  };
}

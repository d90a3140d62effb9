import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import type { Tasks } from '../../activities/executor/tasks.ts';
import type { BackupSet } from '../../workflows/domain/backup-set.ts';
import { parseLsn } from '../../workflows/domain/lsn.ts';
import { backupSet, guid, zeroTime } from './support.ts';

export const instance = 'mssql-rt';
const hour = 3_600_000;

/** A full a day and a log every four hours. */
export function daysOfBackups(database: string, days: number): BackupSet[] {
  const sets: BackupSet[] = [];
  let lsn = 100;
  const next = (): BackupSet['firstLsn'] => parseLsn(String((lsn += 10)));
  const at = (hours: number): string => new Date(zeroTime + hours * hour).toISOString();
  let end = parseLsn('100');
  for (let h = 0; h < days * 24; h += 4) {
    if (h % 24 === 0) {
      const firstLsn = next();
      const common = {
        database,
        firstLsn,
        checkpointLsn: firstLsn,
        lastLsn: next(),
        startedAt: at(h),
        finishedAt: at(h),
      };
      sets.push(backupSet({ ...common, id: guid(`${database} full ${h}`), name: `full ${h}` }));
      if (h === 0) end = firstLsn;
    }
    const at4 = new Date(zeroTime + (h + 4) * hour - 60_000).toISOString();
    const log = {
      database,
      kind: 'log' as const,
      firstLsn: end,
      lastLsn: (end = next()),
      startedAt: at4,
      finishedAt: at4,
    };
    sets.push(backupSet({ ...log, id: guid(`${database} log ${h}`), name: `log ${h}` }));
  }
  return sets;
}

export function endOf(days: number): number {
  return zeroTime + days * 24 * hour;
}

export function retention(over: Partial<Tasks['retain']['input']> = {}): Tasks['retain']['input'] {
  return {
    instance,
    run: 'run-1',
    mode: 'apply',
    policy: { windowMs: 48 * hour, minFulls: 1 },
    // A minute later than whole days: at the very second of a full, the one before it is still the base.
    nowMs: endOf(6) + 60_000,
    endedLeases: [],
    ...over,
  };
}

/** Names in a database's folder that are not hidden. */
export function namesIn(store: string, database: string): string[] {
  return readdirSync(join(store, instance, database))
    .filter((name) => !name.startsWith('.'))
    .sort();
}

/** A manifest for every file and the files of every manifest, whole. @returns ids of the sets that exist */
export function assertWhole(store: string, database: string): string[] {
  const folder = join(store, instance, database);
  const names = namesIn(store, database);
  const manifests = names.filter((name) => name.endsWith('.manifest.json'));
  const sets = manifests.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as BackupSet);
  const files = sets.flatMap((set) => set.files);
  for (const { name, sizeBytes } of files)
    assert.equal(statSync(join(folder, name)).size, sizeBytes, `${name} is whole`);
  const orphans = names.filter((name) => !manifests.includes(name) && !files.some((file) => file.name === name));
  assert.deepEqual(orphans, [], 'no file without a manifest');
  return sets.map(({ id }) => id).sort();
}

/** Journals and bins that wait to be finished. */
export function unfinished(store: string): string[] {
  const folder = join(store, instance, '.retention');
  return existsSync(folder) ? readdirSync(folder).filter((name) => name !== 'done') : [];
}

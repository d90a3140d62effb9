import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupSet } from '../../workflows/domain/backup-set.ts';
import { compareLsn } from '../../workflows/domain/lsn.ts';
import type { Stack } from './stack.ts';
import type { Workload } from './workload.ts';

/** Every manifest in the store. */
export async function readManifests(stack: Pick<Stack, 'storePath'>): Promise<BackupSet[]> {
  const paths = await filesBelow(stack.storePath);
  const manifests = paths.filter((path) => path.endsWith('.manifest.json'));
  return Promise.all(manifests.map(async (path) => JSON.parse(await readFile(path, 'utf8')) as BackupSet));
}

export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/**
 * The store against the server's own history: every backup that msdb knows is in the store, none twice; log backups follow each other
 * without a hole, and nothing is left staged or half copied.
 */
export async function assertNothingLost(
  stack: Pick<Stack, 'storePath' | 'sourceFolder'>,
  source: Workload,
  databases: readonly string[],
): Promise<void> {
  const sets = await readManifests(stack);
  assert.equal(new Set(sets.map((set) => set.id)).size, sets.length, 'a set is in the store twice');
  for (const database of databases) {
    const rows = await source.query<{ id: string }>(
      `SELECT CONVERT(varchar(36), backup_set_uuid) AS id FROM msdb.dbo.backupset
        WHERE database_name = N'${database.replaceAll("'", "''")}' AND is_copy_only = 0 ORDER BY backup_set_id`,
    );
    const inStore = sets.filter((set) => set.database === database);
    // The store may know more: a server that dies between a backup and its history (3009) has no row of it.
    const missing = rows.map((row) => row.id.toUpperCase()).filter((id) => inStore.every((set) => set.id !== id));
    assert.deepEqual(missing, [], `${database}: msdb knows sets that the store lacks`);
    const logs = inStore.filter((set) => set.kind === 'log').sort((a, b) => compareLsn(a.firstLsn, b.firstLsn));
    for (const [i, log] of logs.entries()) {
      if (i > 0) assert.equal(log.firstLsn, logs[i - 1]?.lastLsn, `${database}: hole before ${log.name}`);
    }
  }
  const staged = await filesBelow(join(stack.sourceFolder, 'backup-mssql'));
  assert.deepEqual(staged, [], 'staged files are left');
  const partial = (await filesBelow(stack.storePath)).filter((path) => path.includes('.partial'));
  assert.deepEqual(partial, [], 'half copied files are left');
}

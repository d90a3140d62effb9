import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { failureType } from '../../activities/failure.ts';
import type { BackupSet } from '../../workflows/domain/backup-set.ts';
import { assertWhole, daysOfBackups, endOf, instance, retention, unfinished } from './retention-store.ts';
import { fillStore, makeRoots, run } from './support.ts';

const holder = { namespace: 'default', workflowId: 'restore/x', runId: 'r' };
const rounds = Number(process.env['RACE_ROUNDS'] ?? 60);

/** Runs the work, or says that the store refused it for a reason that a race may give. */
async function orRefused<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    const type = failureType(error);
    if (type === 'TargetTimeNotReachable' || type === 'UnknownDatabase') return null;
    throw error;
  }
}

test('a restore and a retention run that start together: a plan that was made keeps all of its files', async (t) => {
  const seen = { planned: 0, refused: 0, removed: 0 };
  const to = new Date(endOf(1) + 5 * 3_600_000).toISOString();
  const request = { source: instance, target: 'other', to, databases: ['db1'] };
  const plan = {
    request,
    holder,
    requestedAt: to,
    logsPerSlice: 10,
    parallel: 1,
    targetDataPath: '/d/',
    targetLogPath: '/l/',
  };
  for (let round = 0; round < rounds; round += 1) {
    const roots = makeRoots(t);
    fillStore(roots.store, daysOfBackups('db1', 6));
    const later = async <T>(ms: number, work: () => Promise<T>): Promise<T> => {
      await pause(ms);
      return work();
    };
    // The retention run takes some tens of milliseconds: the restore begins before, within, and after.
    const [planned, retained] = await Promise.all([
      later((round * 40) / rounds, () => orRefused(run('plan', { ...plan, restoreId: 'r1' }, roots))),
      run('retain', retention(), roots),
    ]);
    assertWhole(roots.store, 'db1');
    assert.deepEqual(unfinished(roots.store), []);
    const removed = retained.databases[0]?.removed.sets ?? 0;
    if (removed > 0) seen.removed += 1;
    if (planned === null) {
      seen.refused += 1;
      assert.ok(removed > 0, 'only what was removed is refused');
      continue;
    }
    seen.planned += 1;
    const lease = JSON.parse(readFileSync(join(roots.store, instance, '.leases', 'r1.json'), 'utf8')) as {
      manifests: string[];
    };
    assert.equal(lease.manifests.length, 3);
    for (const manifest of lease.manifests) {
      const path = join(roots.store, manifest);
      assert.ok(existsSync(path), `round ${round}: ${manifest} stands`);
      const set = JSON.parse(readFileSync(path, 'utf8')) as BackupSet;
      for (const file of set.files)
        assert.ok(existsSync(join(path, '..', file.name)), `round ${round}: ${file.name} stands`);
    }
  }
  assert.ok(seen.planned > 0 && seen.refused > 0 && seen.removed > 0, JSON.stringify(seen));
});

test('a hold and a retention run that start together: what is held stays, or is refused', async (t) => {
  const seen = { held: 0, refused: 0 };
  const at = new Date(endOf(1) + 5 * 3_600_000).toISOString();
  const request = { action: 'hold', instance, database: 'db1', at, reason: 'race' } as const;
  for (let round = 0; round < rounds; round += 1) {
    const roots = makeRoots(t);
    fillStore(roots.store, daysOfBackups('db1', 6));
    const holding = pause((round * 40) / rounds).then(() =>
      orRefused(run('holds', { request, holdId: 'h', at }, roots)),
    );
    await Promise.all([holding, run('retain', retention(), roots)]);
    const left = assertWhole(roots.store, 'db1');
    const held = await holding;
    seen[held === null ? 'refused' : 'held'] += 1;
    const documents = (await run('holds', { request: { action: 'list', instance }, holdId: '', at }, roots)).holds;
    assert.equal(documents.length, held === null ? 0 : 1);
    if (held === null) continue;
    const hold = JSON.parse(readFileSync(join(roots.store, instance, '.holds', 'h.json'), 'utf8')) as {
      setIds: string[];
    };
    for (const id of hold.setIds) assert.ok(left.includes(id), `round ${round}: ${id} stands`);
  }
  assert.ok(seen.held > 0 && seen.refused > 0, JSON.stringify(seen));
});

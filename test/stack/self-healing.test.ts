import assert from 'node:assert/strict';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { BackupSet } from '../../workflows/domain/backup-set.ts';
import type { BackupResult } from '../../workflows/backup-instance.ts';
import { backUp, restore } from '../support/runs.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { readManifests } from '../support/store.ts';
import { controlOfMade } from '../support/targets.ts';
import { openWorkload, type Workload } from '../support/workload.ts';

let stack: Stack;
let source: Workload;
before(async () => {
  stack = await startStack({ limits: { mendsPerRun: 2 } });
  source = await openWorkload(stack.source.port, stack.password);
});
after(async () => {
  await source?.close();
  await stack?.stop();
});

/** A log run, and what it took instead of logs. */
async function logRun(databases?: readonly string[]): Promise<{ changed: readonly string[]; result: BackupResult }> {
  const result = await backUp(stack, 'log', databases);
  return { changed: result.changed.map(({ database, action, why }) => `${database} ${action}: ${why}`), result };
}

async function setsOf(database: string, kind: BackupSet['kind']): Promise<BackupSet[]> {
  const sets = (await readManifests(stack)).filter((set) => set.database === database && set.kind === kind);
  return sets.sort((a, b) => (a.committedAt < b.committedAt ? -1 : 1));
}

function pathOf(set: BackupSet | undefined): string {
  assert.ok(set, 'there is no such set');
  return join(stack.storePath, 'mssql-rt', set.database, set.files[0]?.name ?? '');
}

/** A database with a full backup and two logs. */
async function chained(database: string): Promise<void> {
  await source.create(database);
  await source.write(database, 'seed');
  await backUp(stack, 'full', [database]);
  for (const note of ['one', 'two']) {
    await source.write(database, note);
    assert.deepEqual((await logRun([database])).changed, []);
  }
}

test('a new database gets a full backup from the next log run', async () => {
  await source.create('newcomer');
  const { changed, result } = await logRun(['newcomer']);
  assert.deepEqual(changed, ['newcomer full: the store holds no backup of it yet']);
  assert.deepEqual(result.waiting, []);
  assert.deepEqual((await logRun(['newcomer'])).changed, []);
});

test('after a flip of the recovery model a differential begins the chain again', async () => {
  await chained('flipped');
  await source.query('ALTER DATABASE flipped SET RECOVERY SIMPLE');
  await source.write('flipped', 'not in any log');
  await source.query('ALTER DATABASE flipped SET RECOVERY FULL');
  const { changed } = await logRun(['flipped']);
  assert.deepEqual(changed, [
    'flipped differential: its log chain was interrupted or never started (recovery model, or no full backup yet)',
  ]);
  assert.deepEqual((await logRun(['flipped'])).changed, []);
});

test('a log backup of another tool is bridged by a differential', async () => {
  await chained('shared');
  await source.write('shared', 'in the log of the other tool');
  await source.query("BACKUP LOG shared TO DISK = N'/var/opt/mssql/data/other-tool.trn'");
  const { changed } = await logRun(['shared']);
  assert.deepEqual(changed, ['shared differential: a log backup was taken that the store does not hold']);
  assert.deepEqual((await logRun(['shared'])).changed, []);
});

test('a restore over the database is followed by a full backup', async () => {
  await chained('reverted');
  await source.query("BACKUP DATABASE reverted TO DISK = N'/var/opt/mssql/data/reverted.bak' WITH COPY_ONLY");
  await source.query("RESTORE DATABASE reverted FROM DISK = N'/var/opt/mssql/data/reverted.bak' WITH REPLACE");
  const { changed } = await logRun(['reverted']);
  assert.deepEqual(changed, ['reverted full: it was restored and is on a new recovery fork']);
});

test('a log file that is gone from the store is noticed by the next run, and a differential bridges it', async () => {
  await chained('holey');
  const [, lost] = await setsOf('holey', 'log');
  await rm(pathOf(lost));
  await source.write('holey', 'after the loss');
  const { changed, result } = await logRun(['holey']);
  assert.deepEqual(changed, [
    'holey differential: a backup file that its chain needs is gone from the store or damaged',
  ]);
  assert.deepEqual(result.failed, []);
  await source.write('holey', 'and after the differential');
  await pause(1_100);
  assert.deepEqual((await logRun(['holey'])).changed, []);

  await restore(stack, { target: 'healed', to: 'latest', databases: ['holey'] });
  const { made } = await controlOfMade(stack.instancesFolder, 'healed');
  const target = await openWorkload(made.port, stack.password);
  try {
    const notes = ['seed', 'one', 'two', 'after the loss', 'and after the differential'];
    assert.deepEqual(await target.notes('holey'), notes);
  } finally {
    await target.close();
  }
});

test('a full that has become shorter takes a new full; no verification is needed to notice', async () => {
  await chained('shortened');
  const [base] = await setsOf('shortened', 'full');
  await truncate(pathOf(base), 1_000);
  const { changed } = await logRun(['shortened']);
  assert.deepEqual(changed, ['shortened full: a backup file that its chain needs is gone from the store or damaged']);
  assert.deepEqual((await logRun(['shortened'])).changed, []);
});

test('a file that changed without changing its size is found by verify, and mended by the run after it', async () => {
  await chained('rotten');
  const [, rotten] = await setsOf('rotten', 'log');
  const path = pathOf(rotten);
  const bytes = await readFile(path);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  await writeFile(path, bytes);
  assert.deepEqual((await logRun(['rotten'])).changed, [], 'its size does not tell');

  const verification = stack.client.workflow.execute('verifyStore', {
    workflowId: 'verify-rotten',
    taskQueue: stack.taskQueue,
    args: [{ instance: 'mssql-rt', databases: ['rotten'] }],
  });
  await assert.rejects(verification, (error: Error) => {
    assert.match((error.cause as Error).message, /4 sets read, 1 damaged\. mssql-rt\/rotten\/.* has the hash/);
    return true;
  });
  const { changed } = await logRun(['rotten']);
  assert.deepEqual(changed, [
    'rotten differential: a backup file that its chain needs is gone from the store or damaged',
  ]);
});

test('so many are mended a run, the most exposed first; the others are named and wait for the next', async () => {
  const databases = ['queue1', 'queue2', 'queue3'];
  for (const database of databases) await chained(database);
  for (const database of databases) {
    await source.write(database, 'in the log of the other tool');
    await source.query(`BACKUP LOG ${database} TO DISK = N'/var/opt/mssql/data/${database}.trn'`);
  }
  await pause(1_100);
  await source.create('queue0');
  const first = await logRun([...databases, 'queue0']);
  assert.deepEqual(
    first.result.changed.map(({ database }) => database).sort(),
    ['queue0', 'queue1'],
    'one that has no backup at all, and the one whose last log is the oldest',
  );
  assert.deepEqual(
    first.result.waiting.map(({ database, action }) => `${database} ${action}`),
    ['queue2 differential', 'queue3 differential'],
  );
  const second = await logRun([...databases, 'queue0']);
  assert.deepEqual(second.result.changed.map(({ database }) => database).sort(), ['queue2', 'queue3']);
  assert.deepEqual((await logRun([...databases, 'queue0'])).changed, []);
});

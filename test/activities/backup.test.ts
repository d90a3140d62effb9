import assert from 'node:assert/strict';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { BackupSet } from '../../workflows/domain/backup-set.ts';
import { connect } from '../../activities/sql-server/connection.ts';
import { createPlatform } from '../../activities/platform/index.ts';
import { hold } from '../support/holds.ts';
import { until } from '../support/until.ts';
import { backUp, nextSecond, openSite, runRef, type Site } from './site.ts';

const logOf = (database: string) => [{ database, action: 'log' }] as const;
const fullOf = (database: string) => [{ database, action: 'full' }] as const;

/** A site with `db1`, which has a full backup in the store and a row since. */
async function withBase(t: TestContext): Promise<Site> {
  const site = await openSite(t);
  await site.workload.create('db1');
  await site.workload.write('db1', 'seed');
  await backUp(site, 'full', 1);
  await site.workload.write('db1', 'wave1');
  return site;
}

async function manifests(site: Site): Promise<BackupSet[]> {
  const names = await readdir(join(site.folder, 'store'), { recursive: true });
  const paths = names.filter((name) => name.endsWith('.manifest.json'));
  const sets = await Promise.all(
    paths.map(async (path) => JSON.parse(await readFile(join(site.folder, 'store', path), 'utf8')) as BackupSet),
  );
  return sets.sort((a, b) => (a.committedAt < b.committedAt ? -1 : 1));
}

/** Backups of db1 that msdb knows, by type. */
async function history(site: Site, type: 'D' | 'I' | 'L'): Promise<string[]> {
  const rows = await site.workload.query<{ id: string }>(
    `SELECT CONVERT(varchar(36), backup_set_uuid) AS id FROM msdb.dbo.backupset
      WHERE database_name = 'db1' AND type = '${type}' ORDER BY backup_set_id`,
  );
  return rows.map((row) => row.id.toUpperCase());
}

async function staged(site: Site): Promise<string[]> {
  const files = await readdir(join(site.folder, 'live', 'backup-mssql'), { recursive: true, withFileTypes: true });
  return files.filter((file) => file.isFile()).map((file) => file.name);
}

test('a full and a log run bring a whole chain into the store, and leave nothing staged', async (t) => {
  const site = await withBase(t);
  await nextSecond(site.workload);
  const { run } = await backUp(site, 'log', 2);
  const [full, log] = await manifests(site);
  assert.deepEqual([full?.kind, log?.kind], ['full', 'log']);
  assert.deepEqual([await history(site, 'D'), await history(site, 'L')], [[full?.id], [log?.id]]);
  assert.equal(log?.takenBy?.workflowId, 'w-2');
  assert.equal(log.databaseFiles.length, 2);
  assert.ok(Date.parse(log.finishedAt) <= Date.now() && Date.parse(log.startedAt) > Date.now() - 600_000);
  assert.deepEqual(await staged(site), []);
  assert.deepEqual(await readdir(join(site.folder, 'live', 'backup-mssql')), []);

  const path = join(site.folder, 'store', 'live', '.runs', `${run.run}.json`);
  const report = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  assert.deepEqual([report['backedUp'], report['failed'], report['broken']], [['db1'], [], []]);
  const [known] = site.fleet.shown().databases;
  assert.deepEqual([known?.instance, known?.database], ['live', 'db1']);
  assert.ok(Math.abs(Date.now() - (known?.latestRestorableMs ?? 0)) < 600_000, `${known?.latestRestorableMs}`);
  const tags = { sql_instance: 'live', kind: 'log', outcome: 'complete' };
  assert.equal(site.meter.valueOf('mssql_pitr_backup_runs', tags), 1);
});

test('what an attempt finished and could not say is adopted, and the log is not backed up again', async (t) => {
  const site = await withBase(t);
  const run = runRef('log', 2);
  const answer = await hold(site.server.control, { at: 'after-history', database: 'db1' });
  const first = site.run('backUpDatabases', { ...run, work: logOf('db1') });
  await answer.reached();
  await site.server.kill();
  await assert.rejects(first.result, { type: 'ServerUnavailable' });
  await site.restart();

  const second = await site.run('backUpDatabases', { ...run, work: logOf('db1') }, 2).result;
  assert.deepEqual(second, { done: 1, adopted: 1, failed: [] });
  assert.equal((await history(site, 'L')).length, 1);
  assert.equal((await site.run('commitStaged', run).result).count, 1);
});

test('two attempts at once take one backup: the second waits and adopts', async (t) => {
  const site = await withBase(t);
  const run = runRef('log', 2);
  const halfway = await hold(site.server.control, { at: 'backup-log', database: 'db1' });
  const first = site.run('backUpDatabases', { ...run, work: logOf('db1') });
  await halfway.reached();
  const second = site.run('backUpDatabases', { ...run, work: logOf('db1') }, 2);
  await until('the second to wait', () => JSON.stringify(second.heartbeats).includes('waits for another'));
  await halfway.release();
  assert.deepEqual(await first.result, { done: 1, adopted: 0, failed: [] });
  assert.deepEqual(await second.result, { done: 1, adopted: 1, failed: [] });
  assert.equal((await history(site, 'L')).length, 1);
});

test('a cancelled backup has ended on the server when the activity has', async (t) => {
  const site = await withBase(t);
  const halfway = await hold(site.server.control, { at: 'backup-database', database: 'db1', atPercent: 50 });
  const first = site.run('backUpDatabases', { ...runRef('full', 2), work: fullOf('db1') });
  await halfway.reached();
  first.cancel();
  await assert.rejects(first.result, { name: 'CancelledFailure' });
  const running = await site.workload.query("SELECT 1 AS one FROM sys.dm_exec_requests WHERE command LIKE 'BACKUP%'");
  assert.deepEqual(running, []);
  await site.run('commitStaged', runRef('log', 3)).result;
  assert.deepEqual(await staged(site), []);
  assert.equal((await history(site, 'D')).length, 1);
});

test('a file that was cut off is no backup: the next run removes it', async (t) => {
  const site = await withBase(t);
  const halfway = await hold(site.server.control, { at: 'backup-database', database: 'db1', atPercent: 50 });
  const first = site.run('backUpDatabases', { ...runRef('full', 2), work: fullOf('db1') });
  await halfway.reached();
  await site.server.kill();
  await assert.rejects(first.result, { type: 'ServerUnavailable' });
  await site.restart();
  assert.equal((await staged(site)).length, 1);
  const committed = await site.run('commitStaged', runRef('log', 3)).result;
  assert.deepEqual([committed.count, committed.torn, committed.failed], [0, 1, []]);
  assert.deepEqual(await staged(site), []);
  assert.equal((await manifests(site)).length, 1);
});

test('a backup that another run is writing is left alone until it is finished', async (t) => {
  const site = await withBase(t);
  const full = runRef('full', 2);
  const halfway = await hold(site.server.control, { at: 'backup-database', database: 'db1', atPercent: 50 });
  const running = site.run('backUpDatabases', { ...full, work: fullOf('db1') });
  await halfway.reached();
  const early = await site.run('commitStaged', runRef('log', 3)).result;
  assert.deepEqual([early.count, early.torn, early.failed], [0, 0, []]);
  assert.equal((await staged(site)).length, 1);
  await halfway.release();
  assert.deepEqual(await running.result, { done: 1, adopted: 0, failed: [] });
  const late = await site.run('commitStaged', runRef('log', 4)).result;
  assert.deepEqual([late.count, late.torn, late.sets[0]?.kind], [1, 0, 'full']);
});

test("one database's failure is told by name, and the others are backed up", async (t) => {
  const site = await withBase(t);
  await site.workload.create('db2');
  const run = runRef('full', 2);
  const work = [...fullOf('gone'), ...fullOf('db1'), ...fullOf('db2')];
  const outcome = await site.run('backUpDatabases', { ...run, work }).result;
  assert.equal(outcome.done, 2);
  assert.deepEqual(
    outcome.failed.map(({ database, type }) => [database, type]),
    [['gone', 'UnknownDatabase']],
  );
  assert.match(outcome.failed[0]?.message ?? '', /'gone' does not exist.*911/);
});

test('a server that dies under a backup is waited for, and the next attempt finishes the run', async (t) => {
  const site = await withBase(t);
  const run = runRef('log', 2);
  const halfway = await hold(site.server.control, { at: 'backup-log', database: 'db1' });
  const first = site.run('backUpDatabases', { ...run, work: logOf('db1') });
  await halfway.reached();
  await site.server.kill();
  await assert.rejects(first.result, { type: 'ServerUnavailable', nonRetryable: false });
  await site.restart();
  const second = await site.run('backUpDatabases', { ...run, work: logOf('db1') }, 2).result;
  assert.equal(second.done, 1);
  const committed = await site.run('commitStaged', run).result;
  assert.deepEqual([committed.count, committed.failed], [1, []]);
  assert.equal((await history(site, 'L')).length, 1);
});

test('a staging folder that has gone is made again', async (t) => {
  const site = await withBase(t);
  const run = runRef('log', 2);
  await rm(join(site.folder, 'live', 'backup-mssql'), { recursive: true });
  const outcome = await site.run('backUpDatabases', { ...run, work: logOf('db1') }).result;
  assert.deepEqual(outcome, { done: 1, adopted: 0, failed: [] });
});

test('a finished backup that msdb has no record of is committed by its own header', async (t) => {
  const site = await withBase(t);
  const run = runRef('log', 2);
  await site.run('backUpDatabases', { ...run, work: logOf('db1') }).result;
  const [id] = await history(site, 'L');
  await site.workload.query("EXEC msdb.dbo.sp_delete_database_backuphistory @database_name = N'db1'");
  assert.deepEqual(await history(site, 'L'), []);
  const committed = await site.run('commitStaged', run).result;
  assert.deepEqual([committed.count, committed.torn, committed.failed], [1, 0, []]);
  const log = (await manifests(site)).find((set) => set.kind === 'log');
  assert.equal(log?.id, id);
  assert.equal(log?.databaseFiles.length, 2);
});

test('inspection leaves out what cannot be backed up, and says why', async (t) => {
  const site = await withBase(t);
  await site.workload.create('new');
  await site.workload.create('off');
  await site.workload.create('small');
  await site.workload.query('ALTER DATABASE [off] SET OFFLINE');
  await site.workload.query('ALTER DATABASE [small] SET RECOVERY SIMPLE');
  const request = { instance: 'live', kind: 'log' } as const;
  const found = await site.run('inspectInstance', { ...runRef('log', 2), request }).result;
  assert.deepEqual(found.work, [
    { database: 'db1', action: 'log' },
    { database: 'new', action: 'full', reason: 'first-backup' },
  ]);
  const why = Object.fromEntries(found.skipped.map((skip) => [skip.database, skip.reason]));
  assert.equal(why['off'], 'not-online');
  assert.equal(why['small'], 'simple-recovery-model');
  assert.equal(why['tempdb'], 'system-database');
});

test('a log that was backed up elsewhere is noticed, and a differential mends the chain', async (t) => {
  const site = await withBase(t);
  await site.workload.query("BACKUP LOG [db1] TO DISK = N'/var/opt/mssql/data/elsewhere.trn'");
  const request = { instance: 'live', kind: 'log' } as const;
  const found = await site.run('inspectInstance', { ...runRef('log', 2), request }).result;
  assert.deepEqual(found.work, [{ database: 'db1', action: 'differential', reason: 'log-taken-elsewhere' }]);
});

test('names that are not there are refused at once', async (t) => {
  const site = await openSite(t);
  const request = { instance: 'live', kind: 'full', databases: ['master', 'nowhere'] } as const;
  await assert.rejects(site.run('openBackupRun', { ...runRef('full'), request }).result, {
    type: 'UnknownDatabase',
    nonRetryable: true,
    message: /live has no database nowhere/,
  });
  const elsewhere = { ...runRef('full'), instance: 'unknown' };
  await assert.rejects(
    site.run('openBackupRun', { ...elsewhere, request: { instance: 'unknown', kind: 'full' } }).result,
    { type: 'UnknownInstance', nonRetryable: true },
  );
});

test('closing a run ends what a lost worker left going', async (t) => {
  const site = await withBase(t);
  const run = runRef('full', 2);
  const lost = await connect(await createPlatform(site.settings).endpoint('live'), { session: run.run, single: true });
  t.after(() => lost.close());
  await hold(site.server.control, { at: 'backup-database', database: 'db1' });
  const backup = lost.statement("BACKUP DATABASE [db1] TO DISK = N'/var/opt/mssql/data/lost.bak'", {
    signal: new AbortController().signal,
  });
  backup.catch(() => undefined);
  await until('the backup', async () => {
    const rows = await site.workload.query(
      "SELECT 1 AS one FROM sys.dm_exec_requests WHERE command = 'BACKUP DATABASE'",
    );
    return rows.length > 0;
  });
  await site.run('closeBackupRun', run).result;
  await assert.rejects(backup);
  const left = await site.workload.query(`SELECT 1 AS one FROM sys.dm_exec_sessions WHERE host_name = '${run.run}'`);
  assert.deepEqual(left, []);
});

test('closing a run does not wait for a server that is away', async (t) => {
  const site = await openSite(t);
  await site.server.kill();
  await site.run('closeBackupRun', runRef('log')).result;
});

test('progress is told while a backup runs', async (t) => {
  const site = await withBase(t);
  const halfway = await hold(site.server.control, { at: 'backup-database', database: 'db1', atPercent: 50 });
  const running = site.run('backUpDatabases', { ...runRef('full', 2), work: fullOf('db1') });
  await halfway.reached();
  const percent = (): string | undefined =>
    (running.heartbeats.at(-1) as { running?: Record<string, string> } | undefined)?.running?.['db1'];
  await until('the percentage', () => /full, [1-9]\d* %/.test(percent() ?? ''));
  await halfway.release();
  await running.result;
});

test('a full volume fails the database that does not fit, and says so', async (t) => {
  const site = await withBase(t);
  await site.workload.create('small');
  await site.server.control.request('POST', '/faults', {
    kind: 'full',
    prefix: '/var/opt/mssql/backup-mssql/20260210T065402Z-full-test/db1_full',
    afterBytes: 1_000,
  });
  const work = [...fullOf('db1'), ...fullOf('small')];
  const outcome = await site.run('backUpDatabases', { ...runRef('full', 2), work }).result;
  assert.equal(outcome.done, 1);
  assert.deepEqual(
    outcome.failed.map(({ database, type }) => [database, type]),
    [['db1', 'StorageFull']],
  );
  const committed = await site.run('commitStaged', runRef('full', 2)).result;
  assert.deepEqual([committed.count, committed.failed], [1, []]);
  assert.deepEqual(await staged(site), []);
});

test('a log run does not wait for hours behind the full backup that makes its own full unnecessary', async (t) => {
  const site = await openSite(t);
  await site.workload.create('new');
  const halfway = await hold(site.server.control, { at: 'backup-database', database: 'new', atPercent: 50 });
  const full = site.run('backUpDatabases', { ...runRef('full', 1), work: fullOf('new') });
  await halfway.reached();
  const request = { instance: 'live', kind: 'log' } as const;
  const log = runRef('log', 2);
  const { work } = await site.run('inspectInstance', { ...log, request }).result;
  assert.deepEqual(work, [{ database: 'new', action: 'full', reason: 'first-backup' }]);
  const outcome = await site.run('backUpDatabases', { ...log, work }).result;
  assert.deepEqual(outcome, { done: 0, adopted: 0, failed: [] });
  const report = await site.run('recordRun', {
    ...log,
    kind: 'log',
    startedAt: '2026-02-10T06:54:02.000Z',
    databases: ['new'],
    failed: [],
  }).result;
  assert.deepEqual(report.broken, []);
  await halfway.release();
  assert.deepEqual(await full.result, { done: 1, adopted: 0, failed: [] });
});

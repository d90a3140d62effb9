import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { DatabaseRefs, RestorePlan, RestoreRef, StepsInput } from '../../workflows/contracts.ts';
import type { FullCertificate } from '../../activities/restore/certificate.ts';
import type { RestoreRequest } from '../../workflows/domain/request.ts';
import { hold } from '../support/holds.ts';
import { until } from '../support/until.ts';
import { openWorkload, type Workload } from '../support/workload.ts';
import { backUp, nextSecond, openSite, type Site } from './site.ts';

interface Scene {
  readonly site: Site;
  readonly copy: Workload;
  /** A moment after `wave1` and before `wave2`. */
  readonly between: string;
}

/** `db1` with a full and three logs: seed | wave1 | (between) wave2 | wave3. */
async function scene(t: TestContext, timeZone?: string): Promise<Scene> {
  const site = await openSite(t, { target: true, ...(timeZone === undefined ? {} : { timeZone }) });
  const { workload } = site;
  await workload.create('db1');
  await workload.write('db1', 'seed');
  await backUp(site, 'full', 1);
  await workload.write('db1', 'wave1');
  await backUp(site, 'log', 2);
  const between = await nextSecond(workload);
  await workload.write('db1', 'wave2');
  await backUp(site, 'log', 3);
  await workload.write('db1', 'wave3');
  await backUp(site, 'log', 4);
  assert.ok(site.target);
  const copy = await openWorkload(site.target.port, site.target.password);
  t.after(() => copy.close());
  return { site, copy, between };
}

const ref: RestoreRef = { restoreId: '20260210T065500Z-restore-test', source: 'live', target: 'copy' };
const requestedAt = new Date().toISOString();

async function plan(site: Site, request: Partial<RestoreRequest>, of: RestoreRef = ref): Promise<RestorePlan> {
  const whole: RestoreRequest = { source: of.source, target: of.target, to: 'latest', ...request };
  return site.run('planRestore', { ...of, request: whole, requestedAt }).result;
}

const refsOf = ({ planPath, planDigest }: RestorePlan, of: RestoreRef = ref): DatabaseRefs => ({
  ...of,
  planPath,
  planDigest,
});

function stepsOf(planned: RestorePlan, [from, to]: readonly [number, number] = [0, stepCount(planned)]): StepsInput {
  return { ...refsOf(planned), database: 'db1', from, to };
}

function stepCount({ databases: [database] }: RestorePlan): number {
  return 1 + (database?.differential ? 1 : 0) + (database?.logCount ?? 0);
}

async function recover(site: Site, planned: RestorePlan) {
  return site.run('recoverDatabase', { ...refsOf(planned), database: 'db1' }).result;
}

for (const timeZone of ['UTC', 'Asia/Bangkok', 'America/St_Johns']) {
  test(`a database is brought to a moment on another server, whose source's clock runs in ${timeZone}`, async (t) => {
    const { site, copy, between } = await scene(t, timeZone);
    const planned = await plan(site, { to: between });
    const ready = await site.run('prepareTarget', refsOf(planned)).result;
    assert.deepEqual(ready, { created: false, address: `127.0.0.1:${site.target?.port}` });
    const outcome = await site.run('restoreSteps', stepsOf(planned)).result;
    assert.equal(outcome.skipped, 0);
    assert.ok(outcome.bytes > 0);

    const reached = await recover(site, planned);
    assert.match(reached.lsn, /^\d+$/);
    assert.deepEqual(await copy.notes('db1'), ['seed', 'wave1']);
    const again = await recover(site, planned);
    assert.equal(again.lsn, reached.lsn);

    const verified = await site.run('verifyDatabase', {
      ...refsOf(planned),
      database: 'db1',
      checkDb: true,
      repairUsers: false,
      validations: [{ database: 'db1', query: 'SELECT COUNT(*) FROM dbo.events', expect: 2 }],
    }).result;
    assert.deepEqual([verified.online, verified.writable, verified.checkDb], [true, true, 'clean']);

    const certificate = await site.run('writeCertificate', {
      ...refsOf(planned),
      requested: between,
      requestedAt,
      startedAt: requestedAt,
      workflowId: 'w',
      runId: 'r',
      reached: [reached],
      verified: [verified],
    }).result;
    assert.equal(certificate.targetTime, between);
    assert.ok(certificate.rpoSeconds >= 0 && certificate.rtoEndToEndSeconds > 0);
    const json = await readFile(join(site.folder, 'store', certificate.path), 'utf8');
    const { proofs } = JSON.parse(json) as FullCertificate;
    assert.equal(proofs[0]?.backups.length, stepCount(planned));
    assert.match(proofs[0]?.backups[0]?.files[0]?.sha256 ?? '', /^[0-9a-f]{64}$/);
    const markdown = await readFile(join(site.folder, 'store', certificate.path.replace('.json', '.md')), 'utf8');
    assert.match(markdown, /Recovery certificate/);

    await site.run('cleanStaging', ref).result;
    await assert.rejects(readFile(join(site.folder, 'copy', 'restore-staging', ref.restoreId)), { code: 'ENOENT' });
  });
}

test('everything up to the last backup is restored when the latest state is asked for', async (t) => {
  const { site, copy } = await scene(t);
  const planned = await plan(site, {});
  await site.run('restoreSteps', stepsOf(planned)).result;
  await recover(site, planned);
  assert.deepEqual(await copy.notes('db1'), ['seed', 'wave1', 'wave2', 'wave3']);
});

test('a restore that was cancelled in the middle of a log goes on with that log', async (t) => {
  const { site, copy } = await scene(t);
  const planned = await plan(site, {});
  assert.ok(site.target);
  const secondLog = await hold(site.target.control, { at: 'restore-log', database: 'db1' });
  const first = site.run('restoreSteps', stepsOf(planned));
  await secondLog.reached();
  first.cancel();
  await assert.rejects(first.result, { name: 'CancelledFailure' });

  const second = await site.run('restoreSteps', stepsOf(planned), 2).result;
  assert.equal(second.applied + second.skipped, stepCount(planned));
  assert.ok(second.skipped >= 1, `skipped ${second.skipped}`);
  await recover(site, planned);
  assert.deepEqual(await copy.notes('db1'), ['seed', 'wave1', 'wave2', 'wave3']);
});

test('a restore that was cut off within its base begins with the base again', async (t) => {
  const { site, copy } = await scene(t);
  const planned = await plan(site, {});
  assert.ok(site.target);
  const inBase = await hold(site.target.control, { at: 'restore-database', database: 'db1', atPercent: 50 });
  const first = site.run('restoreSteps', stepsOf(planned));
  await inBase.reached();
  first.cancel();
  await assert.rejects(first.result, { name: 'CancelledFailure' });
  const second = await site.run('restoreSteps', stepsOf(planned), 2).result;
  assert.equal(second.applied, stepCount(planned));
  await recover(site, planned);
  assert.deepEqual(await copy.notes('db1'), ['seed', 'wave1', 'wave2', 'wave3']);
});

test('an attempt that comes when all is restored finds it so, and still knows whether the stop point was reached', async (t) => {
  const { site, copy, between } = await scene(t);
  const planned = await plan(site, { to: between });
  const first = await site.run('restoreSteps', stepsOf(planned)).result;
  const second = await site.run('restoreSteps', stepsOf(planned), 2).result;
  assert.equal(second.stopReached, first.stopReached);
  assert.ok(second.applied <= 1, `applied ${second.applied}`);
  await recover(site, planned);
  assert.deepEqual(await copy.notes('db1'), ['seed', 'wave1']);
  const third = await site.run('restoreSteps', stepsOf(planned), 3).result;
  assert.deepEqual([third.applied, third.skipped], [0, stepCount(planned)]);
  assert.deepEqual(await copy.notes('db1'), ['seed', 'wave1']);
});

test('slices one after the other bring a database to the same point as one', async (t) => {
  const { site, copy } = await scene(t);
  const planned = await plan(site, {});
  for (let from = 0; from < stepCount(planned); from += 1) {
    await site.run('restoreSteps', stepsOf(planned, [from, from + 1])).result;
  }
  await recover(site, planned);
  assert.deepEqual(await copy.notes('db1'), ['seed', 'wave1', 'wave2', 'wave3']);
});

test('a database that is there under the name is refused when planning, and never touched later', async (t) => {
  const { site, copy } = await scene(t);
  const early = await plan(site, {});
  await copy.create('db1');
  await copy.write('db1', 'mine');
  await assert.rejects(plan(site, {}), { type: 'TargetDatabaseExists', message: /copy already has db1/ });
  await assert.rejects(site.run('restoreSteps', stepsOf(early)).result, { type: 'NotOurs' });
  await assert.rejects(recover(site, early), { type: 'NotOurs' });
  const input = { ...ref, planPath: null, planDigest: null, removeTarget: true };
  assert.deepEqual(await site.run('discardRestore', input).result, {
    droppedDatabases: [],
    leftAlone: ['db1'],
    targetRemoved: false,
  });
  assert.deepEqual(await copy.notes('db1'), ['mine']);
});

test('a restore under another name leaves the database of the first name alone', async (t) => {
  const { site, copy } = await scene(t);
  await copy.create('db1');
  await copy.write('db1', 'mine');
  const planned = await plan(site, { rename: { db1: "copy of db1]'" } });
  await site.run('restoreSteps', stepsOf(planned)).result;
  await recover(site, planned);
  assert.deepEqual(await copy.notes('db1'), ['mine']);
  assert.deepEqual(await copy.notes("copy of db1]'"), ['seed', 'wave1', 'wave2', 'wave3']);
});

test('discarding drops what the restore made, also in the middle of restoring, and ends its sessions', async (t) => {
  const { site, copy } = await scene(t);
  await copy.create('other');
  const planned = await plan(site, {});
  assert.ok(site.target);
  const inLog = await hold(site.target.control, { at: 'restore-log', database: 'db1' });
  const running = site.run('restoreSteps', stepsOf(planned));
  await inLog.reached();
  const discarded = await site.run('discardRestore', { ...refsOf(planned), removeTarget: false }).result;
  assert.deepEqual(discarded, { droppedDatabases: ['db1'], leftAlone: ['other'], targetRemoved: false });
  await assert.rejects(running.result);
  const again = await site.run('discardRestore', { ...refsOf(planned), removeTarget: false }).result;
  assert.deepEqual(again.droppedDatabases, []);
});

test('a validation that finds something else fails the restore, with query, expectation and finding', async (t) => {
  const { site, copy } = await scene(t);
  const planned = await plan(site, {});
  await site.run('restoreSteps', stepsOf(planned)).result;
  await recover(site, planned);
  const query = "SELECT COUNT(*) FROM dbo.events WHERE note = 'wave2'";
  const input = { ...refsOf(planned), database: 'db1', checkDb: false, repairUsers: false };
  await assert.rejects(
    site.run('verifyDatabase', { ...input, validations: [{ database: 'db1', query, expect: 0 }] }).result,
    { type: 'VerificationFailed', message: /SELECT COUNT.* gave 1, not 0/ },
  );
  const writing = "INSERT INTO dbo.events (note) VALUES ('proof'); SELECT COUNT(*) FROM dbo.events";
  const validations = [
    { database: 'db1', query: writing, expect: 5 },
    { database: 'db1', query: 'SELECT TOP 1 note FROM dbo.events ORDER BY id', expect: 'seed' },
    { database: 'db1', query: 'SELECT MAX(note) FROM dbo.events WHERE 1 = 0', expect: null },
  ];
  const verified = await site.run('verifyDatabase', { ...input, validations }).result;
  assert.deepEqual(
    verified.validations.map((validation) => validation.ok),
    [true, true, true],
  );
  assert.deepEqual(await copy.notes('db1'), ['seed', 'wave1', 'wave2', 'wave3']);
  await assert.rejects(
    site.run('verifyDatabase', {
      ...input,
      validations: [{ database: 'db1', query: 'SELECT note FROM dbo.events', expect: 'seed' }],
    }).result,
    { type: 'VerificationFailed', message: /one value/ },
  );
});

test('users without a login are linked to the login of their name when asked', async (t) => {
  const { site, copy } = await scene(t);
  await site.workload.query("CREATE LOGIN [reader] WITH PASSWORD = 'Reader-1-Reader!'");
  await site.workload.query('USE [db1]; CREATE USER [reader] FOR LOGIN [reader]');
  await backUp(site, 'log', 5);
  await copy.query("CREATE LOGIN [reader] WITH PASSWORD = 'Reader-2-Reader!'");
  const planned = await plan(site, {});
  await site.run('restoreSteps', stepsOf(planned)).result;
  await recover(site, planned);
  const input = { ...refsOf(planned), database: 'db1', checkDb: false, repairUsers: true, validations: [] };
  assert.deepEqual((await site.run('verifyDatabase', input).result).repairedUsers, ['reader']);
  assert.deepEqual((await site.run('verifyDatabase', input).result).repairedUsers, []);
});

test('a target that does not answer is waited for, and says why when it never does', async (t) => {
  const { site } = await scene(t);
  const planned = await plan(site, {});
  await site.target?.kill();
  const waiting = site.run('prepareTarget', refsOf(planned));
  await until('the wait', () => JSON.stringify(waiting.heartbeats.at(-1) ?? '').includes('waitingFor'));
  waiting.cancel();
  await assert.rejects(waiting.result, { name: 'CancelledFailure' });
});

for (const at of ['restore-database', 'restore-log'] as const) {
  test(`a target that dies under ${at} is waited for, and the next attempt goes on`, async (t) => {
    const { site } = await scene(t);
    const planned = await plan(site, {});
    assert.ok(site.target);
    const middle = await hold(site.target.control, { at, database: 'db1', atPercent: 50 });
    const first = site.run('restoreSteps', stepsOf(planned));
    await middle.reached();
    await site.target.kill();
    await assert.rejects(first.result, { type: 'ServerUnavailable', nonRetryable: false });
    await site.restart('copy');
    const second = await site.run('restoreSteps', stepsOf(planned), 2).result;
    assert.equal(second.applied + second.skipped, stepCount(planned));
    await recover(site, planned);
    const copy = await openWorkload(site.target.port, site.target.password);
    t.after(() => copy.close());
    assert.deepEqual(await copy.notes('db1'), ['seed', 'wave1', 'wave2', 'wave3']);
  });
}

test('a backup file that changed in the store is refused before SQL Server sees it', async (t) => {
  const { site, copy } = await scene(t);
  const planned = await plan(site, {});
  const manifest = planned.databases[0]?.lastLog?.manifest ?? '';
  const path = join(site.folder, 'store', manifest.replace('.manifest.json', ''));
  const bytes = await readFile(path);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 0xff;
  await writeFile(path, bytes);
  await assert.rejects(site.run('restoreSteps', stepsOf(planned)).result, {
    type: 'FileDamaged',
    nonRetryable: true,
    message: new RegExp(basename(path)),
  });
  assert.deepEqual(
    await copy.query("SELECT 1 AS one FROM sys.databases WHERE name = 'db1' AND state_desc = 'ONLINE'"),
    [],
  );
});

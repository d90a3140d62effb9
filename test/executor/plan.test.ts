import assert from 'node:assert/strict';
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RestorePlan } from '../../workflows/contracts.ts';
import type { RestoreRequest } from '../../workflows/domain/request.ts';
import type { Roots } from '../../activities/executor/tasks.ts';
import { chainOfSets, fillStore, makeRoots, run, zeroTime } from './support.ts';

const source = 'mssql-rt';
const at = (minutes: number, seconds = 0): string =>
  new Date(zeroTime + minutes * 60_000 + seconds * 1000).toISOString();

function plan(roots: Roots, request: Partial<RestoreRequest>, logsPerSlice = 5): Promise<RestorePlan> {
  const input = {
    request: { source, target: 'mssql-rt-target', to: 'latest', ...request },
    restoreId: 'r1',
    requestedAt: at(1000),
    logsPerSlice,
    parallel: 4,
    targetDataPath: '/var/opt/mssql/data/',
    targetLogPath: '/var/opt/mssql/data/',
  };
  return run('plan', input, roots);
}

test('a plan names its files by digest and is read back slice by slice', async (t) => {
  const roots = makeRoots(t);
  const sets = fillStore(roots.store, chainOfSets('db', 40));
  fillStore(roots.store, chainOfSets('other', 40));
  const found = await plan(roots, { to: at(35, 30), databases: ['db'], rename: { db: 'db_restored' } });

  const [one] = found.databases;
  assert.equal(found.targetTime, at(35, 30));
  assert.equal(one?.targetDatabase, 'db_restored');
  assert.equal(one?.logCount, 36, 'the log that was taken at 36 minutes is the first to reach the target');
  assert.equal(one?.lastLog?.finishedAt, at(36));
  assert.equal(found.fileCount, 37);
  assert.equal(one?.slices.at(-1)?.[1], 37);
  assert.equal(
    found.totalBytes,
    sets.slice(0, 37).reduce((sum, set) => sum + set.files[0]!.sizeBytes, 0),
  );
  assert.equal(found.planPath, 'mssql-rt/.restores/r1/plan.json');

  const { planPath, planDigest } = found;
  const slice = { planPath, planDigest, database: 'db', from: 35, to: 37 };
  const read = await run('readPlan', slice, roots);
  assert.deepEqual(
    read.steps.map(({ set }) => set),
    sets.slice(35, 37),
  );
  assert.equal(read.steps[1]?.stopAt, '2026-02-10T00:35:30.000');
  assert.equal(read.targetDatabase, 'db_restored');
  assert.equal(read.stepCount, 37);
  await assert.rejects(run('readPlan', { ...slice, to: 38 }, roots), { type: 'InvalidInput' });
  await assert.rejects(run('readPlan', { ...slice, database: 'other' }, roots), { type: 'InvalidInput' });
});

test('the commands of a plan move every file, stop every log, and recover last', async (t) => {
  const roots = makeRoots(t);
  fillStore(roots.store, chainOfSets('a', 2));
  fillStore(roots.store, chainOfSets(`b]'`, 2));
  const { commands } = await plan(roots, { to: at(1, 30) });
  assert.equal(commands.length, 8);
  assert.match(
    commands[0]!,
    /^RESTORE DATABASE \[a\] FROM DISK = N'\/var\/opt\/mssql\/restore-staging\/r1\/a\/a_full_.*MOVE N'data' TO N'\/var\/opt\/mssql\/data\//,
  );
  assert.match(commands[1]!, /^RESTORE LOG \[a\] .*STOPAT = N'2026-02-10T00:01:30.000'/);
  assert.match(commands[3]!, /^RESTORE DATABASE \[b\]\]'\] FROM/);
  assert.deepEqual(commands.slice(6), ['RESTORE DATABASE [a] WITH RECOVERY', `RESTORE DATABASE [b]]'] WITH RECOVERY`]);
});

test('a plan or manifest that was changed afterwards is refused', async (t) => {
  const roots = makeRoots(t);
  fillStore(roots.store, chainOfSets('db', 3));
  const { planPath, planDigest, databases } = await plan(roots, {});
  const slice = { planPath, planDigest, database: 'db', from: 0, to: 2 };
  const spoil = async (path: string): Promise<void> => {
    const whole = readFileSync(join(roots.store, path), 'utf8');
    writeFileSync(join(roots.store, path), whole.replace('"full"', '"log"').replace('"db"', '"d b"'));
    await assert.rejects(run('readPlan', slice, roots), { type: 'FileDamaged', message: new RegExp(path) });
    rmSync(join(roots.store, path));
    await assert.rejects(run('readPlan', slice, roots), { type: 'FileMissing', message: new RegExp(path) });
    writeFileSync(join(roots.store, path), whole);
  };
  await spoil(planPath);
  await spoil('mssql-rt/.restores/r1/db.steps.json');
  await spoil(databases[0]!.base.manifest);
  assert.equal((await run('readPlan', slice, roots)).steps.length, 2);
});

test('planning again gives the same plan', async (t) => {
  const roots = makeRoots(t);
  fillStore(roots.store, chainOfSets('db', 3));
  assert.deepEqual(await plan(roots, {}), await plan(roots, {}));
});

test('a time that cannot be reached is refused with the nearest ones on both sides', async (t) => {
  const roots = makeRoots(t);
  const sets = chainOfSets('db', 20);
  fillStore(roots.store, [...sets.slice(0, 6), ...sets.slice(8)]);
  await assert.rejects(plan(roots, { to: at(6, 30) }), (error: Error & { type?: string; details?: unknown[] }) => {
    assert.equal(error.type, 'TargetTimeNotReachable');
    assert.match(error.message, /before it 2026-02-10T00:05:00Z, none after it/);
    const [{ refusals }] = error.details as [{ refusals: { database: string; code: string }[] }];
    assert.equal(refusals[0]?.database, 'db');
    return true;
  });
  await assert.rejects(plan(roots, { to: at(-60) }), { message: /none before it, after it 2026-02-10T00:00:01Z/ });
});

test('a backup whose file is gone or cut off is not planned with, and the refusal says so', async (t) => {
  const roots = makeRoots(t);
  const sets = fillStore(roots.store, chainOfSets('db', 6));
  const folder = join(roots.store, source, 'db');
  rmSync(join(folder, sets[5]!.files[0]!.name));
  await assert.rejects(plan(roots, { to: at(5, 30) }), { type: 'TargetTimeNotReachable', message: /is gone/ });
  assert.equal((await plan(roots, { to: at(3, 30) })).databases[0]?.logCount, 4);
  truncateSync(join(folder, sets[4]!.files[0]!.name), 3);
  await assert.rejects(plan(roots, { to: at(3, 30) }), {
    type: 'TargetTimeNotReachable',
    message: /has 3 bytes, and its manifest says/,
  });
});

test('unknown databases are refused, and one that differs in case is pointed out', async (t) => {
  const roots = makeRoots(t);
  fillStore(roots.store, chainOfSets('Orders', 1));
  fillStore(roots.store, chainOfSets('Billing', 1));
  await assert.rejects(plan(roots, { databases: ['orders'] }), {
    type: 'UnknownDatabase',
    message: /no backup of "orders" of mssql-rt; it holds Orders\./,
  });
  await assert.rejects(plan(roots, { databases: ['nope'] }), { message: /it holds Billing, Orders/ });
  await assert.rejects(plan(makeRoots(t), {}), { type: 'UnknownDatabase' });
});

test('two databases never get one name, in whatever case, and system databases are not named', async (t) => {
  const roots = makeRoots(t);
  for (const name of ['a', 'b']) fillStore(roots.store, chainOfSets(name, 1));
  const refused = { type: 'InvalidInput' };
  await assert.rejects(plan(roots, { rename: { a: 'B' } }), refused);
  await assert.rejects(plan(roots, { rename: { a: 'X', b: 'x' } }), refused);
  await assert.rejects(plan(roots, { rename: { c: 'd' } }), refused);
  await assert.rejects(plan(roots, { rename: { a: 'Master' } }), refused);
  const swapped = await plan(roots, { rename: { a: 'b', b: 'a' } });
  assert.deepEqual(swapped.databases.map(({ targetDatabase }) => targetDatabase).sort(), ['a', 'b']);
});

test('a chain of 10,080 logs is planned with a small answer, and any slice of it can be read', async (t) => {
  const roots = makeRoots(t);
  fillStore(roots.store, chainOfSets('db', 10_080));
  const found = await plan(roots, { to: at(10_079, 30) }, 50);
  assert.equal(found.databases[0]?.logCount, 10_080);
  assert.ok(found.commands.length <= 200);
  assert.ok(JSON.stringify(found).length < 128 * 1024, `${JSON.stringify(found).length} bytes`);
  const { planPath, planDigest } = found;
  const read = await run('readPlan', { planPath, planDigest, database: 'db', from: 10_000, to: 10_050 }, roots);
  assert.equal(read.steps[0]?.set.startedAt, at(10_000));
});

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { journalsOf, openBin } from '../../activities/executor/retention/journal.ts';
import { takeLease } from '../../activities/executor/retention/lease.ts';
import { removeSets, TakenOver } from '../../activities/executor/retention/remove-sets.ts';
import { finishRetention } from '../../activities/executor/retention/finish.ts';
import { planDatabase } from '../../workflows/domain/restore-plan.ts';
import type { RetentionOutcome } from '../../workflows/contracts.ts';
import { assertWhole, daysOfBackups, endOf, instance, namesIn, retention, unfinished } from './retention-store.ts';
import { fillStore, makeRoots, run } from './support.ts';

const holder = { namespace: 'default', workflowId: 'restore/x', runId: 'r' };
const day = 24 * 3_600_000;

function removedOf(outcome: RetentionOutcome, database = 'db1'): number {
  return outcome.databases.find((each) => each.database === database)?.removed.sets ?? 0;
}

test('what is older than the window and not needed goes, with its files; the rest is whole and can be restored', async (t) => {
  const { store, sql } = makeRoots(t);
  const sets = fillStore(store, [...daysOfBackups('db1', 6), ...daysOfBackups('db2', 1)]);
  const outcome = await run('retain', retention(), { store, sql });
  assert.equal(removedOf(outcome), 4 * 7);
  assert.equal(removedOf(outcome, 'db2'), 0, 'its only chain stays, however old');
  const left = new Set(assertWhole(store, 'db1'));
  assert.equal(left.size, 2 * 7);
  const kept = sets.filter((set) => set.database === 'db1' && left.has(set.id));
  for (let ms = endOf(4) + 60_000; ms < endOf(6) - 60_000; ms += 7_777_777) assert.ok(planDatabase(kept, ms).ok);
  assert.deepEqual(unfinished(store), []);

  const report = JSON.parse(readFileSync(join(store, outcome.report ?? ''), 'utf8')) as {
    databases: { removedSets: { manifest: string; why: string }[] }[];
  };
  assert.equal(report.databases[0]?.removedSets.length, 28);
  assert.equal(report.databases[0]?.removedSets[0]?.why, 'nothing needs it');
  assert.equal(removedOf(await run('retain', retention({ run: 'run-2' }), { store, sql })), 0);
});

test('mode plan says the same and touches nothing', async (t) => {
  const { store, sql } = makeRoots(t);
  fillStore(store, daysOfBackups('db1', 6));
  const before = readdirSync(store, { recursive: true }).sort();
  const planned = await run('retain', retention({ mode: 'plan' }), { store, sql });
  assert.deepEqual(readdirSync(store, { recursive: true }).sort(), before);
  assert.equal(planned.report, null);
  const applied = await run('retain', retention(), { store, sql });
  assert.deepEqual(planned.databases, applied.databases);
});

test('a manifest that cannot be read stops the removal of its database, and of no other', async (t) => {
  const { store, sql } = makeRoots(t);
  fillStore(store, [...daysOfBackups('db1', 6), ...daysOfBackups('db2', 6)]);
  writeFileSync(join(store, instance, 'db1', 'x.bak.manifest.json'), '{');
  const outcome = await run('retain', retention(), { store, sql });
  const [first, second] = outcome.databases;
  assert.equal(first?.removed.sets, 0);
  assert.match(first?.uncertain.join() ?? '', /x\.bak\.manifest\.json is not JSON/);
  assert.match(first?.groups.map(({ why }) => why).join() ?? '', /not certain: nothing is removed/);
  assert.equal(second?.removed.sets, 28);
});

test('a full whose file is gone or cut short does not count: the one before it stays, and so does what a good copy would need', async (t) => {
  for (const spoil of [(path: string) => rmSync(path), (path: string) => truncateSync(path, 3)]) {
    const { store, sql } = makeRoots(t);
    const sets = fillStore(store, daysOfBackups('db1', 6));
    const base = sets.filter(({ kind }) => kind === 'full')[3];
    assert.ok(base?.files[0]);
    // The window begins in the middle of the fourth day: the fourth full is the base of its first moments.
    const nowMs = endOf(6) - day / 2;
    spoil(join(store, instance, 'db1', base.files[0].name));
    const outcome = await run('retain', retention({ nowMs }), { store, sql });
    assert.equal(outcome.databases[0]?.uncertain.length, 0);
    const left = namesIn(store, 'db1').filter((name) => name.endsWith('.manifest.json'));
    const kept = sets.filter((set) => left.includes(`${set.files[0]?.name}.manifest.json`));
    const usable = kept.filter(({ id }) => id !== base.id);
    assert.ok(planDatabase(usable, nowMs - 2 * day + 1000).ok, 'by the full before it');
    assert.ok(
      kept.some(({ id }) => id === base.id),
      'and it waits for a good copy',
    );
    assert.ok(removedOf(outcome) > 0);
  }
});

test('a verdict goes with its set, and a file of a commit in progress stays', async (t) => {
  const { store, sql } = makeRoots(t);
  const [first] = fillStore(store, daysOfBackups('db1', 6));
  const folder = join(store, instance, 'db1');
  const verdict = `${first?.files[0]?.name}.damaged.json`;
  const found = {
    formatVersion: 1,
    setId: first?.id,
    foundAt: new Date().toISOString(),
    files: [{ name: first?.files[0]?.name, what: 'is damaged' }],
  };
  writeFileSync(join(folder, verdict), JSON.stringify(found));
  writeFileSync(join(folder, 'db1_full_20200101T000000Z-full-x_1.bak'), 'renamed, its manifest not written yet');
  await run('retain', retention(), { store, sql });
  assert.ok(!existsSync(join(folder, verdict)));
  assert.ok(existsSync(join(folder, 'db1_full_20200101T000000Z-full-x_1.bak')));
  assert.ok(!existsSync(join(folder, first?.files[0]?.name ?? '')));
});

test('a lease keeps what it names, all of it while it names everything, and nothing when its restore has ended', async (t) => {
  const { store, sql } = makeRoots(t);
  const sets = fillStore(store, daysOfBackups('db1', 6));
  const old = sets
    .filter(({ startedAt }) => Date.parse(startedAt) < endOf(1))
    .map((set) => `${instance}/db1/${set.files[0]?.name}.manifest.json`);
  const lease = await takeLease({ store, instance, restoreId: 'r1', holder, databases: ['db1'] });
  assert.equal(removedOf(await run('retain', retention(), { store, sql })), 0);
  await lease.narrow(old);
  assert.equal(removedOf(await run('retain', retention(), { store, sql })), 28 - 7);
  for (const path of old) assert.ok(existsSync(join(store, path)));
  assert.deepEqual((await run('listLeases', { instance }, { store, sql })).leases, [{ restoreId: 'r1', holder }]);
  assert.equal(removedOf(await run('retain', retention({ endedLeases: ['r1'] }), { store, sql })), 7);
  assert.deepEqual((await run('listLeases', { instance }, { store, sql })).leases, [], 'it was freed');
});

test('a lease on other databases is none on this one, and one that cannot be read is one on all', async (t) => {
  const { store, sql } = makeRoots(t);
  fillStore(store, daysOfBackups('db1', 6));
  mkdirSync(join(store, instance, '.leases'), { recursive: true });
  writeFileSync(join(store, instance, '.leases', 'torn.json'), '{"format');
  const kept = await run('retain', retention(), { store, sql });
  assert.equal(removedOf(kept), 0);
  assert.match(kept.databases[0]?.groups.map(({ why }) => why).join() ?? '', /lease torn cannot be read/);
  rmSync(join(store, instance, '.leases', 'torn.json'));
  await takeLease({ store, instance, restoreId: 'r1', holder, databases: ['db2'] });
  assert.equal(removedOf(await run('retain', retention(), { store, sql })), 28);
});

test('a hold keeps all that a moment from before the window needs, until it is released', async (t) => {
  const { store, sql } = makeRoots(t);
  const sets = fillStore(store, daysOfBackups('db1', 6));
  const at = new Date(endOf(1) + 5 * 3_600_000).toISOString();
  const request = { action: 'hold', instance, database: 'db1', at, reason: 'audit 2026' } as const;
  const [hold] = (await run('holds', { request, holdId: 'mssql-rt.1', at: at }, { store, sql })).holds;
  assert.deepEqual({ sets: hold?.sets, at: hold?.at, reason: hold?.reason }, { sets: 3, at, reason: 'audit 2026' });

  const outcome = await run('retain', retention(), { store, sql });
  assert.equal(removedOf(outcome), 28 - 3);
  assert.match(
    outcome.databases[0]?.groups.map(({ why }) => why).join() ?? '',
    /held by hand: audit 2026 \(mssql-rt\.1\)/,
  );
  const left = new Set(assertWhole(store, 'db1'));
  assert.ok(
    planDatabase(
      sets.filter(({ id }) => left.has(id)),
      Date.parse(at),
    ).ok,
  );

  const list = await run('holds', { request: { action: 'list', instance }, holdId: '', at }, { store, sql });
  assert.deepEqual(
    list.holds.map(({ id }) => id),
    ['mssql-rt.1'],
  );
  await run('holds', { request: { action: 'release', instance, id: 'mssql-rt.1' }, holdId: '', at }, { store, sql });
  assert.equal(removedOf(await run('retain', retention(), { store, sql })), 3);
});

test('a release whose answer was lost succeeds when it is tried again; that of a hold that never was does not', async (t) => {
  const { store, sql } = makeRoots(t);
  fillStore(store, daysOfBackups('db1', 2));
  const request = {
    action: 'hold',
    instance,
    database: 'db1',
    at: new Date(endOf(1)).toISOString(),
    reason: 'x',
  } as const;
  const [hold] = (await run('holds', { request, holdId: 'mssql-rt.1', at: 'then' }, { store, sql })).holds;
  const release = async (holdId: string, id = 'mssql-rt.1') =>
    (await run('holds', { request: { action: 'release', instance, id }, holdId, at: 'now' }, { store, sql })).holds;
  for (const attempt of [1, 2]) assert.deepEqual(await release('mssql-rt.2'), [hold], `attempt ${attempt}`);
  const { holds } = await run('holds', { request: { action: 'list', instance }, holdId: '', at: '' }, { store, sql });
  assert.deepEqual(holds, []);

  const refused = { type: 'InvalidInput', message: /There is no hold/ };
  await assert.rejects(release('mssql-rt.3'), refused, 'another run');
  for (let attempt = 1; attempt <= 2; attempt += 1) await assert.rejects(release('mssql-rt.4', 'mssql-rt.9'), refused);
  await assert.rejects(release('mssql-rt.4', '../db1/.database'), refused);
});

test('a hold that cannot be read is released all the same, and again by the next attempt', async (t) => {
  const { store, sql } = makeRoots(t);
  const folder = join(store, instance, '.holds');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'mssql-rt.1.json'), 'torn');
  const input = { request: { action: 'release', instance, id: 'mssql-rt.1' }, holdId: 'mssql-rt.2', at: '' } as const;
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    assert.deepEqual((await run('holds', input, { store, sql })).holds, []);
    assert.equal(existsSync(join(folder, 'mssql-rt.1.json')), false);
  }
});

test('a set can be held by its id: a full alone, a log with all that leads to it', async (t) => {
  const { store, sql } = makeRoots(t);
  const sets = fillStore(store, daysOfBackups('db1', 2));
  const hold = async (set: string): Promise<number | undefined> => {
    const request = { action: 'hold', instance, database: 'db1', set, reason: 'x' } as const;
    return (await run('holds', { request, holdId: `h-${set}`, at: '' }, { store, sql })).holds[0]?.sets;
  };
  assert.equal(await hold(sets[0]?.id.toLowerCase() ?? ''), 1);
  assert.equal(await hold(sets[3]?.id ?? ''), 4);
});

test('a point that cannot be restored is not held, and says why', async (t) => {
  const { store, sql } = makeRoots(t);
  fillStore(store, daysOfBackups('db1', 2));
  const hold = (over: object) =>
    run(
      'holds',
      { request: { action: 'hold', instance, database: 'db1', reason: 'x', ...over }, holdId: 'h', at: '' },
      { store, sql },
    );
  await assert.rejects(hold({ at: new Date(endOf(9)).toISOString() }), /cannot be reached.*Nearest reachable/s);
  await assert.rejects(hold({ set: 'nothing' }), /no backup set nothing/);
  await assert.rejects(hold({ database: 'db9', set: 'nothing' }), /holds no backup of "db9"/);
  assert.deepEqual(
    (await run('holds', { request: { action: 'list', instance }, holdId: '', at: '' }, { store, sql })).holds,
    [],
  );
});

test('what a run that is not finished may be removing is not there for a restore, nor for a hold', async (t) => {
  const { store, sql } = makeRoots(t);
  const sets = fillStore(store, daysOfBackups('db1', 2));
  const doomed = sets.slice(0, 3);
  const journal = {
    formatVersion: 1 as const,
    run: 'dead',
    folder: `${instance}/db1`,
    sets: doomed.map((set) => ({
      setId: set.id,
      manifest: `${set.files[0]?.name}.manifest.json`,
      files: [set.files[0]?.name ?? ''],
    })),
  };
  await journalsOf(store, instance).write('dead~1', journal);
  const to = new Date(endOf(0) + 5 * 3_600_000).toISOString();
  const request = { source: instance, target: 'other', to };
  const input = {
    request,
    restoreId: 'r1',
    holder,
    requestedAt: to,
    logsPerSlice: 10,
    parallel: 1,
    targetDataPath: '/d/',
    targetLogPath: '/l/',
  };
  await assert.rejects(run('plan', input, { store, sql }), /cannot be reached/);
  assert.deepEqual(
    (await run('listLeases', { instance }, { store, sql })).leases,
    [],
    'a plan that failed frees its lease',
  );
  const hold = { action: 'hold', instance, database: 'db1', at: to, reason: 'x' } as const;
  await assert.rejects(run('holds', { request: hold, holdId: 'h', at: '' }, { store, sql }), /cannot be reached/);

  // The next run finishes the dead one; what that had not come to is a backup as before.
  await run('retain', retention({ nowMs: endOf(2) }), { store, sql });
  await run('plan', input, { store, sql });
  assert.deepEqual((await run('listLeases', { instance }, { store, sql })).leases.length, 1);
});

test('a restore leases exactly what is in its plan, and freeing it twice is fine', async (t) => {
  const { store, sql } = makeRoots(t);
  fillStore(store, [...daysOfBackups('db1', 2), ...daysOfBackups('db2', 2)]);
  const to = new Date(endOf(1) + 5 * 3_600_000).toISOString();
  const request = { source: instance, target: 'other', to, databases: ['db1'] };
  const input = {
    request,
    restoreId: 'r1',
    requestedAt: to,
    logsPerSlice: 10,
    parallel: 1,
    targetDataPath: '/d/',
    targetLogPath: '/l/',
  };
  await run('plan', input, { store, sql });
  assert.ok(!existsSync(join(store, instance, '.leases')), 'a mere plan takes none');
  await run('plan', { ...input, holder }, { store, sql });
  const lease = JSON.parse(readFileSync(join(store, instance, '.leases', 'r1.json'), 'utf8')) as {
    manifests: string[];
  };
  assert.equal(lease.manifests.length, 3);
  for (const path of lease.manifests) assert.ok(existsSync(join(store, path)), path);
  await run('freeLease', { instance, restoreId: 'r1' }, { store, sql });
  await run('freeLease', { instance, restoreId: 'r1' }, { store, sql });
  assert.deepEqual(readdirSync(join(store, instance, '.leases')), []);
});

test('a run that was taken for dead and goes on can take nothing away', async (t) => {
  const { store } = makeRoots(t);
  const sets = fillStore(store, daysOfBackups('db1', 2));
  const before = namesIn(store, 'db1');
  const journal = {
    formatVersion: 1 as const,
    run: 'slow',
    folder: `${instance}/db1`,
    sets: sets.map((set) => ({
      setId: set.id,
      manifest: `${set.files[0]?.name}.manifest.json`,
      files: [set.files[0]?.name ?? ''],
    })),
  };
  const bin = await openBin(store, instance, 'slow~1');
  await journalsOf(store, instance).write('slow~1', journal);
  assert.deepEqual(await finishRetention(store, instance), { sets: 0, problems: [] });
  await assert.rejects(removeSets(store, journal, bin), TakenOver);
  assert.deepEqual(namesIn(store, 'db1'), before);
  assert.deepEqual(unfinished(store), []);
});

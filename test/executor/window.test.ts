import assert from 'node:assert/strict';
import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Roots, Tasks } from '../../activities/executor/tasks.ts';
import type { DatabaseWindow } from '../../workflows/contracts.ts';
import type { BackupSet } from '../../workflows/domain/backup-set.ts';
import { reachable } from '../domain/support/brute-force.ts';
import { everydayServers, moments } from '../domain/support/histories.ts';
import { backupSet, chainOfSets, fileNameOf, fillStore, guid, makeRoots, run, zeroTime } from './support.ts';

const instance = 'mssql-rt';
const runs = { numRuns: Number(process.env['WINDOW_RUNS'] ?? 30) };

function window(roots: Roots, more: Partial<Tasks['window']['input']> = {}): Promise<Tasks['window']['output']> {
  return run('window', { instance, nowMs: zeroTime + 3_600_000, ...more }, roots);
}

/** Sets of the model server as a store can hold them. */
function storable(sets: readonly BackupSet[]): BackupSet[] {
  return sets.map((set) => ({
    ...set,
    instance,
    database: 'db',
    id: guid(set.id),
    familyId: guid(set.familyId),
    recoveryForkId: guid(set.recoveryForkId),
    firstRecoveryForkId: guid(set.firstRecoveryForkId),
    differentialBaseId: set.differentialBaseId === null ? null : guid(set.differentialBaseId),
  }));
}

function covers({ intervals }: Pick<DatabaseWindow, 'intervals'>, ms: number): boolean {
  return intervals.some(({ from, to }) => Date.parse(from) <= ms && ms <= Date.parse(to));
}

type Harm = 'none' | 'gone' | 'shorter' | 'verdict';

function harm(roots: Roots, set: BackupSet, how: Harm): void {
  const path = join(roots.store, instance, 'db', fileNameOf(set));
  if (how === 'gone') rmSync(path);
  if (how === 'shorter') truncateSync(path, 1);
  if (how !== 'verdict') return;
  const files = [{ name: fileNameOf(set), what: 'has another hash than its manifest says' }];
  const verdict = { formatVersion: 1, setId: set.id, foundAt: '2026-02-11T00:00:00.000Z', files };
  writeFileSync(`${path}.damaged.json`, JSON.stringify(verdict));
}

test('the window of a store whose files come to harm is what trying every order of the whole ones reaches', async (t) => {
  const harms = fc.array(
    fc.oneof(
      { weight: 12, arbitrary: fc.constant<Harm>('none') },
      { weight: 1, arbitrary: fc.constantFrom<Harm>('gone', 'shorter', 'verdict') },
    ),
    { minLength: 80, maxLength: 80 },
  );
  let harmed = 0;
  await fc.assert(
    fc.asyncProperty(everydayServers, harms, fc.boolean(), async (server, how, cached) => {
      const roots = makeRoots(t);
      const sets = [...new Map(storable(server.store).map((set) => [set.id, set])).values()];
      const sound = sets.filter((set) => !server.store.some((one) => one.isDamaged && guid(one.id) === set.id));
      fillStore(roots.store, sets);
      if (cached) await run('chains', { instance }, roots);
      sets.forEach((set, i) => harm(roots, set, how[i] ?? 'none'));
      const whole = sound.filter((set) => (how[sets.indexOf(set)] ?? 'none') === 'none');
      harmed += sound.length - whole.length;
      const [shown = { intervals: [] }] = (await window(roots, { nowMs: server.now })).databases;
      for (const ms of moments(server)) {
        assert.equal(covers(shown, ms), reachable(whole, ms), new Date(ms).toISOString());
      }
    }),
    runs,
  );
  assert.ok(harmed > 0, 'nothing came to harm');
});

test('a window tells intervals, holes with their reasons, exposure, and what cannot be used', async (t) => {
  const roots = makeRoots(t);
  const sets = chainOfSets('db', 4);
  const later = new Date(zeroTime + 600_000).toISOString();
  const second = backupSet({
    ...sets[0]!,
    id: guid('second'),
    startedAt: later,
    finishedAt: later,
    firstLsn: sets[4]!.lastLsn,
    lastLsn: sets[4]!.lastLsn,
  });
  fillStore(roots.store, [...sets, second]);
  rmSync(join(roots.store, instance, 'db', fileNameOf(sets[2]!)));
  const { databases, next, problems } = await window(roots);
  assert.deepEqual([next, problems], [null, []]);
  const [db] = databases;
  assert.ok(db);
  assert.deepEqual(db.intervals, [{ from: '2026-02-10T00:00:01.000Z', to: '2026-02-10T00:01:00.000Z' }]);
  assert.equal(db.latestRestorable, '2026-02-10T00:01:00.000Z');
  assert.equal(db.exposureSeconds, 3_540);
  assert.deepEqual(db.newestBackup, { kind: 'full', finishedAt: later });
  assert.equal(db.sets, 5);
  assert.match(db.notes.join(), /is not used: its file .* is gone/);
});

test('a database with data backups only has no interval, and says why', async (t) => {
  const roots = makeRoots(t);
  fillStore(roots.store, [backupSet({ database: 'simple', recoveryModel: 'SIMPLE' })]);
  const [simple] = (await window(roots)).databases;
  assert.deepEqual([simple?.intervals, simple?.latestRestorable, simple?.exposureSeconds], [[], null, null]);
  assert.match(simple?.notes.join() ?? '', /No log backup follows its data backups/);
});

test('a thousand databases come in pages, each small, each database once', async (t) => {
  const roots = makeRoots(t);
  const names = Array.from(
    { length: 1000 },
    (_, i) => `a database with quite a long name ${String(i).padStart(4, '0')}`,
  );
  for (const name of names) fillStore(roots.store, chainOfSets(name, 1));
  const found: string[] = [];
  let pages = 0;
  for (let after: string | undefined; ;) {
    const page = await window(roots, after === undefined ? {} : { after });
    assert.ok(JSON.stringify(page).length < 256_000, 'a page is a small payload');
    found.push(...page.databases.map(({ database }) => database));
    pages += 1;
    if (page.next === null) break;
    after = page.next;
  }
  assert.deepEqual(found, names);
  assert.ok(pages > 1);
});

test('a name that the store does not have is refused with those that it has', async (t) => {
  const roots = makeRoots(t);
  fillStore(roots.store, chainOfSets('Sales', 1));
  await assert.rejects(window(roots, { databases: ['sales'] }), /no backup of "sales" of mssql-rt; it holds Sales/);
});

test('backups are listed newest first, in pages, with what cannot be used', async (t) => {
  const roots = makeRoots(t);
  const sets = [...chainOfSets('db1', 6), ...chainOfSets('db2', 6)];
  fillStore(roots.store, sets);
  truncateSync(join(roots.store, instance, 'db1', fileNameOf(sets[3]!)), 2);
  const listed = [];
  let after: Tasks['listBackups']['input']['after'];
  do {
    const page = await run('listBackups', { instance, limit: 5, ...(after && { after }) }, roots);
    assert.equal(page.count, 14);
    listed.push(...page.backups);
    after = page.next ?? undefined;
  } while (after);
  assert.equal(new Set(listed.map(({ id }) => id)).size, 14);
  const times = listed.map(({ startedAt }) => startedAt);
  assert.deepEqual(times, times.toSorted().reverse());
  assert.deepEqual(
    listed.filter(({ unusable }) => unusable !== null).map(({ id }) => id),
    [sets[3]!.id],
  );
  const logs = await run(
    'listBackups',
    { instance, limit: 50, kind: 'log', sinceMs: zeroTime + 300_000, databases: ['db2'] },
    roots,
  );
  assert.deepEqual(
    logs.backups.map(({ id }) => id),
    [sets[13]!.id, sets[12]!.id],
  );
});

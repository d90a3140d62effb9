import assert from 'node:assert/strict';
import { rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Roots } from '../../activities/executor/tasks.ts';
import type { BackupSet } from '../../workflows/domain/backup-set.ts';
import { storeChain } from '../../workflows/domain/chain.ts';
import type { StoreChain } from '../../workflows/domain/plan-types.ts';
import { backupSet, chainOfSets, fileNameOf, fillStore, guid, makeRoots, run, zeroTime } from './support.ts';

const instance = 'mssql-rt';
const pathOf = (roots: Roots, set: BackupSet): string => join(roots.store, instance, 'db', fileNameOf(set));

async function chainOf(roots: Roots): Promise<{ readonly chain: StoreChain; readonly problems: readonly string[] }> {
  const { chains, problems } = await run('chains', { instance }, roots);
  assert.ok(chains[0]);
  return { chain: chains[0], problems: problems.map(({ message }) => message) };
}

test('a file that has become shorter is noticed at once, though no name in its folder has changed', async (t) => {
  const roots = makeRoots(t);
  const sets = chainOfSets('db', 4);
  fillStore(roots.store, sets);
  assert.equal((await chainOf(roots)).chain.lost, null);
  const victim = pathOf(roots, sets[2]!);
  const { atime, mtime } = statSync(victim);
  truncateSync(victim, 3);
  utimesSync(victim, atime, mtime);

  for (let again = 0; again < 2; again += 1) {
    const { chain, problems } = await chainOf(roots);
    assert.equal(chain.head?.lastSetId, sets[1]?.id, 'the chain ends before the log that is damaged');
    assert.equal(chain.lost?.head?.lastSetId, sets[4]?.id, 'and would go on to the last one');
    assert.match(problems.join(), /is not used: .*_log_.*\.trn has 3 bytes, and its manifest says \d+/);
  }
  fillStore(roots.store, sets);
  const healed = await chainOf(roots);
  assert.deepEqual(healed, { chain: storeChain('db', sets), problems: [] }, 'a good copy brings it back');
});

test('a verdict beside its manifest takes a set out, with its reason, until the verdict is gone', async (t) => {
  const roots = makeRoots(t);
  const sets = chainOfSets('db', 3);
  fillStore(roots.store, sets);
  const verdict = `${pathOf(roots, sets[0]!)}.damaged.json`;
  const file = fileNameOf(sets[0]!);
  const what = 'does not have the hash that its manifest says';
  const foundAt = '2026-02-11T00:00:00.000Z';
  const content = { formatVersion: 1, setId: sets[0]!.id, foundAt, files: [{ name: file, what }] };
  writeFileSync(verdict, JSON.stringify(content));
  const { chain, problems } = await chainOf(roots);
  assert.equal(chain.head, null, 'without its only full nothing can be restored');
  assert.deepEqual(chain.differentialBases, []);
  assert.deepEqual(chain.lost?.differentialBases, [sets[0]!.id]);
  assert.match(problems.join(), new RegExp(`${file} ${what}`));
  await assert.rejects(
    plan(roots, '2026-02-10T00:02:00Z'),
    /Every full backup of it in the store is damaged or gone: .*hash/,
  );

  writeFileSync(verdict, 'torn');
  assert.match((await chainOf(roots)).problems.join(), /says that it is damaged, and cannot be read/);
  rmSync(verdict);
  assert.deepEqual(await chainOf(roots), { chain: storeChain('db', sets), problems: [] });
  assert.ok(await plan(roots, '2026-02-10T00:02:00Z'));
});

test('a file that is gone is the reason of the refusal', async (t) => {
  const roots = makeRoots(t);
  const sets = chainOfSets('db', 3);
  fillStore(roots.store, sets);
  rmSync(pathOf(roots, sets[2]!));
  await assert.rejects(
    plan(roots, '2026-02-10T00:02:30Z'),
    /It needs a backup that is damaged or gone: its file db_log_.* is gone\. Nearest reachable times: before it 2026-02-10T00:01:00Z, none after it/,
  );
  truncateSync(pathOf(roots, sets[1]!), 1);
  await assert.rejects(plan(roots, '2026-02-10T00:00:30Z'), /damaged or gone: .* has 1 bytes, and its manifest says/);
});

test('an older full and the logs since bridge a lost full: nothing needs to be mended', async (t) => {
  const roots = makeRoots(t);
  const sets = chainOfSets('db', 3);
  const second = backupSet({
    ...sets[0]!,
    id: guid('second full'),
    startedAt: new Date(zeroTime + 90_000).toISOString(),
    finishedAt: new Date(zeroTime + 90_000).toISOString(),
    firstLsn: sets[1]!.lastLsn,
    lastLsn: sets[1]!.lastLsn,
  });
  fillStore(roots.store, [...sets, second]);
  rmSync(join(roots.store, instance, 'db', fileNameOf(second)));
  const { chain } = await chainOf(roots);
  assert.equal(chain.head?.lastSetId, sets.at(-1)?.id);
  assert.deepEqual(chain.differentialBases, [sets[0]!.id], 'a differential may not stand on the one that is lost');
  assert.deepEqual(chain.lost?.differentialBases, [second.id, sets[0]!.id]);
});

function plan(roots: Roots, to: string): Promise<unknown> {
  const request = { source: instance, target: 'other', to, databases: ['db'] };
  const rest = { requestedAt: to, logsPerSlice: 5, parallel: 1, targetDataPath: '/d', targetLogPath: '/l' };
  return run('plan', { request, restoreId: `r-${Math.random()}`, ...rest }, roots);
}

test('what the last look found wrong still counts when nobody looks again, also after another backup', async (t) => {
  const roots = makeRoots(t);
  const sets = chainOfSets('db', 5);
  fillStore(roots.store, sets.slice(0, 5));
  truncateSync(pathOf(roots, sets[3]!), 2);
  const unseen = await run('chains', { instance, look: false }, roots);
  assert.equal(unseen.chains[0]?.head?.lastSetId, sets[4]!.id, 'nobody looked');
  assert.equal((await chainOf(roots)).chain.head?.lastSetId, sets[2]!.id);
  fillStore(roots.store, sets.slice(5));
  const after = await run('chains', { instance, look: false }, roots);
  assert.equal(after.chains[0]?.head?.lastSetId, sets[2]!.id);
  assert.match(after.problems[0]?.message ?? '', /has 2 bytes/);
  rmSync(pathOf(roots, sets[1]!));
  const gone = await run('chains', { instance, look: false }, roots);
  assert.equal(gone.chains[0]?.head?.lastSetId, sets[0]!.id, 'a name that is gone is noticed without a look');
});

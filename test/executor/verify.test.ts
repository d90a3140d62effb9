import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { execute } from '../../activities/executor/execute.ts';
import type { Roots, Tasks } from '../../activities/executor/tasks.ts';
import type { VerifyCursor, VerifyReport } from '../../workflows/contracts.ts';
import type { BackupSet } from '../../workflows/domain/backup-set.ts';
import { chainOfSets, fileNameOf, fillStore, makeRoots, run } from './support.ts';

const instance = 'mssql-rt';
const long = { mostBytes: 1e12, mostSeconds: 3600 };

function pathOf(roots: Roots, set: BackupSet): string {
  return join(roots.store, instance, set.database, fileNameOf(set));
}

/** A whole reading, as the workflow goes through it. */
async function verify(
  roots: Roots,
  name = 'v1',
  limits: { readonly mostBytes: number; readonly mostSeconds: number } = long,
): Promise<VerifyReport & { readonly slices: number }> {
  await run('openVerify', { instance, run: name }, roots);
  let slices = 0;
  let after: VerifyCursor | null = null;
  do {
    slices += 1;
    const input: Tasks['verifySlice']['input'] = { instance, run: name, slice: slices, after, ...limits };
    after = (await run('verifySlice', input, roots)).next;
  } while (after !== null);
  const startedAt = '2026-02-11T00:00:00.000Z';
  return { ...(await run('closeVerify', { instance, run: name, startedAt, slices }, roots)), slices };
}

function flip(path: string): void {
  const bytes = readFileSync(path);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  const { atime, mtime } = statSync(path);
  writeFileSync(path, bytes);
  utimesSync(path, atime, mtime);
}

function age(path: string): void {
  const old = new Date(Date.now() - 2 * 3_600_000);
  utimesSync(path, old, old);
}

async function heads(roots: Roots): Promise<Record<string, string | null>> {
  const { chains } = await run('chains', { instance }, roots);
  return Object.fromEntries(chains.map(({ database, head }) => [database, head?.lastSetId ?? null]));
}

test('a sound store is read whole, and its report says so', async (t) => {
  const roots = makeRoots(t);
  const sets = [...chainOfSets('db1', 5), ...chainOfSets('db2', 5)];
  fillStore(roots.store, sets);
  const scope = await run('openVerify', { instance, run: 'v1' }, roots);
  assert.deepEqual([scope.databases, scope.sets], [2, 12]);
  const report = await verify(roots);
  assert.deepEqual([report.sets, report.bytes, report.counts, report.findings], [12, scope.bytes, {}, []]);
  const written = JSON.parse(readFileSync(join(roots.store, report.report), 'utf8')) as { sets: number };
  assert.equal(written.sets, 12);
});

test('missing, damaged and foreign files and unusable manifests are each found by their name', async (t) => {
  const roots = makeRoots(t);
  const [db1, db2] = [chainOfSets('db1', 5), chainOfSets('db2', 5)];
  fillStore(roots.store, [...db1, ...db2]);
  rmSync(pathOf(roots, db1[1]!));
  flip(pathOf(roots, db1[2]!));
  truncateSync(pathOf(roots, db1[3]!), 4);
  writeFileSync(`${pathOf(roots, db2[5]!)}.manifest.json`, '{ torn');
  const folder = join(roots.store, instance);
  for (const name of ['db1/left-behind.bak', 'db2/new.bak', 'stray.bak']) writeFileSync(join(folder, name), 'x');
  mkdirSync(join(folder, 'nothing known'));
  writeFileSync(join(folder, 'nothing known', 'a.trn'), 'x');
  for (const name of ['db1/left-behind.bak', 'stray.bak', 'nothing known/a.trn']) age(join(folder, name));
  symlinkSync('/etc', join(folder, 'etc'));

  const report = await verify(roots);
  const found = report.findings.map(({ kind, path }) => `${kind} ${path}`).sort();
  const file = (set: BackupSet): string => `${instance}/${set.database}/${fileNameOf(set)}`;
  assert.deepEqual(
    found,
    [
      `missing ${file(db1[1]!)}`,
      `damaged ${file(db1[2]!)}`,
      `damaged ${file(db1[3]!)}`,
      `manifest ${file(db2[5]!)}.manifest.json`,
      `manifest ${instance}/etc`,
      `foreign ${instance}/db1/left-behind.bak`,
      `foreign ${instance}/nothing known/a.trn`,
      `foreign ${instance}/stray.bak`,
    ].sort(),
    'a file that is as young as one that is being committed is not foreign yet',
  );
  assert.deepEqual(report.counts, { missing: 1, damaged: 2, manifest: 2, foreign: 3 });
  assert.match(
    report.findings.find(({ path }) => path === file(db1[2]!))?.what ?? '',
    /has the hash [0-9a-f]{64}, and/,
  );
});

test('a damaged set is not used until a later reading finds it whole', async (t) => {
  const roots = makeRoots(t);
  const sets = chainOfSets('db', 4);
  fillStore(roots.store, sets);
  flip(pathOf(roots, sets[2]!));
  assert.deepEqual(await heads(roots), { db: sets[4]!.id }, 'its size is right: only its hash tells');

  const first = await verify(roots, 'v1');
  assert.deepEqual(first.counts, { damaged: 1 });
  const verdict = `${pathOf(roots, sets[2]!)}.damaged.json`;
  assert.ok(existsSync(verdict));
  assert.deepEqual(await heads(roots), { db: sets[1]!.id });
  const { databases } = await run('window', { instance, nowMs: 0 }, roots);
  assert.match(databases[0]?.notes.join() ?? '', /has the hash .* \(found at /);

  flip(pathOf(roots, sets[2]!));
  const second = await verify(roots, 'v2');
  assert.deepEqual([second.counts, second.healed], [{}, 1]);
  assert.ok(!existsSync(verdict));
  assert.deepEqual(await heads(roots), { db: sets[4]!.id });
});

test('a database whose only full is lost is unrestorable', async (t) => {
  const roots = makeRoots(t);
  const sets = chainOfSets('db', 2);
  fillStore(roots.store, sets);
  rmSync(pathOf(roots, sets[0]!));
  assert.deepEqual((await verify(roots)).counts, { missing: 1, unrestorable: 1 });
});

test('small slices read every set once, and find what one long one does', async (t) => {
  const roots = makeRoots(t);
  const sets = ['db1', 'db2', 'db3'].flatMap((database) => chainOfSets(database, 40));
  fillStore(roots.store, sets);
  flip(pathOf(roots, sets[50]!));
  rmSync(pathOf(roots, sets[100]!));
  const whole = await verify(roots, 'v1');
  const sliced = await verify(roots, 'v2', { mostBytes: 1, mostSeconds: 3600 });
  assert.ok(sliced.slices > 5, `${sliced.slices} slices`);
  const { slices: _, report: __, ...facts } = sliced;
  const { slices: ___, report: ____, ...expected } = whole;
  assert.deepEqual(facts, expected);
});

test('a slice that was cut off goes on after the sets that it had read', async (t) => {
  const roots = makeRoots(t);
  const sets = chainOfSets('db', 60);
  fillStore(roots.store, sets);
  flip(pathOf(roots, sets[3]!));
  const input = { instance, run: 'v1', slice: 1, after: null, ...long };
  await run('openVerify', { instance, run: 'v1' }, roots);
  const stop = new AbortController();
  let seen = 0;
  const progress = (): void => {
    seen += 1;
    if (seen === 20) stop.abort(new Error('killed'));
  };
  await assert.rejects(execute('verifySlice', input, roots, { signal: stop.signal, progress }), /killed/);
  const journal = join(roots.store, instance, '.verify', 'v1', 'slice-00001.jsonl');
  const before = readFileSync(journal, 'utf8').trim().split('\n').length;
  assert.ok(before > 0 && before < 60, `${before} lines`);
  appendFileSync(journal, '{"set":"half a li');

  const reads: string[] = [];
  const again = await execute('verifySlice', input, roots, {
    signal: new AbortController().signal,
    progress: ({ file }) => reads.push(file ?? ''),
  });
  assert.equal(reads.length, sets.length - before, 'a set was read twice, or not at all');
  assert.deepEqual([again.sets, again.counts, again.next], [sets.length, { damaged: 1 }, null]);
  const lines = readFileSync(journal, 'utf8').trim().split('\n');
  assert.equal(new Set(lines).size, sets.length + 1);
});

test('a set that is removed while it is read is no finding, and leaves no verdict', async (t) => {
  const roots = makeRoots(t);
  const sets = chainOfSets('db', 3);
  fillStore(roots.store, sets);
  const victim = pathOf(roots, sets[2]!);
  const input: Tasks['verifySlice']['input'] = { instance, run: 'v1', slice: 1, after: null, ...long };
  await execute('verifySlice', input, roots, {
    signal: new AbortController().signal,
    progress: () => {
      rmSync(`${victim}.manifest.json`, { force: true });
      rmSync(victim, { force: true });
    },
  });
  const { counts } = await run(
    'closeVerify',
    { instance, run: 'v1', startedAt: '2026-02-11T00:00:00.000Z', slices: 1 },
    roots,
  );
  assert.deepEqual(counts, {});
  assert.deepEqual(
    readdirSync(join(roots.store, instance, 'db')).filter((name) => name.endsWith('.damaged.json')),
    [],
  );
});

test('the next reading removes old journals, and the verdict of a set that is there no more', async (t) => {
  const roots = makeRoots(t);
  const sets = chainOfSets('db', 3);
  fillStore(roots.store, sets);
  flip(pathOf(roots, sets[3]!));
  await verify(roots, 'v1');
  for (const ending of ['', '.manifest.json']) rmSync(`${pathOf(roots, sets[3]!)}${ending}`);
  const report = await verify(roots, 'v2');
  assert.deepEqual(report.counts, {});
  assert.ok(!existsSync(`${pathOf(roots, sets[3]!)}.damaged.json`));
  assert.deepEqual(readdirSync(join(roots.store, instance, '.verify', 'v1')), ['report.json']);
});

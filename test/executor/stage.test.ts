import assert from 'node:assert/strict';
import { chownSync, existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { BackupSet } from '../../workflows/domain/backup-set.ts';
import type { Roots, Tasks } from '../../activities/executor/tasks.ts';
import { chainOfSets, fillStore, makeRoots, run } from './support.ts';

interface Scene {
  readonly roots: Roots;
  readonly sets: readonly BackupSet[];
  readonly input: Tasks['stage']['input'];
}

async function makeScene(t: TestContext): Promise<Scene> {
  const roots = makeRoots(t);
  if (process.geteuid?.() === 0) chownSync(roots.sql, 10001, 10001);
  const sets = fillStore(roots.store, chainOfSets('db 1', 6));
  const { planPath, planDigest } = await run(
    'plan',
    {
      request: { source: 'mssql-rt', target: 'mssql-rt-target', to: 'latest' },
      restoreId: 'r1',
      requestedAt: '2026-02-10T01:00:00Z',
      logsPerSlice: 10,
      parallel: 1,
      targetDataPath: '/data',
      targetLogPath: '/data',
    },
    roots,
  );
  const stagingPath = 'restore-staging/r1';
  return { roots, sets, input: { planPath, planDigest, database: 'db 1', from: 1, to: 4, stagingPath } };
}

const stored = ({ roots, sets }: Scene, i: number): string => {
  const [folder] = readdirSync(join(roots.store, 'mssql-rt')).filter((name) => name.startsWith('db_1'));
  return join(roots.store, 'mssql-rt', folder!, sets[i]!.files[0]!.name);
};

test('a slice is staged with the content of the store, for the owner of the volume', async (t) => {
  const scene = await makeScene(t);
  const { roots, sets, input } = scene;
  const { steps, bytes } = await run('stage', input, roots);
  assert.deepEqual(
    steps.map(({ index, set }) => [index, set]),
    [1, 2, 3].map((i) => [i, sets[i]]),
  );
  assert.equal(
    bytes,
    sets.slice(1, 4).reduce((sum, set) => sum + set.files[0]!.sizeBytes, 0),
  );
  const owner = statSync(roots.sql);
  for (const { index, files } of steps) {
    const staged = join(roots.sql, files[0]!);
    assert.ok(files[0]!.startsWith('restore-staging/r1/'));
    assert.deepEqual(readFileSync(staged), readFileSync(stored(scene, index)));
    const { uid, gid, mode } = statSync(staged);
    assert.deepEqual([uid, gid, mode & 0o777], [owner.uid, owner.gid, 0o660]);
  }
});

test('what is staged already and right is used again, and what is wrong is brought anew', async (t) => {
  const scene = await makeScene(t);
  const { roots, input } = scene;
  const { steps } = await run('stage', input, roots);
  const [right, flipped, short] = steps.map(({ files }) => join(roots.sql, files[0]!));
  const before = readFileSync(flipped!);
  utimesSync(right!, new Date(0), new Date(0));
  writeFileSync(flipped!, Buffer.alloc(before.length, 7));
  writeFileSync(short!, 'x');
  await run('stage', input, roots);
  assert.equal(statSync(right!).mtimeMs, 0);
  assert.deepEqual(readFileSync(flipped!), before);
  assert.deepEqual(readFileSync(short!), readFileSync(stored(scene, 3)));
});

test('a file of the store that does not match its manifest is never given to SQL Server', async (t) => {
  const scene = await makeScene(t);
  const { roots, input } = scene;
  const path = stored(scene, 2);
  const content = readFileSync(path);
  content[3]! ^= 1;
  writeFileSync(path, content);
  await assert.rejects(run('stage', input, roots), {
    type: 'FileDamaged',
    nonRetryable: true,
    message: new RegExp(`${scene.sets[2]!.files[0]!.name} has the SHA-256`),
  });
  const [folder] = readdirSync(join(roots.sql, 'restore-staging/r1'));
  const left = readdirSync(join(roots.sql, 'restore-staging/r1', folder!));
  assert.ok(!left.includes(scene.sets[2]!.files[0]!.name));
  assert.deepEqual(readdirSync(join(roots.sql, 'restore-staging/r1', folder!, '.partial')), []);
});

test('a file that is gone or cut off is named', async (t) => {
  const scene = await makeScene(t);
  writeFileSync(stored(scene, 1), 'x');
  await assert.rejects(run('stage', scene.input, scene.roots), { type: 'FileDamaged', message: /has 1 bytes/ });
  rmSync(stored(scene, 1));
  await assert.rejects(run('stage', scene.input, scene.roots), {
    type: 'FileMissing',
    message: new RegExp(scene.sets[1]!.files[0]!.name),
  });
});

test('staging goes nowhere but into the staging folders', async (t) => {
  const { roots, input } = await makeScene(t);
  for (const stagingPath of ['data', '../x', 'restore-staging/../data']) {
    await assert.rejects(run('stage', { ...input, stagingPath }, roots), { type: 'InvalidInput' }, stagingPath);
  }
  assert.ok(!existsSync(join(roots.sql, 'data')));
});

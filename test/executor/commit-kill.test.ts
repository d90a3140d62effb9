import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inLanes } from '../../activities/executor/io/lanes.ts';
import { parseManifest } from '../../activities/executor/store/manifest.ts';
import type { Roots, StagedSet } from '../../activities/executor/tasks.ts';
import { makeRoots, run, sha256Of, stagedFacts, stageFile } from './support.ts';

const instance = 'mssql-rt';
const child = fileURLToPath(new URL('./kill/commit-child.ts', import.meta.url));

interface Scene {
  readonly roots: Roots;
  readonly sets: readonly StagedSet[];
  /** SHA-256 of every staged file. */
  readonly hashes: ReadonlyMap<string, string>;
}

/** A set of one small file, and one of two stripes. */
function makeScene(t: TestContext): Scene {
  const roots = makeRoots(t);
  const shape = { db1: ['db1_log_1.trn'], db2: ['db2_full_1.bak', 'db2_full_2.bak'] };
  const hashes = new Map<string, string>();
  const sets = Object.entries(shape).map(([database, names]): StagedSet => {
    const stagedFiles = names.map((name) => `backup-mssql/run1/${name}`);
    for (const path of stagedFiles) hashes.set(path, sha256Of(stageFile(roots.sql, path, 1_100_000)));
    return { stagedFiles, set: stagedFacts({ database, name: database }) };
  });
  return { roots, sets, hashes };
}

/** @returns what the child printed; null when it was killed */
async function commitInChild({ roots, sets }: Scene, dieAt: number): Promise<{ calls: number } | null> {
  const input = JSON.stringify({ roots, instance, sets, dieAt });
  const running = spawn(process.execPath, [child, input], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  running.stdout.on('data', (text: Buffer) => (output += text.toString()));
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    running.once('close', (...ending) => resolve(ending)),
  );
  if (signal === 'SIGKILL') return null;
  assert.equal(code, 0);
  const { calls, failed } = JSON.parse(output) as { calls: number; failed: unknown[] };
  assert.deepEqual(failed, []);
  return { calls };
}

/** Nothing is lost, and whatever has a manifest is whole. @returns how many sets exist */
function checkInvariants({ roots, sets, hashes }: Scene): number {
  const committed = sets.filter(({ stagedFiles, set }) => {
    const folder = join(roots.store, instance, set.database);
    const names = stagedFiles.map((path) => path.split('/').at(-1)!);
    const manifest = join(folder, `${names[0]}.manifest.json`);
    const exists = existsSync(manifest);
    if (exists) {
      const parsed = parseManifest(readFileSync(manifest, 'utf8'));
      assert.ok('set' in parsed, 'a manifest is never torn');
      for (const [i, file] of parsed.set.files.entries()) {
        assert.equal(file.sha256, hashes.get(stagedFiles[i]!));
        assert.equal(sha256Of(readFileSync(join(folder, file.name))), file.sha256, 'a committed file is whole');
      }
    }
    for (const path of stagedFiles) {
      const staged = join(roots.sql, path);
      if (existsSync(staged)) assert.equal(sha256Of(readFileSync(staged)), hashes.get(path));
      else assert.ok(exists, 'a staged file is only deleted when its set exists');
    }
    return exists;
  });
  return committed.length;
}

test('a commit that is killed at any call into the file system loses nothing, and the next one completes it', async (t) => {
  const whole = await commitInChild(makeScene(t), 0);
  assert.ok(whole !== null && whole.calls > 40, `there are calls to die at (${whole?.calls})`);

  // Every fifth call, from a random one on; PITR_KILL=all dies at each.
  const stride = process.env['PITR_KILL'] === 'all' ? 1 : 5;
  const first = 1 + Math.floor(Math.random() * stride);
  const points = Array.from({ length: Math.ceil((whole.calls - first + 1) / stride) }, (_, i) => first + i * stride);
  const partway = new Set<number>();
  await inLanes(points, 2, async (point) => {
    const scene = makeScene(t);
    assert.equal(await commitInChild(scene, point), null, `killed at call ${point}`);
    partway.add(checkInvariants(scene));

    const again = await run('commit', { instance, sets: scene.sets }, scene.roots);
    assert.deepEqual(again.failed, [], `after death at call ${point}`);
    assert.equal(again.committed.length, 2);
    assert.equal(checkInvariants(scene), 2);
    const { roots } = scene;
    assert.deepEqual(readdirSync(join(roots.sql, 'backup-mssql/run1')), [], 'nothing stays staged');
    assert.deepEqual(readdirSync(join(roots.store, instance, '.partial')), [], 'what the dead one began is gone');
    const left = ['db1', 'db2'].flatMap((db) => readdirSync(join(roots.store, instance, db)));
    assert.deepEqual(left.sort(), [
      '.database.json',
      '.database.json',
      'db1_log_1.trn',
      'db1_log_1.trn.manifest.json',
      'db2_full_1.bak',
      'db2_full_1.bak.manifest.json',
      'db2_full_2.bak',
    ]);
  });
  assert.ok(partway.has(0) && partway.has(2), 'it died before and after the manifests');
});

test('committers in several processes, one of which is killed, end in whole sets', async (t) => {
  for (const dieAt of [25, 45, 60]) {
    const scene = makeScene(t);
    await Promise.all([commitInChild(scene, 0), commitInChild(scene, dieAt)]);
    const { failed } = await run('commit', { instance, sets: scene.sets }, scene.roots);
    assert.deepEqual(failed, []);
    assert.equal(checkInvariants(scene), 2);
    assert.deepEqual(readdirSync(join(scene.roots.store, instance, '.partial')), []);
  }
});

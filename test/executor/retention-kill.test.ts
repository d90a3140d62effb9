import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inLanes } from '../../activities/executor/io/lanes.ts';
import type { Roots } from '../../activities/executor/tasks.ts';
import type { BackupSet } from '../../workflows/domain/backup-set.ts';
import { intersection } from '../../workflows/domain/interval.ts';
import { restorableWindow } from '../../workflows/domain/window.ts';
import { assertWhole, daysOfBackups, instance, namesIn, retention, unfinished } from './retention-store.ts';
import { fillStore, makeRoots, run } from './support.ts';

const child = fileURLToPath(new URL('./kill/retain-child.ts', import.meta.url));
const input = retention({
  policy: { windowMs: 24 * 3_600_000, minFulls: 1 },
  nowMs: retention().nowMs - 2 * 24 * 3_600_000,
});
const window = { fromMs: input.nowMs - input.policy.windowMs, toMs: input.nowMs };
/** Of a commit in progress. */
const fresh = 'db1_log_20260214T000000Z-log-abcd_1.trn';

interface Scene {
  readonly roots: Roots;
  readonly sets: readonly BackupSet[];
}

function makeScene(t: TestContext): Scene {
  const roots = makeRoots(t);
  const sets = fillStore(roots.store, [...daysOfBackups('db1', 4), ...daysOfBackups('db2', 4)]);
  mkdirSync(join(roots.store, instance, 'db1'), { recursive: true });
  writeFileSync(join(roots.store, instance, 'db1', fresh), 'renamed, and its manifest comes next');
  return { roots, sets };
}

/** @returns how many calls there were; null when it was killed */
async function retainInChild({ roots }: Scene, dieAt: number, quiet = false): Promise<number | null> {
  const running = spawn(process.execPath, [child, JSON.stringify({ roots, input, dieAt })], {
    stdio: ['ignore', 'pipe', quiet ? 'ignore' : 'inherit'],
  });
  let output = '';
  running.stdout.on('data', (text: Buffer) => (output += text.toString()));
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    running.once('close', (...ending) => resolve(ending)),
  );
  if (signal === 'SIGKILL') return null;
  assert.equal(code, 0);
  return (JSON.parse(output) as { calls: number }).calls;
}

/** Whatever has a manifest is whole, and the window is what it was. @returns how many sets exist */
function checkInvariants({ roots, sets }: Scene): number {
  let count = 0;
  for (const database of ['db1', 'db2']) {
    const names = namesIn(roots.store, database);
    const there = sets.filter(
      (set) => set.database === database && names.includes(`${set.files[0]?.name}.manifest.json`),
    );
    for (const set of there)
      assert.ok(names.includes(set.files[0]?.name ?? ''), 'a manifest is never without its file');
    const shown = (of: readonly BackupSet[]) => intersection(restorableWindow(of).intervals, [window]);
    assert.deepEqual(shown(there), shown(sets.filter((set) => set.database === database)));
    count += there.length;
  }
  return count;
}

test('a removal that is killed at any call into the file system breaks nothing, and the next run leaves no orphan', async (t) => {
  const reference = makeScene(t);
  const calls = await retainInChild(reference, 0);
  const expected = checkInvariants(reference);
  assert.ok(calls !== null && calls > 60, `there are calls to die at (${calls})`);

  // Every eleventh call, from a random one on; PITR_KILL=all dies at each.
  const stride = process.env['PITR_KILL'] === 'all' ? 1 : 11;
  const first = 1 + Math.floor(Math.random() * stride);
  const points = Array.from({ length: Math.ceil((calls - first + 1) / stride) }, (_, i) => first + i * stride);
  const partway = new Set<number>();
  await inLanes(points, 2, async (point) => {
    const scene = makeScene(t);
    assert.equal(await retainInChild(scene, point), null, `killed at call ${point}`);
    partway.add(checkInvariants(scene));

    await run('retain', { ...input, run: 'run-2' }, scene.roots);
    assert.equal(checkInvariants(scene), expected, `after death at call ${point}`);
    const { store } = scene.roots;
    assert.deepEqual(unfinished(store), [], `after death at call ${point}`);
    assert.ok(namesIn(store, 'db1').includes(fresh), 'a commit in progress is left alone');
    assertWhole(store, 'db2');
    assert.deepEqual(
      namesIn(store, 'db1').filter((name) => name !== fresh),
      namesIn(reference.roots.store, 'db1').filter((name) => name !== fresh),
    );
    const partials = join(store, instance, '.partial');
    for (const name of readdirSync(partials))
      assert.match(name, /~[0-9a-f]{8}-\d+-/, readFileSync(join(partials, name), 'utf8'));
  });
  assert.ok(partway.size > 2, 'it died before, between and after the manifests');
});

test('several removals at once, one of which is killed, end in a whole store', async (t) => {
  for (const dieAt of [20, 45, 80]) {
    const scene = makeScene(t);
    // Whoever is taken for dead ends with a failure, and is tried again.
    await Promise.allSettled([0, dieAt, 0].map((at) => retainInChild(scene, at, true)));
    checkInvariants(scene);
    await run('retain', { ...input, run: 'run-2' }, scene.roots);
    checkInvariants(scene);
    assertWhole(scene.roots.store, 'db2');
    assert.deepEqual(unfinished(scene.roots.store), []);
  }
});

import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { restoreStaging } from '../../activities/sql-server/paths.ts';
import { openBigFolder, type BigFolder } from '../bench/big-folder.ts';
import { useBuiltBundle } from '../bench/built-bundle.ts';
import { watchMemory } from '../bench/resident-memory.ts';
import { backUp, restore } from '../support/runs.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { assertNothingLost, filesBelow, readManifests } from '../support/store.ts';
import { controlOfMade } from '../support/targets.ts';
import { openWorkload, type Workload } from '../support/workload.ts';

const gigabyte = 2 ** 30;
const megabyte = 2 ** 20;
/** Half of every ballast page is random: compressed, 4,200 MB are a little more than 2 GB. */
const ballastMegabytes = 4_200;
/** Source, store, staged and restored files, all at once: 4.2 + 2.1 + 2.1 + 4.2 GB, and some air. */
const neededBytes = 15 * gigabyte;
const target = 'big-target';

let folder: BigFolder;
let stack: Stack;
let source: Workload;
before(async () => {
  folder = await openBigFolder(neededBytes);
  await useBuiltBundle(folder.path);
  stack = await startStack({ folder: folder.path });
  source = await openWorkload(stack.source.port, stack.password);
});
after(async () => {
  await source?.close();
  await stack?.stop();
  await folder?.[Symbol.asyncDispose]();
});

test('a backup set of 2 GB is backed up, copied, staged and restored while the memory of the worker stays flat', async () => {
  await source.create('tiny');
  await source.write('tiny', 'only row');
  await backUp(stack, 'full', ['tiny']);
  await backUp(stack, 'log', ['tiny']);
  await restore(stack, { target, to: 'latest', databases: ['tiny'] });

  await source.create('big');
  await source.write('big', 'before the full');
  const { pid } = stack.worker;
  // All code is loaded. The least of some moments, so that left-over garbage does not count as idle.
  const idle = await watchMemory(pid, () =>
    stack.source.control.request('POST', '/databases/big/ballast', { megabytes: ballastMegabytes }),
  );

  const run = await watchMemory(pid, async () => {
    await backUp(stack, 'full', ['big']);
    await pause(2_100);
    await source.write('big', 'before the moment');
    await backUp(stack, 'log', ['big']);
    await pause(20);
    const moment = await source.now();
    await pause(20);
    await source.write('big', 'after the moment');
    // Headers carry whole seconds: a log of the same second does not prove that it covers the moment.
    await pause(1_100);
    await backUp(stack, 'log', ['big']);
    return restore(stack, { target, to: moment, databases: ['big'] });
  });

  const grown = run.most - idle.least;
  assert.ok(
    grown <= 100 * megabyte,
    `the worker grew by ${Math.round(grown / megabyte)} MB, from ${Math.round(idle.least / megabyte)} MB`,
  );
  console.log(`worker: ${Math.round(idle.least / megabyte)} MB idle, ${Math.round(run.most / megabyte)} MB at most`);

  const [full] = (await readManifests(stack)).filter((set) => set.database === 'big' && set.kind === 'full');
  assert.ok(full !== undefined);
  const stored = (await filesBelow(stack.storePath)).find((path) => path.endsWith(`/${full.files[0]?.name}`));
  const { size } = await stat(stored ?? '');
  assert.equal(size, full.files[0]?.sizeBytes);
  assert.ok(size >= 2 * gigabyte, `the set has only ${size} bytes`);

  const { made } = await controlOfMade(stack.instancesFolder, target);
  const client = await openWorkload(made.port, stack.password);
  try {
    assert.deepEqual(await client.notes('big'), ['before the full', 'before the moment']);
  } finally {
    await client.close();
  }
  await assertNothingLost(stack, source, ['big', 'tiny']);
  assert.deepEqual(await filesBelow(join(made.dataRoot, restoreStaging)), []);
});

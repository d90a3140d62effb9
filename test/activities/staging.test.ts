import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActivityDeps } from '../../activities/deps.ts';
import type { TaskControl } from '../../activities/executor/tasks.ts';
import { failure } from '../../activities/failure.ts';
import { openStaging, type Staging } from '../../activities/restore/staging.ts';
import { until } from '../support/until.ts';
import { logSet } from './sets.ts';

interface Staged {
  /** `stage 0`, `remove f0`, … in the order in which they began. */
  readonly calls: string[];
  readonly deps: ActivityDeps;
  /** Index of a chunk whose staging hangs until it is cancelled. */
  hang?: number;
  fail?: number;
  cancelled: number;
}

/** A platform whose staging only writes down what it is asked for. */
function recorder(): Staged {
  const state: Staged = { calls: [], cancelled: 0, deps: undefined as unknown as ActivityDeps };
  const run = async (
    target: string,
    task: string,
    input: Record<string, unknown>,
    control: TaskControl,
    of: string,
  ) => {
    assert.equal(target, 'copy');
    if (task === 'removeStaged') {
      state.calls.push(`remove ${(input['paths'] as string[]).join()}`);
      return { removed: 1 };
    }
    assert.equal(task, 'stage');
    assert.equal(of, 'live');
    const index = input['from'] as number;
    state.calls.push(`stage ${index}`);
    if (state.fail === index) throw failure('FileDamaged', `f${index} is damaged`);
    if (state.hang === index) {
      await new Promise((resolve) => control.signal.addEventListener('abort', resolve, { once: true }));
      state.cancelled += 1;
      throw control.signal.reason;
    }
    return {
      steps: [{ index, set: logSet(index, index + 1), stopAt: null, files: [`f${index}`] }],
      bytes: 10,
      seconds: 1,
    };
  };
  return Object.assign(state, { deps: { platform: { run } } as unknown as ActivityDeps });
}

function open({ deps }: Staged, chunks: number, signal = new AbortController().signal): Staging {
  const ref = { restoreId: 'r-1', source: 'live', target: 'copy', planPath: 'p', planDigest: 'd', database: 'db1' };
  return openStaging({
    deps,
    input: { ...ref, from: 0, to: chunks },
    chunks: Array.from({ length: chunks }, (_, i) => [i, i + 1] as const),
    signal,
    progress: () => undefined,
  });
}

test('the next chunk is on its way while one is in use, and what was used is removed', async () => {
  const state = recorder();
  const staging = open(state, 3);
  const used: string[] = [];
  for await (const [step] of staging) {
    used.push(`use ${step?.index}`);
    state.calls.push(`use ${step?.index}`);
  }
  assert.deepEqual(used, ['use 0', 'use 1', 'use 2']);
  assert.deepEqual(state.calls, [
    'stage 0',
    'stage 1',
    'use 0',
    'remove f0',
    'stage 2',
    'use 1',
    'remove f1',
    'use 2',
    'remove f2',
  ]);
  assert.deepEqual([staging.bytes, staging.seconds], [30, 3]);
});

test('leaving early ends the copy that was under way before it returns', async () => {
  const state = recorder();
  state.hang = 1;
  for await (const _ of open(state, 3)) break;
  assert.equal(state.cancelled, 1);
  assert.deepEqual(state.calls, ['stage 0', 'stage 1']);
});

test('a chunk that cannot be staged fails when its turn comes', async () => {
  const state = recorder();
  state.fail = 1;
  const used: number[] = [];
  await assert.rejects(
    async () => {
      for await (const [step] of open(state, 3)) used.push(step?.index ?? -1);
    },
    { type: 'FileDamaged' },
  );
  assert.deepEqual(used, [0]);
});

test('a cancelled activity stops the copying', async () => {
  const state = recorder();
  state.hang = 0;
  const controller = new AbortController();
  const running = (async () => {
    for await (const _ of open(state, 2, controller.signal)) assert.fail('nothing was staged');
  })();
  await until('the first copy', () => state.calls.length > 0);
  controller.abort(new Error('cancelled'));
  await assert.rejects(running, /cancelled/);
  assert.equal(state.cancelled, 1);
});

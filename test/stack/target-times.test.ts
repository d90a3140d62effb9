import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { RestoreRequest } from '../../workflows/domain/request.ts';
import { backUp, restore, startRestore } from '../support/runs.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { controlOfMade } from '../support/targets.ts';
import { openWorkload, type Workload } from '../support/workload.ts';

/**
 * One history: seed, full, wave1, log 1, target moment, wave2, log 2, and after it wave3 that no log holds. Its server's clock is
 * five and a half hours ahead of UTC, so that a mix-up of local time and UTC cannot go unseen.
 */
let stack: Stack;
let source: Workload;
const at: Record<string, string> = {};
let targets = 0;

before(async () => {
  stack = await startStack({ timeZone: 'Asia/Kolkata' });
  source = await openWorkload(stack.source.port, stack.password);
  await source.create('db1');
  at['before the full'] = await source.now();
  await pause(1_200);
  await source.write('db1', 'seed');
  await backUp(stack, 'full');
  await pause(2_100);
  at['after seed'] = await source.now();
  await source.write('db1', 'wave1');
  await pause(50);
  at['after wave1'] = await source.now();
  await pause(50);
  await backUp(stack, 'log');
  at['between the logs'] = await source.now();
  await pause(50);
  await source.write('db1', 'wave2');
  await pause(50);
  at['after wave2'] = await source.now();
  await pause(1_100);
  await backUp(stack, 'log');
  await pause(1_100);
  await source.write('db1', 'wave3');
  at['after the last log'] = await source.now();
});

after(async () => {
  await source?.close();
  await stack?.stop();
});

/** Restores to a new instance, and reads what is there. */
async function notesAt(to: string, over: Partial<RestoreRequest> = {}): Promise<string[]> {
  const target = `target-${++targets}`;
  await restore(stack, { target, to, ...over });
  const { made } = await controlOfMade(stack.instancesFolder, target);
  const client = await openWorkload(made.port, stack.password);
  try {
    return await client.notes(over.rename?.['db1'] ?? 'db1');
  } finally {
    await client.close();
  }
}

async function refusal(to: string): Promise<ApplicationFailure> {
  const error = await (await startRestore(stack, { target: `target-${++targets}`, to })).result().then(
    () => assert.fail('it was restored'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof WorkflowFailedError, String(error));
  const cause = error.cause?.cause ?? error.cause;
  assert.ok(cause instanceof ApplicationFailure);
  return cause;
}

test('wave2 is absent at a target before it, because the restore stops inside the log that holds it', async () => {
  assert.deepEqual(await notesAt(at['between the logs'] ?? ''), ['seed', 'wave1']);
});

test('the same restore to a target after wave2 holds wave2', async () => {
  assert.deepEqual(await notesAt(at['after wave2'] ?? ''), ['seed', 'wave1', 'wave2']);
});

test('a target inside the first log holds what was committed before it and nothing after it', async () => {
  assert.deepEqual(await notesAt(at['after seed'] ?? ''), ['seed']);
  assert.deepEqual(await notesAt(at['after wave1'] ?? ''), ['seed', 'wave1']);
});

test('a target with an offset means the same moment', async () => {
  const utc = at['after wave1'] ?? '';
  const local = new Date(Date.parse(utc) + 330 * 60_000).toISOString().replace('Z', '+05:30');
  assert.deepEqual(await notesAt(local), ['seed', 'wave1']);
});

test('latest goes as far as the logs prove, and no further', async () => {
  assert.deepEqual(await notesAt('latest'), ['seed', 'wave1', 'wave2']);
});

test('a database can get another name', async () => {
  assert.deepEqual(await notesAt(at['after wave2'] ?? '', { rename: { db1: 'db1 as it was' } }), [
    'seed',
    'wave1',
    'wave2',
  ]);
});

test('a target before the first full is refused, and the nearest time after it is named', async () => {
  const failure = await refusal(at['before the full'] ?? '');
  assert.equal(failure.type, 'TargetTimeNotReachable');
  assert.match(failure.message, /db1/);
  assert.match(failure.message, /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/);
});

test('a target after the last log is refused before anything is made, and the latest restorable time is named', async () => {
  const failure = await refusal(at['after the last log'] ?? '');
  assert.equal(failure.type, 'TargetTimeNotReachable');
  const named = [...failure.message.matchAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g)].map(([time]) =>
    Date.parse(time),
  );
  assert.ok(
    named.some(
      (time) =>
        time >= Date.parse(at['after wave2'] ?? '') - 1_000 && time < Date.parse(at['after the last log'] ?? ''),
    ),
    failure.message,
  );
});

test('a target without a zone, or in the future, is refused', async () => {
  assert.match((await refusal('2026-02-10T06:54:34')).message, /time zone/);
  assert.match((await refusal(new Date(Date.now() + 3_600_000).toISOString())).message, /in the future/);
});

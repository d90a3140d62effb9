import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import * as workflows from '../../workflows/index.ts';

const folder = new URL('histories/', import.meta.url);
const histories = readdirSync(folder).filter((name) => name.endsWith('.json'));

Runtime.install({ logger: new DefaultLogger('ERROR') });
const workflowBundle = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)),
  logger: new DefaultLogger('ERROR'),
});

test('there are golden histories of every workflow type', () => {
  const types = new Set(histories.map((name) => started(readHistory(name)).workflowType.name));
  assert.deepEqual([...types].sort(), Object.keys(workflows).sort());
});

for (const name of histories) {
  test(`${name} replays: today's code goes on where such a run stands`, async () => {
    const history = readHistory(name);
    await Worker.runReplayHistory({ workflowBundle }, history, started(history).workflowId);
  });
}

test('a history whose activities come in another order does not replay', async () => {
  const history = readHistory('restore-of-three.json');
  const scheduled = history.events.filter((event) => event.activityTaskScheduledEventAttributes);
  const [first, second] = scheduled.map((event) => event.activityTaskScheduledEventAttributes?.activityType);
  assert.ok(first && second);
  [first.name, second.name] = [second.name, first.name];
  await assert.rejects(Worker.runReplayHistory({ workflowBundle }, history));
});

interface History {
  readonly events: {
    workflowExecutionStartedEventAttributes?: { workflowType: { name: string }; workflowId: string };
    activityTaskScheduledEventAttributes?: { activityType: { name: string } };
  }[];
}

function readHistory(name: string): History {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as History;
}

function started(history: History): { workflowType: { name: string }; workflowId: string } {
  const attributes = history.events[0]?.workflowExecutionStartedEventAttributes;
  assert.ok(attributes, 'the history does not begin with a start');
  return attributes;
}

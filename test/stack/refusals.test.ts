import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { backUp, restore } from '../support/runs.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { openWorkload } from '../support/workload.ts';

let stack: Stack;
before(async () => {
  stack = await startStack();
  const source = await openWorkload(stack.source.port, stack.password);
  await source.create('db1');
  await source.write('db1', 'seed');
  await source.close();
  await backUp(stack, 'full');
  await backUp(stack, 'log');
  await restore(stack, { target: 'mssql-rt-target', to: 'latest' });
});
after(() => stack?.stop());

const cases: readonly {
  readonly name: string;
  readonly type: string;
  readonly input: object;
  readonly failure: string;
  readonly says: RegExp;
}[] = [
  {
    name: 'an unknown instance',
    type: 'backupInstance',
    input: { instance: 'nowhere', kind: 'log' },
    failure: 'UnknownInstance',
    says: /nowhere.*mssql-rt/,
  },
  {
    name: 'a missing database',
    type: 'backupInstance',
    input: { instance: 'mssql-rt', kind: 'log', databases: ['db1', 'nodb'] },
    failure: 'UnknownDatabase',
    says: /nodb/,
  },
  {
    name: 'a path as an instance name',
    type: 'backupInstance',
    input: { instance: '../../etc/passwd', kind: 'log' },
    failure: 'InvalidInput',
    says: /not an instance name/,
  },
  {
    name: 'a bad time',
    type: 'restoreToPointInTime',
    input: { source: 'mssql-rt', target: 'other', to: '2026-02-30T25:00:00Z' },
    failure: 'InvalidInput',
    says: /not a date of the calendar/,
  },
  {
    name: 'an existing target database',
    type: 'restoreToPointInTime',
    input: { source: 'mssql-rt', target: 'mssql-rt-target', to: 'latest' },
    failure: 'TargetDatabaseExists',
    says: /db1.*another name/s,
  },
  {
    name: 'a database that the store does not hold',
    type: 'restoreToPointInTime',
    input: { source: 'mssql-rt', target: 'other', to: 'latest', databases: ['nodb'] },
    failure: 'UnknownDatabase',
    says: /nodb/,
  },
  {
    name: 'a restore over the source itself',
    type: 'restoreToPointInTime',
    input: { source: 'mssql-rt', target: 'mssql-rt', to: 'latest' },
    failure: 'InvalidInput',
    says: /never done in place/,
  },
];

for (const { name, type, input, failure, says } of cases) {
  test(`${name} is refused within a second, says what to do, and is not retried`, async () => {
    const handle = await stack.client.workflow.start(type, {
      taskQueue: stack.taskQueue,
      workflowId: `refused/${name}`,
      args: [input],
    });
    const error = await handle.result().then(
      () => assert.fail('it was done'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof WorkflowFailedError, String(error));
    const cause = error.cause?.cause ?? error.cause;
    assert.ok(cause instanceof ApplicationFailure);
    assert.equal(cause.type, failure, cause.message);
    assert.match(cause.message, says);
    const { durationMs, retries } = await history(handle);
    assert.equal(retries, 0);
    assert.ok(durationMs < 1_000, `${durationMs} ms by the server's own clock`);
  });
}

/** From the server's history: how long the run took, and how often an activity was tried again. */
async function history(handle: WorkflowHandle): Promise<{ durationMs: number; retries: number }> {
  const events = (await handle.fetchHistory()).events ?? [];
  const at = (index: number): number => {
    const time = events.at(index)?.eventTime;
    return Number(time?.seconds ?? 0) * 1000 + (time?.nanos ?? 0) / 1e6;
  };
  const retries = events.reduce(
    (sum, event) => sum + ((event.activityTaskStartedEventAttributes?.attempt ?? 1) - 1),
    0,
  );
  return { durationMs: at(-1) - at(0), retries };
}

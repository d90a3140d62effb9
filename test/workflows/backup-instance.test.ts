import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { BackupResult } from '../../workflows/backup-instance.ts';
import { progressQuery } from '../../workflows/messages.ts';
import { fakeActivities } from './fake-activities.ts';
import { eventCount, openWorkflowHouse, scheduledActivities, type WorkflowHouse } from './support.ts';

let house: WorkflowHouse;
before(async () => {
  house = await openWorkflowHouse();
});
after(() => house.close());

const request = { instance: 'mssql-rt', kind: 'log' };
const many = (n: number): string[] => Array.from({ length: n }, (_, i) => `db${i}`);

async function failureOf(promise: Promise<unknown>): Promise<ApplicationFailure> {
  const error = await promise.then(
    () => assert.fail('the workflow succeeded'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof WorkflowFailedError, String(error));
  assert.ok(error.cause instanceof ApplicationFailure, String(error.cause));
  return error.cause;
}

test('a log run costs at most 60 events, over 100 databases the same as over one', async () => {
  const events: number[] = [];
  for (const databases of [many(1), many(100)]) {
    await house.withWorker(fakeActivities(databases), async (start) => {
      const handle = await start('backupInstance', request);
      assert.equal(((await handle.result()) as BackupResult).done, databases.length);
      events.push(await eventCount(handle));
    });
  }
  const [one, hundred] = events as [number, number];
  assert.ok(hundred <= 60, `${hundred} events`);
  assert.equal(hundred, one);
});

test('what an earlier run left staged is committed before the databases are inspected', async () => {
  await house.withWorker(fakeActivities(['db1']), async (start) => {
    const handle = await start('backupInstance', request);
    await handle.result();
    assert.deepEqual(await scheduledActivities(handle), [
      'openBackupRun',
      'commitStaged',
      'inspectInstance',
      'backUpDatabases',
      'commitStaged',
      'recordRun',
      'closeBackupRun',
    ]);
  });
});

test('one database that fails is named at the end, after the others were committed', async () => {
  const activities = fakeActivities(['db1', 'db2'], {
    backUpDatabases: async () => ({
      done: 1,
      adopted: 0,
      failed: [{ database: 'db2', type: 'AccessDenied', message: 'Cannot open backup device' }],
    }),
  });
  await house.withWorker(activities, async (start) => {
    const handle = await start('backupInstance', request);
    const failure = await failureOf(handle.result());
    assert.equal(failure.type, 'BackupIncomplete');
    assert.match(failure.message, /db2: Cannot open backup device/);
    assert.equal((failure.details?.[0] as BackupResult).done, 1);
    assert.equal((await scheduledActivities(handle)).filter((name) => name === 'commitStaged').length, 2);
  });
});

test('a wrong request is refused without a single activity', async () => {
  await house.withWorker(fakeActivities([]), async (start) => {
    const handle = await start('backupInstance', { instance: '../etc', kind: 'weekly', size: 1 });
    const failure = await failureOf(handle.result());
    assert.equal(failure.type, 'InvalidInput');
    assert.match(failure.message, /size is not known/);
    assert.match(failure.message, /"\.\.\/etc" is not an instance name/);
    assert.match(failure.message, /kind must be full, differential or log/);
    assert.deepEqual(await scheduledActivities(handle), []);
  });
});

test('a cancelled run closes itself', async () => {
  const activities = fakeActivities(['db1'], {
    backUpDatabases: async () => {
      const { Context } = await import('@temporalio/activity');
      const context = Context.current();
      const beat = setInterval(() => context.heartbeat(), 100);
      await context.cancelled.finally(() => clearInterval(beat));
      throw new Error('unreachable');
    },
  });
  await house.withWorker(activities, async (start) => {
    const handle = await start('backupInstance', request);
    while (!(await scheduledActivities(handle)).includes('backUpDatabases'))
      await new Promise((resolve) => setTimeout(resolve, 50));
    await handle.cancel();
    await assert.rejects(
      handle.result(),
      (error: unknown) => error instanceof WorkflowFailedError && error.cause?.name === 'CancelledFailure',
    );
    assert.ok((await scheduledActivities(handle)).includes('closeBackupRun'));
  });
});

test('the query progress shows each step with its outcome', async () => {
  await house.withWorker(fakeActivities(['db1']), async (start) => {
    const handle = await start('backupInstance', request);
    await handle.result();
    const progress = await handle.query(progressQuery);
    assert.deepEqual(
      progress.steps.map((step) => step.state),
      ['done', 'done', 'done', 'done', 'done', 'done'],
    );
    assert.equal(progress.steps[4]?.detail, '1 set, 1 kB');
  });
});

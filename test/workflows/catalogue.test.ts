import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WorkflowFailedError } from '@temporalio/client';
import type { ApplicationFailure } from '@temporalio/common';
import type { ImportResult } from '../../workflows/import-backups.ts';
import { progressQuery } from '../../workflows/messages.ts';
import type { VerifyResult } from '../../workflows/verify-store.ts';
import { fakeCatalogue, importing, reading, skipped } from './fake-catalogue.ts';
import { eventCount, openWorkflowHouse, scheduledActivities, type WorkflowHouse } from './support.ts';

let house: WorkflowHouse;
before(async () => {
  house = await openWorkflowHouse();
});
after(() => house.close());

const request = { instance: 'mssql-rt' };

async function failureOf(promise: Promise<unknown>): Promise<ApplicationFailure> {
  const error = await promise.then(
    () => assert.fail('the workflow succeeded'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof WorkflowFailedError, String(error));
  return error.cause as ApplicationFailure;
}

test('a verification reads slice after slice, each from where the one before ended', async () => {
  const activities = reading(5);
  await house.withWorker(activities, async (start) => {
    const handle = await start('verifyStore', request);
    const result = (await handle.result()) as VerifyResult;
    assert.deepEqual([result.sets, result.bytes, result.findings], [5, 5000, []]);
    assert.deepEqual(activities.asked, [1, 2, 3, 4, 5]);
    const progress = await handle.query(progressQuery);
    assert.match(progress.facts['read'] ?? '', /5 of 5 sets, 5 kB of 5 kB, .*\/s/);
  });
});

test('a verification that finds something ends failed, and carries its result', async () => {
  await house.withWorker(reading(1, { missing: 1 }), async (start) => {
    const failure = await failureOf((await start('verifyStore', request)).result());
    assert.equal(failure.type, 'StoreDamaged');
    assert.match(
      failure.message,
      /1 set read, 1 missing\. db\/x\.trn is gone\. Sets that are missing or damaged are not used/,
    );
    assert.equal((failure.details?.[0] as VerifyResult).report, 'r.json');
  });
});

test('a verification of very many slices carries on as a new run before 4,000 events, and reads each slice once', async () => {
  const activities = reading(250);
  await house.withWorker(activities, async (start) => {
    const handle = await start('verifyStore', request);
    const result = (await handle.result()) as VerifyResult;
    assert.equal(result.sets, 250);
    assert.deepEqual(
      activities.asked,
      Array.from({ length: 250 }, (_, i) => i + 1),
    );
    const first = await house.client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId).fetchHistory();
    assert.ok((first.events?.length ?? 0) < 4_000, `${first.events?.length} events`);
    assert.ok(first.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes, 'it did not carry on as a new run');
  });
});

const folder = '/var/opt/mssql/old';

test('an import takes in slice after slice; what is there already or a duplicate is no failure', async () => {
  await house.withWorker(importing([skipped('duplicate'), skipped('already-in-store')]), async (start) => {
    const handle = await start('importBackups', { ...request, folder });
    const result = (await handle.result()) as ImportResult;
    assert.deepEqual([result.imported, result.sizeBytes, result.failed], [120, 30, []]);
    assert.ok((await eventCount(handle)) < 40);
  });
});

test('an import of broken or foreign files takes in the rest, and ends failed, naming them', async () => {
  const activities = importing([skipped('media-incomplete'), skipped('duplicate')], [skipped('damaged')]);
  await house.withWorker(activities, async (start) => {
    const failure = await failureOf((await start('importBackups', { ...request, folder })).result());
    assert.equal(failure.type, 'ImportIncomplete');
    assert.match(
      failure.message,
      /2 backups could not be taken in\. old\/damaged\.bak: .*; old\/media-incomplete\.bak/,
    );
    assert.equal((failure.details?.[0] as ImportResult).imported, 120);
  });
});

test('a planned import copies nothing, and fails over nothing', async () => {
  await house.withWorker(importing([skipped('unreadable')]), async (start) => {
    const handle = await start('importBackups', { ...request, folder, mode: 'plan' });
    assert.equal(((await handle.result()) as ImportResult).plan.count, 120);
    assert.deepEqual(await scheduledActivities(handle), ['planImport']);
  });
});

test('window and backups are one activity each, and wrong requests none', async () => {
  await house.withWorker(fakeCatalogue, async (start) => {
    for (const type of ['restorableWindow', 'listBackups']) {
      const handle = await start(type, request);
      await handle.result();
      assert.ok((await eventCount(handle)) <= 12);
    }
    const wrong: [string, object][] = [
      ['restorableWindow', { instance: '../x' }],
      ['restorableWindow', { ...request, database: 'db1' }],
      ['listBackups', { ...request, since: '2026-02-10T00:00:00' }],
      ['listBackups', { ...request, limit: 0 }],
      ['verifyStore', { ...request, databases: [] }],
      ['importBackups', { ...request, folder: '/backup-store/x' }],
      ['importBackups', { ...request, folder: '/var/opt/mssql/../../etc' }],
    ];
    for (const [type, input] of wrong) {
      const handle = await start(type, input);
      assert.equal((await failureOf(handle.result())).type, 'InvalidInput');
      assert.deepEqual(await scheduledActivities(handle), []);
    }
  });
});

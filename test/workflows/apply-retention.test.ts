import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApplicationFailure, type WorkflowFailedError } from '@temporalio/client';
import type { RetentionInput } from '../../workflows/contracts.ts';
import type { RetentionResult } from '../../workflows/apply-retention.ts';
import { fakeActivities } from './fake-activities.ts';
import { openWorkflowHouse, scheduledActivities, type WorkflowHouse } from './support.ts';

let house: WorkflowHouse;
before(async () => {
  house = await openWorkflowHouse();
});
after(() => house.close());

const two = ['db1', 'db2'];

async function failureOf(running: Promise<unknown>): Promise<ApplicationFailure> {
  const error = await running.then(
    () => assert.fail('it did not fail'),
    (reason: unknown) => reason as WorkflowFailedError,
  );
  const cause = error.cause;
  return (cause instanceof ApplicationFailure ? cause : cause?.cause) as ApplicationFailure;
}

test('leases are looked at first, and those of ended restores are handed on', async () => {
  const asked: RetentionInput[] = [];
  const fake = fakeActivities(two);
  const activities = {
    ...fake,
    checkLeases: async () => ({ ended: ['r1'], held: 2, unknown: ['r2'] }),
    retainBackups: async (input: RetentionInput) => {
      asked.push(input);
      return fake.retainBackups(input);
    },
  };
  await house.withWorker(activities, async (start) => {
    const handle = await start('applyRetention', { instance: 'mssql-rt' });
    const result = (await handle.result()) as RetentionResult;
    assert.deepEqual(result.removed, { sets: 2, bytes: 2000 });
    assert.deepEqual(result.kept, { sets: 14, bytes: 14_000 });
    assert.equal(result.policy.window, '14d');
    assert.equal(result.leases.held, 2);
    assert.deepEqual(await scheduledActivities(handle), ['checkLeases', 'retainBackups']);
  });
  assert.equal(asked.length, 1);
  assert.deepEqual({ ...asked[0], run: '' }, { instance: 'mssql-rt', mode: 'apply', endedLeases: ['r1'], run: '' });
  assert.match(asked[0]?.run ?? '', /^\d{8}T\d{6}Z-retention-/);
});

test('a request that makes no sense is refused before anything is done', async () => {
  await house.withWorker(fakeActivities(two), async (start) => {
    for (const wrong of [
      {},
      { instance: 'A b' },
      { instance: 'a', mode: 'restore' },
      { instance: 'a', databases: [] },
      { instance: 'a', days: 3 },
    ]) {
      const failure = await failureOf((await start('applyRetention', wrong)).result());
      assert.equal(failure.type, 'InvalidInput', JSON.stringify(wrong));
    }
    const hold = { action: 'hold', instance: 'a', database: 'db1', reason: 'x' };
    for (const wrong of [
      hold,
      { ...hold, at: 'yesterday' },
      { ...hold, at: '2999-01-01T00:00:00Z' },
      { ...hold, set: 'x', reason: ' ' },
      { action: 'release', instance: 'a' },
      { action: 'x', instance: 'a' },
    ]) {
      const failure = await failureOf((await start('changeHolds', wrong)).result());
      assert.equal(failure.type, 'InvalidInput', JSON.stringify(wrong));
    }
  });
});

test('the id of a hold names its instance', async () => {
  const ids: string[] = [];
  const activities = {
    ...fakeActivities(two),
    changeHolds: async ({ holdId }: { holdId: string }) => {
      ids.push(holdId);
      return { holds: [] };
    },
  };
  await house.withWorker(activities, async (start) => {
    const request = { action: 'hold', instance: 'mssql-rt', database: 'db1', set: 'x', reason: 'audit' };
    await (await start('changeHolds', request)).result();
  });
  assert.match(ids[0] ?? '', /^mssql-rt\.[0-9a-f]{8}$/);
});

test('a restore ends its lease when its plan fails, and when it fails and is kept; a mere plan has none', async () => {
  const fail = async () => {
    throw ApplicationFailure.nonRetryable('no', 'SqlError');
  };
  const restore = { source: 'mssql-rt', target: 'other', to: 'latest' };
  const runs = [
    { over: { planRestore: fail }, request: restore, frees: true },
    { over: { planRestore: fail }, request: { ...restore, mode: 'plan' }, frees: false },
    { over: { recoverDatabase: fail }, request: { ...restore, keep: true }, frees: true },
  ];
  for (const { over, request, frees } of runs) {
    await house.withWorker(fakeActivities(two, over), async (start) => {
      const handle = await start('restoreToPointInTime', request);
      assert.equal((await failureOf(handle.result())).type, 'SqlError');
      const names = await scheduledActivities(handle);
      assert.equal(names.includes('freeLease'), frees, JSON.stringify(request));
      assert.equal(names.includes('discardRestore'), false);
    });
  }
});

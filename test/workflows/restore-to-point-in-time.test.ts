import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Context } from '@temporalio/activity';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { DiscardInput, StepsOutcome } from '../../workflows/contracts.ts';
import type { RestoreResult } from '../../workflows/restore-to-point-in-time.ts';
import { fakeActivities, fakePlan } from './fake-activities.ts';
import { eventCount, openWorkflowHouse, scheduledActivities, type WorkflowHouse } from './support.ts';

let house: WorkflowHouse;
before(async () => {
  house = await openWorkflowHouse();
});
after(() => house.close());

const request = { source: 'mssql-rt', target: 'mssql-rt-target', to: '2026-02-10T06:54:34Z' };
const three = ['db1', 'db2', 'db3'];
const nothing: StepsOutcome = {
  applied: 0,
  skipped: 0,
  bytes: 0,
  stopReached: false,
  copySeconds: 0,
  restoreSeconds: 0,
};

/** An activity that goes on until it is cancelled. */
async function untilCancelled(): Promise<never> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), 100);
  return context.cancelled.finally(() => clearInterval(beat));
}

async function rejection(promise: Promise<unknown>): Promise<WorkflowFailedError> {
  const error = await promise.then(
    () => assert.fail('the workflow succeeded'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof WorkflowFailedError, String(error));
  return error;
}

test('a restore of 3 databases with 20 logs each costs at most 250 events', async () => {
  await house.withWorker(fakeActivities(three), async (start) => {
    const handle = await start('restoreToPointInTime', request);
    const result = (await handle.result()) as RestoreResult;
    assert.equal(result.mode, 'restore');
    const events = await eventCount(handle);
    assert.ok(events <= 250, `${events} events`);
  });
});

test('no database is recovered before all have reached the target time', async () => {
  const order: string[] = [];
  const base = fakeActivities(three, { planRestore: async () => fakePlan(three, 20, 7, 2) });
  const activities = {
    ...base,
    restoreSteps: async (input: Parameters<typeof base.restoreSteps>[0]) => {
      const outcome = await base.restoreSteps(input);
      order.push('restore');
      return outcome;
    },
    recoverDatabase: async (input: Parameters<typeof base.recoverDatabase>[0]) => {
      order.push('recover');
      return base.recoverDatabase(input);
    },
  };
  await house.withWorker(activities, async (start) => {
    await (await start('restoreToPointInTime', request)).result();
    assert.equal(order.lastIndexOf('restore'), order.indexOf('recover') - 1);
    assert.equal(order.filter((step) => step === 'recover').length, 3);
  });
});

test('mode plan stops after planning and creates nothing', async () => {
  await house.withWorker(fakeActivities(three), async (start) => {
    const handle = await start('restoreToPointInTime', { ...request, mode: 'plan' });
    assert.equal(((await handle.result()) as RestoreResult).mode, 'plan');
    assert.deepEqual(await scheduledActivities(handle), ['planRestore']);
  });
});

test('a week of one-minute logs, 10,080, is one run of well below 4,000 events', async () => {
  const activities = fakeActivities(['db1'], { planRestore: async () => fakePlan(['db1'], 10_080, 250) });
  await house.withWorker(activities, async (start) => {
    const handle = await start('restoreToPointInTime', request);
    const result = (await handle.result()) as RestoreResult;
    assert.equal(result.mode === 'restore' && result.steps[0]?.applied, 10_081);
    const events = await eventCount(handle);
    assert.ok(events < 400, `${events} events`);
  });
});

test('a restore of very many slices carries on as a new run before 4,000 events, and applies every slice once', async () => {
  const logs = 350;
  const ranges: string[] = [];
  const activities = fakeActivities(three, {
    planRestore: async () => fakePlan(three, logs, 1),
    restoreSteps: async (input): Promise<StepsOutcome> => {
      ranges.push(`${input.database} ${input.from}–${input.to}`);
      return { ...nothing, applied: input.to - input.from };
    },
  });
  await house.withWorker(activities, async (start) => {
    const handle = await start('restoreToPointInTime', request);
    const result = (await handle.result()) as RestoreResult;
    assert.deepEqual(
      result.mode === 'restore' && result.steps.map((step) => step.applied),
      three.map(() => logs + 1),
    );
    assert.equal(ranges.length, three.length * (logs + 1));
    assert.equal(new Set(ranges).size, ranges.length);
    const first = await house.client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId).fetchHistory();
    assert.ok((first.events?.length ?? 0) < 4_000, `${first.events?.length} events`);
    assert.ok(
      first.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes,
      'the first run did not carry on as a new one',
    );
  });
});

test('a log that holds the stop point ends its database; later slices are not run', async () => {
  let calls = 0;
  const activities = fakeActivities(['db1'], {
    planRestore: async () => fakePlan(['db1'], 100, 10),
    restoreSteps: async (): Promise<StepsOutcome> => ({ ...nothing, applied: 1, stopReached: ++calls === 3 }),
  });
  await house.withWorker(activities, async (start) => {
    await (await start('restoreToPointInTime', request)).result();
    assert.equal(calls, 3);
  });
});

test('when one database fails, the others are stopped and everything made is discarded', async () => {
  const discarded: DiscardInput[] = [];
  const activities = fakeActivities(three, {
    restoreSteps: async (input) => {
      if (input.database !== 'db2') return untilCancelled();
      throw ApplicationFailure.nonRetryable('db2_log.trn does not match its manifest', 'FileDamaged');
    },
    discardRestore: async (input) => {
      discarded.push(input);
      return { droppedDatabases: [], leftAlone: [], targetRemoved: true };
    },
  });
  await house.withWorker(activities, async (start) => {
    const handle = await start('restoreToPointInTime', request);
    const error = await rejection(handle.result());
    assert.equal((error.cause?.cause as ApplicationFailure | undefined)?.type, 'FileDamaged');
    assert.equal(discarded.length, 1);
    assert.equal(discarded[0]?.removeTarget, true);
    assert.ok(!(await scheduledActivities(handle)).includes('recoverDatabase'));
  });
});

test('a cancelled restore is discarded, but not its target when that was there before', async () => {
  const discarded: DiscardInput[] = [];
  const activities = fakeActivities(three, {
    prepareTarget: async () => ({ created: false, address: '127.0.0.1:1433' }),
    restoreSteps: untilCancelled,
    discardRestore: async (input) => {
      discarded.push(input);
      return { droppedDatabases: [], leftAlone: [], targetRemoved: false };
    },
  });
  await house.withWorker(activities, async (start) => {
    const handle = await start('restoreToPointInTime', request);
    while (!(await scheduledActivities(handle)).includes('restoreSteps'))
      await new Promise((resolve) => setTimeout(resolve, 50));
    await handle.cancel();
    assert.equal((await rejection(handle.result())).cause?.name, 'CancelledFailure');
    assert.equal(discarded[0]?.removeTarget, false);
  });
});

test('keep leaves everything in place', async () => {
  const activities = fakeActivities(three, {
    recoverDatabase: async () => {
      throw ApplicationFailure.nonRetryable('no', 'SqlError');
    },
  });
  await house.withWorker(activities, async (start) => {
    const handle = await start('restoreToPointInTime', { ...request, keep: true });
    await rejection(handle.result());
    assert.ok(!(await scheduledActivities(handle)).includes('discardRestore'));
  });
});

test('a time without a zone or in the future is refused without a single activity', async () => {
  await house.withWorker(fakeActivities(three), async (start) => {
    for (const [to, message] of [
      ['2026-02-10T06:54:34', /no time zone/],
      ['2999-01-01T00:00:00Z', /in the future/],
      ['yesterday', /not a time/],
    ] as const) {
      const handle = await start('restoreToPointInTime', { ...request, to });
      const error = await rejection(handle.result());
      assert.equal((error.cause as ApplicationFailure).type, 'InvalidInput');
      assert.match(error.cause?.message ?? '', message);
      assert.deepEqual(await scheduledActivities(handle), []);
    }
  });
});

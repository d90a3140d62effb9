import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Client, type ConnectionLike, type ScheduleUpdateOptions } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { updateSchedule } from '../../client/schedules/update.ts';

interface Request {
  readonly schedule?: Stored;
  readonly patch?: { readonly pause?: string };
  readonly conflictToken?: Uint8Array | null;
}

interface Stored {
  readonly spec: object;
  readonly action: object;
  readonly policies: object;
  readonly state: { paused?: boolean; notes?: string };
}

/** A Schedule as Temporal 1.29 keeps it: an update with a token that is not that of what stands is dropped without a word. */
function server(): { readonly client: Client; readonly state: () => Stored['state']; readonly updates: () => number } {
  const action = { startWorkflow: { workflowId: 'w', workflowType: { name: 't' }, taskQueue: { name: 'q' } } };
  let stored: Stored = { spec: {}, action, policies: {}, state: { paused: false, notes: '' } };
  let [token, updates] = [1, 0];
  const workflowService = {
    describeSchedule: () =>
      Promise.resolve({
        schedule: stored,
        info: { createTime: msToTs(1_000), ...(updates > 0 && { updateTime: msToTs(1_000 + updates) }) },
        conflictToken: Uint8Array.of(token),
      }),
    updateSchedule: ({ schedule, conflictToken }: Request) => {
      if (schedule !== undefined && (conflictToken?.[0] ?? token) === token) {
        stored = schedule;
        token += 1;
        updates += 1;
      }
      return Promise.resolve({});
    },
    patchSchedule: ({ patch }: Request) => {
      stored = { ...stored, state: { paused: true, notes: patch?.pause ?? '' } };
      token += 1;
      return Promise.resolve({});
    },
  };
  const client = new Client({ connection: { workflowService, plugins: [] } as unknown as ConnectionLike });
  return { client, state: () => stored.state, updates: () => updates };
}

const wanted = {
  spec: { intervals: [{ every: '1m' as const }] },
  action: { type: 'startWorkflow' as const, workflowType: 't', taskQueue: 'q', workflowId: 'w', args: [] },
};

describe('an update of a schedule', () => {
  it('keeps a pause that was made while it was on its way', async () => {
    const { client, state, updates } = server();
    let looks = 0;
    await updateSchedule(client, 'id', async (before): Promise<ScheduleUpdateOptions> => {
      looks += 1;
      if (looks === 1) await client.schedule.getHandle('id').pause('by a person, just now');
      return { ...wanted, state: before.state };
    });
    assert.deepEqual([looks, updates()], [2, 1]);
    assert.equal(state().paused, true);
    assert.equal(state().notes, 'by a person, just now');
  });

  it('is made once when nobody is in between', async () => {
    const { client, updates } = server();
    await updateSchedule(client, 'id', (before) => ({ ...wanted, state: before.state }));
    assert.equal(updates(), 1);
  });

  it('gives up when somebody is in between each time, and says so', async () => {
    const { client, updates } = server();
    const update = updateSchedule(client, 'id', async (before) => {
      await client.schedule.getHandle('id').pause('again');
      return { ...wanted, state: before.state };
    });
    await assert.rejects(update, /changed by somebody else each time.*apply again/);
    assert.equal(updates(), 0);
  });
});

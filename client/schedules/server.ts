import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type Client,
  type ScheduleDescription,
} from '@temporalio/client';
import type { ScheduleChange } from '../../workflows/domain/schedule-changes.ts';
import type { DesiredSchedule, FoundSchedule } from '../../workflows/domain/schedule.ts';
import { exitCodes } from '../exit-codes.ts';
import { inLanes } from '../lanes.ts';
import { Problem } from '../problem.ts';
import { toFound } from './found.ts';
import { ownerMark } from './marks.ts';
import { updateSchedule } from './update.ts';
import { attributesOf, toWritten } from './wanted.ts';

const lanes = 16;

/**
 * The schedules that matter: those of the given ids, whoever made them, and all that an apply of this fleet made. The list
 * comes from Temporal's visibility store and lags, so it only says where to look: each is then asked for by its id.
 */
export async function describeSchedules(
  client: Client,
  owner: string,
  ids: readonly string[],
): Promise<ScheduleDescription[]> {
  const wanted = new Set(ids);
  for await (const { scheduleId, memo } of client.schedule.list({ pageSize: 1000 })) {
    if (memo?.[ownerMark] === owner) wanted.add(scheduleId);
  }
  const found = await inLanes([...wanted].toSorted(), lanes, (id) => describeSchedule(client, id));
  return found.filter((each) => each !== null);
}

async function describeSchedule(client: Client, id: string): Promise<ScheduleDescription | null> {
  try {
    return await client.schedule.getHandle(id).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}

export async function findSchedules(
  client: Client,
  owner: string,
  desired: readonly DesiredSchedule[],
): Promise<FoundSchedule[]> {
  const found = await describeSchedules(
    client,
    owner,
    desired.map(({ id }) => id),
  );
  return found.map(toFound);
}

/** Makes every change; those that are blocked are left as they are. */
export async function applyChanges(client: Client, owner: string, changes: readonly ScheduleChange[]): Promise<void> {
  await inLanes(changes, lanes, (change) => applyChange(client, owner, change));
}

async function applyChange(client: Client, owner: string, change: ScheduleChange): Promise<void> {
  switch (change.action) {
    case 'create':
      await create(client, owner, change.desired);
      break;
    case 'change':
      // An update replaces all of a Schedule: what is a person's (pause, note, runs left) is given back as it was.
      await updateSchedule(client, change.id, ({ state }) => ({ ...toWritten(change.desired), state }));
      break;
    case 'remove':
      await remove(client, change.id);
      break;
    case 'keep':
    case 'blocked':
      break;
  }
}

async function create(client: Client, owner: string, desired: DesiredSchedule): Promise<void> {
  const { id } = desired;
  try {
    await client.schedule.create({
      ...toWritten(desired),
      scheduleId: id,
      memo: { [ownerMark]: owner },
      typedSearchAttributes: attributesOf(desired),
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    throw new Problem({
      type: 'ScheduleTaken',
      happened: `Somebody made ${id} while this apply ran.`,
      hint: 'Apply again: it takes up what is there now.',
      exitCode: exitCodes.failed,
    });
  }
}

async function remove(client: Client, id: string): Promise<void> {
  try {
    await client.schedule.getHandle(id).delete();
  } catch (error) {
    // Somebody was faster.
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}

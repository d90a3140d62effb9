import type { Client } from '@temporalio/client';
import { isDrift, scheduleChanges, type ScheduleChange } from '../../workflows/domain/schedule-changes.ts';
import { desiredSchedules } from '../../workflows/domain/schedule-desired.ts';
import type { Settings } from '../../workflows/domain/settings.ts';
import { commandName } from '../command-name.ts';
import { loadSettings } from '../config.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { Problem } from '../problem.ts';
import { applyChanges, findSchedules } from '../schedules/server.ts';
import { changeData, showChanges } from '../show/schedule-plan.ts';
import { withTemporal, type SessionOptions } from './session.ts';

/** What an apply would do. */
export function planSchedules(options: SessionOptions & { readonly check: boolean }): Promise<ExitCode> {
  const settings = loadSettings({ path: options.config });
  return withTemporal(options, async ({ client, screen }) => {
    const changes = await changesOf(client, settings);
    const drift = isDrift(changes);
    showChanges(screen, changes, 'planned');
    if (drift) screen.print(`Nothing was changed. Make it so with ${commandName} schedules apply`);
    screen.data({ drift, changes: changes.map(changeData) });
    return options.check && drift ? exitCodes.drift : exitCodes.ok;
  });
}

/** Makes Temporal's schedules what temporal.yaml declares. */
export function applySchedules(options: SessionOptions): Promise<ExitCode> {
  const settings = loadSettings({ path: options.config });
  return withTemporal(options, async ({ client, screen }) => {
    const changes = await changesOf(client, settings);
    await applyChanges(client, settings.taskQueue, changes);
    showChanges(screen, changes, 'done');
    screen.data({ changes: changes.map(changeData) });
    const blocked = changes.filter(({ action }) => action === 'blocked');
    if (blocked.length > 0) {
      throw new Problem({
        type: 'ScheduleTaken',
        happened: `Not everything could be applied: ${blocked.map(({ id }) => id).join(', ')} is there and not ours.`,
        hint: 'Look at it in the Temporal UI; delete it, or take the declaration out of temporal.yaml. The rest was applied.',
        exitCode: exitCodes.failed,
      });
    }
    return exitCodes.ok;
  });
}

async function changesOf(client: Client, { schedules, taskQueue }: Settings): Promise<ScheduleChange[]> {
  const desired = desiredSchedules(schedules ?? {}, taskQueue);
  return scheduleChanges(desired, await findSchedules(client, taskQueue, desired), taskQueue);
}

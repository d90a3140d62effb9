import { userInfo } from 'node:os';
import type { ScheduleDescription, ScheduleHandle } from '@temporalio/client';
import { parseScheduleId, type ScheduleKind } from '../../workflows/domain/schedule.ts';
import { commandName } from '../command-name.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { wrongInput } from '../problem.ts';
import { describeSchedules } from '../schedules/server.ts';
import { settingsHere, withTemporal, taskQueueOf, type SessionOptions } from './session.ts';

export interface Chosen {
  readonly instance: string;
  /** All of the instance when absent. */
  readonly kind: ScheduleKind | undefined;
}

export function pauseSchedules(chosen: Chosen, note: string | undefined, options: SessionOptions): Promise<ExitCode> {
  return forEach(chosen, options, 'paused', (handle) => handle.pause(note ?? `Paused by ${who()}`));
}

export function resumeSchedules(chosen: Chosen, note: string | undefined, options: SessionOptions): Promise<ExitCode> {
  return forEach(chosen, options, 'resumed', (handle) => handle.unpause(note ?? `Resumed by ${who()}`));
}

/** By its own overlap policy: left to itself, Temporal would start a second run beside one that goes on. */
export function triggerSchedules(chosen: Chosen, options: SessionOptions): Promise<ExitCode> {
  return forEach(chosen, options, 'triggered', (handle, { policies }) => handle.trigger(policies.overlap));
}

function forEach(
  { instance, kind }: Chosen,
  options: SessionOptions,
  done: string,
  act: (handle: ScheduleHandle, description: ScheduleDescription) => Promise<void>,
): Promise<ExitCode> {
  const owner = taskQueueOf(settingsHere(options));
  return withTemporal(options, async ({ client, screen }) => {
    const all = await describeSchedules(client, owner, []);
    const ours = all.filter(({ scheduleId }) => {
      const name = parseScheduleId(scheduleId);
      return name?.instance === instance && (kind === undefined || name.kind === kind);
    });
    if (ours.length === 0) {
      const what = kind === undefined ? 'no schedule' : `no ${kind} schedule`;
      throw wrongInput(`${instance} has ${what} in Temporal.`, `See what there is with ${commandName} schedules list.`);
    }
    for (const description of ours) {
      await act(client.schedule.getHandle(description.scheduleId), description);
      screen.print(`${description.scheduleId}: ${done}`);
    }
    screen.data(ours.map(({ scheduleId }) => ({ id: scheduleId, done })));
    return exitCodes.ok;
  });
}

function who(): string {
  const user = process.env['USER'] || userInfo().username;
  return `${user}, ${new Date().toISOString().slice(0, 16)}Z`;
}

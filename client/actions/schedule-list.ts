import { WorkflowNotFoundError, type Client, type ScheduleDescription } from '@temporalio/client';
import { whenText } from '../../workflows/domain/schedule-desired.ts';
import { parseScheduleId } from '../../workflows/domain/schedule.ts';
import { commandName } from '../command-name.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { inLanes } from '../lanes.ts';
import { toFound } from '../schedules/found.ts';
import { describeSchedules } from '../schedules/server.ts';
import { showSchedules, type LastRun, type ScheduleLine } from '../show/schedule-list.ts';
import { settingsHere, withTemporal, taskQueueOf, type SessionOptions } from './session.ts';

const lanes = 16;

/** The schedules of this fleet: when they run next, and how the last run ended. */
export function listSchedules(instance: string | undefined, options: SessionOptions): Promise<ExitCode> {
  const owner = taskQueueOf(settingsHere(options));
  return withTemporal(options, async ({ client, screen }) => {
    const described = (await describeSchedules(client, owner, [])).filter(
      ({ scheduleId }) => instance === undefined || parseScheduleId(scheduleId)?.instance === instance,
    );
    const lines = await inLanes(described, lanes, (each) => lineOf(client, each));
    screen.data(lines);
    if (lines.length > 0) showSchedules(screen, lines);
    else {
      const whose = instance === undefined ? '' : ` of ${instance}`;
      screen.print(
        `There are no schedules${whose}. Declare some in temporal.yaml, then ${commandName} schedules apply`,
      );
    }
    return exitCodes.ok;
  });
}

async function lineOf(client: Client, description: ScheduleDescription): Promise<ScheduleLine> {
  const { info, state } = description;
  const found = toFound(description);
  return {
    id: found.id,
    when: `${whenText(found)}${found.calendars.length > 0 ? ` ${found.timeZone}` : ''}`,
    paused: state.paused,
    note: state.note ?? '',
    next: state.paused ? null : (info.nextActionTimes[0]?.toISOString() ?? null),
    last: await lastRun(client, description),
    runs: info.numActionsTaken,
    missed: info.numActionsMissedCatchupWindow,
    overlapped: info.numActionsSkippedOverlap,
  };
}

async function lastRun(client: Client, { info }: ScheduleDescription): Promise<LastRun | null> {
  const last = info.recentActions.at(-1);
  if (last === undefined) return null;
  const { workflowId, firstExecutionRunId } = last.action.workflow;
  const startedAt = last.takenAt.toISOString();
  try {
    const { status, closeTime } = await client.workflow.getHandle(workflowId, firstExecutionRunId).describe();
    return { workflowId, state: status.name, startedAt, closedAt: closeTime?.toISOString() ?? null };
  } catch (error) {
    // Temporal forgets ended runs after its retention period.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    return { workflowId, state: 'FORGOTTEN', startedAt, closedAt: null };
  }
}

import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';

/** An activity of a run, as its history tells; times as epoch milliseconds. */
export interface ActivityRecord {
  readonly id: string;
  readonly type: string;
  readonly started: number;
  readonly completed: number;
  readonly result: unknown;
}

export interface RunRecord {
  readonly runId: string;
  readonly started: number;
  readonly closed: number;
  readonly activities: readonly ActivityRecord[];
}

interface Time {
  readonly seconds?: { toNumber(): number } | number | null;
  readonly nanos?: number | null;
}

/** What Temporal wrote down of a run that has ended. */
export async function recordOf(client: Client, workflowId: string): Promise<RunRecord> {
  const handle = client.workflow.getHandle(workflowId);
  const { runId, startTime, closeTime } = await handle.describe();
  const { events } = await handle.fetchHistory();
  const scheduled = new Map<string, { readonly id: string; readonly type: string }>();
  const started = new Map<string, number>();
  const activities: ActivityRecord[] = [];
  for (const event of events ?? []) {
    const time = millis(event.eventTime);
    const asked = event.activityTaskScheduledEventAttributes;
    if (asked) {
      scheduled.set(String(event.eventId), { id: asked.activityId ?? '', type: asked.activityType?.name ?? '' });
    }
    const begun = event.activityTaskStartedEventAttributes;
    if (begun) started.set(String(begun.scheduledEventId), time);
    const done = event.activityTaskCompletedEventAttributes;
    if (!done) continue;
    const key = String(done.scheduledEventId);
    const payload = done.result?.payloads?.[0];
    activities.push({
      ...(scheduled.get(key) ?? { id: '', type: '' }),
      started: started.get(key) ?? time,
      completed: time,
      result: payload ? defaultPayloadConverter.fromPayload<unknown>(payload) : undefined,
    });
  }
  return { runId, started: startTime.getTime(), closed: closeTime?.getTime() ?? NaN, activities };
}

function millis(time: Time | null | undefined): number {
  const { seconds, nanos } = time ?? {};
  return (typeof seconds === 'number' ? seconds : (seconds?.toNumber() ?? 0)) * 1000 + (nanos ?? 0) / 1e6;
}

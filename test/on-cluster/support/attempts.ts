import type { Client } from '@temporalio/client';

/** Activities of a run that needed more than one attempt, by name. */
export async function triedAgain(client: Client, workflowId: string, runId?: string): Promise<readonly string[]> {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const names = new Map(
    events?.map(({ eventId, activityTaskScheduledEventAttributes: asked }) => [
      String(eventId),
      asked?.activityType?.name ?? '',
    ]),
  );
  return (events ?? []).flatMap(({ activityTaskStartedEventAttributes: started }) =>
    (started?.attempt ?? 1) > 1 ? (names.get(String(started?.scheduledEventId)) ?? []) : [],
  );
}

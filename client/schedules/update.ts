import {
  ScheduleClient,
  ServiceError,
  type Client,
  type ScheduleDescription,
  type ScheduleUpdateOptions,
} from '@temporalio/client';

const attempts = 5;

type Update = (before: ScheduleDescription) => ScheduleUpdateOptions | Promise<ScheduleUpdateOptions>;

/**
 * Replaces a Schedule by what is made of it as it stands. When somebody changes it in between, their change is not lost: the
 * update is made again of what stands then.
 *
 * Temporal 1.29 does not refuse an update whose conflict token is not that of what stands: it drops it without a word. The
 * time of the last update tells.
 */
export async function updateSchedule(client: Client, id: string, update: Update): Promise<void> {
  const handle = client.schedule.getHandle(id);
  let before = await handle.describe();
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const wanted = await update(before);
    await guarded(client, before.raw.conflictToken)
      .getHandle(id)
      .update(() => wanted);
    const after = await handle.describe();
    if (after.info.lastUpdatedAt?.getTime() !== before.info.lastUpdatedAt?.getTime()) return;
    before = after;
  }
  throw new ServiceError(`The schedule ${id} was changed by somebody else each time it was to be updated; apply again`);
}

/** Temporal takes a token that makes an update void when the Schedule has changed; the client library never sends one. */
function guarded({ connection, options }: Client, token: Uint8Array | null | undefined): ScheduleClient {
  const service = connection.workflowService;
  const guardedService = Object.create(service, {
    updateSchedule: {
      value: (request: Parameters<typeof service.updateSchedule>[0]) =>
        service.updateSchedule({ ...request, conflictToken: token ?? null }),
    },
  }) as typeof service;
  const guardedConnection = Object.create(connection, {
    workflowService: { value: guardedService },
  }) as typeof connection;
  return new ScheduleClient({ connection: guardedConnection, namespace: options.namespace });
}

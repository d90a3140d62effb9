import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Connection, type WorkflowHandleWithStartDetails } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { startTemporal } from '../support/temporal.ts';

/** Workflows on a real Temporal server with activities that a test chooses: orchestration alone, without SQL Server. */
export interface WorkflowHouse {
  readonly client: Client;
  readonly address: string;
  /** Runs `work` while a worker with these activities serves a task queue of its own. */
  withWorker<T>(activities: object, work: (start: Start) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export type Start = (type: string, ...args: unknown[]) => Promise<WorkflowHandleWithStartDetails>;

export async function openWorkflowHouse(): Promise<WorkflowHouse> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const temporal = await startTemporal();
  const connection = await Connection.connect({ address: temporal.address });
  const native = await NativeConnection.connect({ address: temporal.address });
  const client = new Client({ connection });
  const workflowBundle: WorkflowBundleWithSourceMap = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)),
    logger: new DefaultLogger('ERROR'),
  });
  return {
    client,
    address: temporal.address,
    async withWorker(activities, work) {
      const taskQueue = `test-${randomUUID()}`;
      const worker = await Worker.create({
        connection: native,
        workflowBundle,
        activities,
        taskQueue,
        shutdownGraceTime: '1 second',
      });
      const start: Start = (type, ...args) =>
        client.workflow.start(type, { taskQueue, workflowId: `test/${randomUUID()}`, args });
      return worker.runUntil(() => work(start));
    },
    async close() {
      await connection.close();
      await native.close();
      await temporal.stop();
    },
  };
}

export async function eventCount(handle: Pick<WorkflowHandleWithStartDetails, 'fetchHistory'>): Promise<number> {
  return (await handle.fetchHistory()).events?.length ?? 0;
}

/** Names of the activities that were scheduled, in order. */
export async function scheduledActivities(
  handle: Pick<WorkflowHandleWithStartDetails, 'fetchHistory'>,
): Promise<string[]> {
  const history = await handle.fetchHistory();
  return (history.events ?? []).flatMap(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? [],
  );
}

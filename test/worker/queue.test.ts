import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { Activities } from '../../workflows/contracts.ts';
import type { Settings } from '../../workflows/domain/settings.ts';
import { readEnvironment } from '../../worker/environment.ts';
import { workerOptions, workflowsPath } from '../../worker/options.ts';
import { startTemporal, type TemporalServer } from '../support/temporal.ts';
import { until } from '../support/until.ts';
import { fakeActivities } from '../workflows/fake-activities.ts';

/** Priorities hold within a partition of a queue, so that only one partition makes their order strict. */
const strictPriorities = [
  'matching.useNewMatcher=true',
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
];

let temporal: TemporalServer;
let client: Client;
let native: NativeConnection;
let workflowBundle: { code: string };
before(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  temporal = await startTemporal({ dynamicConfig: strictPriorities });
  client = new Client({ connection: await Connection.connect({ address: temporal.address }) });
  native = await NativeConnection.connect({ address: temporal.address });
  workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
});
after(async () => {
  await native.close();
  await client.connection.close();
  await temporal.stop();
});

interface Options {
  readonly taskQueue: string;
  readonly limits?: Partial<Settings['limits']>;
  readonly env?: Record<string, string>;
  readonly over?: Partial<Activities>;
}

/** A worker as production makes it, with activities that a test chooses. */
function worker({ taskQueue, limits = {}, env = {}, over = {} }: Options): Promise<Worker> {
  const atOnce = { backupsAtOnce: 4, restoresAtOnce: 4, logsPerSlice: 100, mendsPerRun: 20 };
  const settings: Settings = { taskQueue, limits: { ...atOnce, ...limits }, stores: {}, instances: {} };
  return Worker.create({
    ...workerOptions(settings, readEnvironment(env)),
    connection: native,
    workflowBundle,
    activities: fakeActivities(['db1'], over),
  });
}

const backup = (taskQueue: string, workflowId: string): Promise<WorkflowHandle> =>
  client.workflow.start('backupInstance', { taskQueue, workflowId, args: [{ instance: 'a', kind: 'log' }] });
const restore = (taskQueue: string, workflowId: string): Promise<WorkflowHandle> =>
  client.workflow.start('restoreToPointInTime', {
    taskQueue,
    workflowId,
    args: [{ source: 'a', target: 'b', to: 'latest', mode: 'plan' }],
  });

async function waits(handle: WorkflowHandle): Promise<boolean> {
  const { raw } = await handle.describe();
  return (raw.pendingActivities ?? []).length > 0;
}

describe('the task queue', () => {
  it('gives the one slot that there is to a restore that waits, before backups that wait for longer', async () => {
    const taskQueue = 'priority';
    const order: string[] = [];
    const first = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const fakes = fakeActivities(['db1'], {});
    const one = await worker({
      taskQueue,
      limits: { activitiesAtOnce: 1 },
      over: {
        openBackupRun: async (input) => {
          order.push(input.workflowId);
          if (order.length === 1) {
            begun.resolve();
            await first.promise;
          }
          return fakes.openBackupRun(input);
        },
        planRestore: async (input) => {
          order.push('restore');
          return fakes.planRestore(input);
        },
      },
    });
    await one.runUntil(async () => {
      const handles = [await backup(taskQueue, 'backup-0')];
      await begun.promise;
      for (const n of [1, 2, 3, 4]) handles.push(await backup(taskQueue, `backup-${n}`));
      for (const handle of handles.slice(1)) await until('a backup waits', () => waits(handle));
      handles.push(await restore(taskQueue, 'restore-0'));
      await until('the restore waits', () => waits(handles.at(-1) as WorkflowHandle));
      first.resolve();
      await Promise.all(handles.map((handle) => handle.result()));
    });
    assert.deepEqual(order.slice(0, 2), ['backup-0', 'restore']);
    assert.equal(order.length, 6);
  });

  it('of a versioned worker holds its runs until its version is made the current one', async () => {
    const taskQueue = 'versioned';
    const version = { deploymentName: 'mssql-pitr', buildId: '0.1.0' };
    const env = { TEMPORAL_DEPLOYMENT_NAME: version.deploymentName, TEMPORAL_WORKER_BUILD_ID: version.buildId };
    const versioned = await worker({ taskQueue, env });
    await versioned.runUntil(async () => {
      const handle = await backup(taskQueue, 'versioned-0');
      await until('the server knows the version', async () => {
        const answer = await client.workflowService
          .describeWorkerDeployment({ namespace: 'default', deploymentName: version.deploymentName })
          .catch(() => null);
        return (answer?.workerDeploymentInfo?.versionSummaries ?? []).length > 0;
      });
      assert.equal((await handle.describe()).status.name, 'RUNNING');
      assert.equal((await handle.fetchHistory()).events?.length, 2, 'scheduled, and never started');

      // As `temporal worker deployment set-current-version` does.
      await until('the version is current', () =>
        client.workflowService
          .setWorkerDeploymentCurrentVersion({
            namespace: 'default',
            deploymentName: version.deploymentName,
            buildId: version.buildId,
            ignoreMissingTaskQueues: true,
          })
          .catch(() => null),
      );
      await handle.result();
      const { raw } = await handle.describe();
      const { versioningInfo } = raw.workflowExecutionInfo ?? {};
      assert.equal(versioningInfo?.deploymentVersion?.buildId, version.buildId);
      assert.equal(versioningInfo?.behavior, 1, 'PINNED: the run ends on the version that it began on');
    });
  });
});

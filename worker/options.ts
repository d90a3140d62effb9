import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkerOptions, type WorkflowBundleOption } from '@temporalio/worker';
import type { Settings } from '../workflows/domain/settings.ts';
import type { WorkerEnvironment } from './environment.ts';
import type { WriteLog } from './log.ts';
import { sdkLogger } from './runtime.ts';

/** Where workflow types come from; also the entry of {@link file://./build-bundle.ts}. */
export const workflowsPath = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));

/** Everything that the SDK would else decide from the machine's size or leave at an unsafe default. */
export function workerOptions(
  { taskQueue, limits }: Settings,
  { identity, deployment }: WorkerEnvironment,
): Omit<WorkerOptions, 'activities' | 'connection' | 'namespace' | 'workflowBundle'> {
  return {
    taskQueue,
    identity,
    // Activities wait for SQL Server and disks, not for this process: the limits of temporal.yaml hold within each.
    maxConcurrentActivityTaskExecutions: limits.activitiesAtOnce ?? 32,
    // The server keeps to it over all workers of the queue.
    ...(limits.activitiesPerSecond !== undefined && { maxTaskQueueActivitiesPerSecond: limits.activitiesPerSecond }),
    maxConcurrentWorkflowTaskExecutions: 20,
    maxConcurrentLocalActivityExecutions: 1,
    workflowTaskPollerBehavior: { type: 'autoscaling', minimum: 2, initial: 2, maximum: 10 },
    activityTaskPollerBehavior: { type: 'autoscaling', minimum: 1, initial: 2, maximum: 16 },
    // For so long the server keeps a run's next step for the worker that had it, should that one have died.
    stickyQueueScheduleToStartTimeout: '5 seconds',
    // Heartbeats carry cancellation: what is cancelled hears of it within this time, not within 80 % of its timeout.
    maxHeartbeatThrottleInterval: '2 seconds',
    // Counted, not weighed: a larger cache is what makes workers run out of memory.
    maxCachedWorkflows: 200,
    // Then activities are told to stop; they stop the engine's work and are tried again by another worker.
    shutdownGraceTime: '5 seconds',
    // A pod's terminationGracePeriodSeconds must be longer.
    shutdownForceTime: '25 seconds',
    // A run ends on the version that it began on: backups and restores last minutes or hours, and are never patched midway.
    ...(deployment !== null && {
      workerDeploymentOptions: {
        useWorkerVersioning: true as const,
        version: deployment,
        defaultVersioningBehavior: 'PINNED' as const,
      },
    }),
  };
}

/** The bundle of the image, or one that is made now, without the bundler's table of contents in the log. */
export async function workflowBundle(
  { workflowBundle: codePath }: WorkerEnvironment,
  log: WriteLog,
): Promise<WorkflowBundleOption> {
  return codePath === null ? bundleWorkflowCode({ workflowsPath, logger: sdkLogger('WARN', log) }) : { codePath };
}

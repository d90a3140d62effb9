import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from '@temporalio/worker';
import { createActivities } from '../activities/index.ts';
import { createPlatform } from '../activities/platform/index.ts';
import type { Settings } from '../workflows/domain/settings.ts';
import { connectWorker } from './connect.ts';
import type { WorkerEnvironment } from './environment.ts';
import { serveHealth } from './health.ts';
import type { WriteLog } from './log.ts';
import { workerOptions, workflowBundle } from './options.ts';
import { installRuntime } from './runtime.ts';
import { ensureSearchAttributes } from './search-attributes.ts';

export interface RunOptions {
  readonly settings: Settings;
  readonly environment: WorkerEnvironment;
  readonly log: WriteLog;
}

/** Runs a worker until the process is told to stop, then lets it finish and closes what it opened. */
export async function runWorker({ settings, environment, log }: RunOptions): Promise<void> {
  const info = (message: string, facts: object = {}): void =>
    log({ ...facts, time: new Date().toISOString(), level: 'INFO', message });
  installRuntime(environment, log);
  const { connection, address, namespace } = await connectWorker({
    attempts: environment.connectAttempts,
    signal: stopSignal(),
    log,
  });
  try {
    const added = await ensureSearchAttributes(connection, namespace);
    if (added.length > 0) info('search attributes added', { added });
    const worker = await Worker.create({
      ...workerOptions(settings, environment),
      workflowBundle: await workflowBundle(environment, log),
      connection,
      namespace,
      activities: createActivities({ settings, platform: createPlatform(settings) }),
    });
    const health = environment.healthAddress === null ? null : await serveHealth(worker, environment.healthAddress);
    try {
      const running = worker.run();
      const { taskQueue } = settings;
      const ready = announce(worker, () =>
        info('worker ready', {
          address,
          namespace,
          taskQueue,
          identity: environment.identity,
          health: health?.address,
        }),
      );
      await running;
      await ready;
    } finally {
      await health?.close();
    }
  } finally {
    await connection.close();
  }
}

/** A worker is ready when both of its pollers poll, not when it was told to run. */
async function announce(worker: Worker, ready: () => void): Promise<void> {
  while (worker.getState() === 'RUNNING' || worker.getState() === 'INITIALIZED') {
    const { workflowPollerState, activityPollerState } = worker.getStatus();
    if (workflowPollerState === 'POLLING' && activityPollerState === 'POLLING') return ready();
    await pause(20);
  }
}

/** Before the worker runs, nobody listens to these signals: the wait for Temporal must end by them too. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  return stop.signal;
}

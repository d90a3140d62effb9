import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { Worker, type NativeConnection } from '@temporalio/worker';
import { openFleet, type Fleet } from '../activities/fleet/fleet.ts';
import { createActivities } from '../activities/index.ts';
import { announceCounters } from '../activities/metrics.ts';
import { createPlatform } from '../activities/platform/index.ts';
import type { Settings } from '../workflows/domain/settings.ts';
import { connectWorker } from './connect.ts';
import type { WorkerEnvironment } from './environment.ts';
import { serveHealth } from './health.ts';
import type { Served as HttpServer } from './http-server.ts';
import { countFailures } from './interceptors.ts';
import type { WriteLog } from './log.ts';
import { followRuns } from './metrics/follow-runs.ts';
import { openMetricsPage, type MetricsPage } from './metrics/page.ts';
import { version } from './metrics/version.ts';
import { workerOptions, workflowBundle } from './options.ts';
import { readProbe } from './probe.ts';
import { installRuntime } from './runtime.ts';
import { ensureSearchAttributes } from './search-attributes.ts';

export interface RunOptions {
  readonly settings: Settings;
  readonly environment: WorkerEnvironment;
  readonly log: WriteLog;
}

/** What of a worker is there already: probes are answered from the first moment. */
interface Stage {
  worker?: Worker;
  connection?: NativeConnection;
}

/** Runs a worker until the process is told to stop, then lets it finish and closes what it opened. */
export async function runWorker(options: RunOptions): Promise<void> {
  const { settings, environment } = options;
  const stage: Stage = {};
  const health = environment.healthAddress && (await serveHealth(readProbe(stage), environment.healthAddress));
  const fleet = openFleet(environment.metricsDatabases);
  const page = environment.metricsAddress && (await openMetricsPage(environment.metricsAddress, { fleet, settings }));
  try {
    await work(options, stage, { health, page, fleet });
  } finally {
    await page?.close();
    await health?.close();
  }
}

interface Served {
  readonly health: HttpServer | null;
  readonly page: MetricsPage | null;
  readonly fleet: Fleet;
}

async function work(options: RunOptions, stage: Stage, { health, page, fleet }: Served): Promise<void> {
  const { settings, environment, log } = options;
  const { taskQueue } = settings;
  const say = (level: 'INFO' | 'WARN', message: string, facts: object = {}): void =>
    log({ ...facts, time: new Date().toISOString(), level, message });
  const runtime = installRuntime(environment, page?.exporter ?? null, log);
  const { connection, address, namespace } = await connectWorker({
    attempts: environment.connectAttempts,
    signal: stopSignal(),
    log,
  });
  const followed = new AbortController();
  try {
    stage.connection = connection;
    const added = await ensureSearchAttributes(connection, namespace);
    if (added.length > 0) say('INFO', 'search attributes added', { added });
    const metrics = runtime.metricMeter;
    announceCounters(metrics);
    const inbound = countFailures(metrics);
    const worker = await Worker.create({
      ...workerOptions(settings, environment),
      workflowBundle: await workflowBundle(environment, log),
      connection,
      namespace,
      activities: createActivities({ settings, platform: createPlatform(settings), metrics, fleet, version }),
      interceptors: { activity: [() => ({ inbound })] },
    });
    stage.worker = worker;
    const running = worker.run();
    const following =
      page &&
      followRuns({
        client: new Client({ connection, namespace }),
        fleet,
        instances: Object.keys(settings.instances),
        signal: followed.signal,
        problem: (what, error) => say('WARN', `metrics could not ${what}`, { error }),
      });
    const ready = announce(worker, () =>
      say('INFO', 'worker ready', {
        address,
        namespace,
        taskQueue,
        identity: environment.identity,
        deployment: environment.deployment ?? undefined,
        health: health?.address,
        metrics: page?.address,
      }),
    );
    try {
      await running;
    } finally {
      followed.abort();
    }
    await following;
    await ready;
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

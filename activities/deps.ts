import type { MetricMeter } from '@temporalio/common';
import type { Settings } from '../workflows/domain/settings.ts';
import type { Holder } from './executor/retention/tasks.ts';
import type { TaskControl, TaskProgress } from './executor/tasks.ts';
import type { Fleet } from './fleet/fleet.ts';
import type { Pulse } from './heartbeat.ts';
import type { Platform } from './platform/platform.ts';
import { connect, type ConnectOptions, type SqlConnection } from './sql-server/connection.ts';

export interface ActivityDeps {
  readonly settings: Settings;
  readonly platform: Platform;
  /** The meter of the activity's own context when absent. */
  readonly metrics?: MetricMeter;
  /** Where runs say how databases stand, for whoever shows it. */
  readonly fleet?: Fleet;
  readonly clock?: Clock;
  /** Whether the holder of a lease still runs, or one that carries on from it. Temporal is asked when absent. */
  readonly isRunning?: (holder: Holder) => Promise<boolean>;
  /** Of the program, for `doctor`. */
  readonly version?: string;
}

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
}

export function now(deps: ActivityDeps): number {
  return deps.clock?.now() ?? Date.now();
}

/** Logs in to an instance for as long as `work` takes. */
export async function withServer<T>(
  deps: ActivityDeps,
  instance: string,
  options: ConnectOptions,
  work: (connection: SqlConnection) => Promise<T>,
): Promise<T> {
  const connection = await connect(await deps.platform.endpoint(instance), options);
  try {
    return await work(connection);
  } finally {
    // What counts is the outcome of the work; a connection that does not close well is closed all the same.
    await connection.close().catch(() => undefined);
  }
}

/** Control of an executor task whose progress becomes the activity's. */
export function taskControl(pulse: Pulse, describe: (progress: TaskProgress) => unknown = (p) => p): TaskControl {
  return { signal: pulse.signal, progress: (progress) => pulse.report(describe(progress)) };
}

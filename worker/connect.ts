import { setTimeout as pause } from 'node:timers/promises';
import { NativeConnection } from '@temporalio/worker';
import { connectionTarget } from '../client/connection-options.ts';
import type { WriteLog } from './log.ts';

export interface ConnectOptions {
  readonly attempts: number;
  readonly signal: AbortSignal;
  readonly log: WriteLog;
  /** For tests. */
  readonly connect?: (options: ReturnType<typeof connectionTarget>['options']) => Promise<NativeConnection>;
  readonly waitMs?: (attempt: number) => number;
}

export interface WorkerConnection {
  readonly connection: NativeConnection;
  readonly address: string;
  readonly namespace: string;
}

/**
 * Connects to Temporal; a worker that starts together with its server waits a while for it. Once it polls, the SDK itself
 * waits out any outage.
 */
export async function connectWorker({
  attempts,
  signal,
  log,
  connect = (options) => NativeConnection.connect(options),
  waitMs = (attempt) => Math.min(2_000 * attempt, 10_000),
}: ConnectOptions): Promise<WorkerConnection> {
  const { address, namespace, options } = connectionTarget();
  for (let attempt = 1; ; attempt++) {
    try {
      return { connection: await connect(options), address, namespace };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (attempt >= attempts) {
        throw new Error(
          `Temporal does not answer at ${address} after ${attempts} attempts (${reason}). ` +
            'Start it with npm run dev, or say where it is with TEMPORAL_ADDRESS.',
          { cause: error },
        );
      }
      const message = `Temporal does not answer at ${address}; attempt ${attempt} of ${attempts}`;
      log({ time: new Date().toISOString(), level: 'WARN', message, reason });
      await pause(waitMs(attempt), undefined, { signal });
    }
  }
}

import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { LogLevel, WorkerEnvironment } from './environment.ts';
import type { WriteLog } from './log.ts';

export function sdkLogger(level: LogLevel, write: WriteLog): DefaultLogger {
  return new DefaultLogger(level, ({ level, message, meta, timestampNanos }) => {
    // Long, and of no use to anybody but the server.
    const { taskToken: _, ...facts } = meta ?? {};
    write({ ...facts, time: new Date(Number(timestampNanos / 1_000_000n)).toISOString(), level, message });
  });
}

/** The SDK's one runtime of this process: all logs through `write`, metrics for Prometheus. Before any connection. */
export function installRuntime({ logLevel, metricsAddress }: WorkerEnvironment, write: WriteLog): Runtime {
  return Runtime.install({
    logger: sdkLogger(logLevel, write),
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
      ...(metricsAddress !== null && {
        metrics: {
          prometheus: { bindAddress: metricsAddress, countersTotalSuffix: true, useSecondsForDurations: true },
        },
      }),
    },
  });
}

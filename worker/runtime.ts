import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { histogramBuckets } from '../activities/metrics.ts';
import type { LogLevel, WorkerEnvironment } from './environment.ts';
import type { WriteLog } from './log.ts';

export function sdkLogger(level: LogLevel, write: WriteLog): DefaultLogger {
  return new DefaultLogger(level, ({ level, message, meta, timestampNanos }) => {
    // Long, and of no use to anybody but the server.
    const { taskToken: _, ...facts } = meta ?? {};
    write({ ...facts, time: new Date(Number(timestampNanos / 1_000_000n)).toISOString(), level, message });
  });
}

/**
 * The SDK's one runtime of this process: all logs through `write`, metrics for Prometheus. Before any connection.
 * @param exporter where the SDK's own exporter listens, for {@link file://./metrics/serve.ts}; none when null
 */
export function installRuntime({ logLevel }: WorkerEnvironment, exporter: string | null, write: WriteLog): Runtime {
  return Runtime.install({
    logger: sdkLogger(logLevel, write),
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
      ...(exporter !== null && {
        metrics: {
          attachServiceName: false,
          prometheus: {
            bindAddress: exporter,
            countersTotalSuffix: true,
            unitSuffix: true,
            useSecondsForDurations: true,
            histogramBucketOverrides: { ...histogramBuckets },
          },
        },
      }),
    },
  });
}

import { hostname } from 'node:os';
import { resolve } from 'node:path';

/** What differs from one deployment of the same worker to the next; everything else stands in temporal.yaml. */
export interface WorkerEnvironment {
  /** MSSQL_PITR_METRICS_ADDRESS, e.g. 0.0.0.0:9464: Prometheus metrics. None when absent. */
  readonly metricsAddress: string | null;
  /** MSSQL_PITR_HEALTH_ADDRESS, e.g. 0.0.0.0:8080: /livez and /readyz. None when absent. */
  readonly healthAddress: Address | null;
  /** MSSQL_PITR_WORKFLOW_BUNDLE: a bundle made by worker/build-bundle.ts; else workflows are bundled at the start. */
  readonly workflowBundle: string | null;
  /** MSSQL_PITR_LOG_LEVEL. */
  readonly logLevel: LogLevel;
  /** MSSQL_PITR_CONNECT_ATTEMPTS: how often Temporal is tried before the worker gives up; 2 s apart and more. */
  readonly connectAttempts: number;
  /** Shown by Temporal as who works: host (pod) name and process. */
  readonly identity: string;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

const logLevels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'] as const;
export type LogLevel = (typeof logLevels)[number];

export function readEnvironment(env: NodeJS.ProcessEnv): WorkerEnvironment {
  const text = (name: string): string | null => env[name] || null;
  const bundle = text('MSSQL_PITR_WORKFLOW_BUNDLE');
  const metrics = text('MSSQL_PITR_METRICS_ADDRESS');
  const health = text('MSSQL_PITR_HEALTH_ADDRESS');
  if (metrics !== null) parseAddress('MSSQL_PITR_METRICS_ADDRESS', metrics);
  return {
    metricsAddress: metrics,
    healthAddress: health === null ? null : parseAddress('MSSQL_PITR_HEALTH_ADDRESS', health),
    workflowBundle: bundle === null ? null : resolve(bundle),
    logLevel: oneOf('MSSQL_PITR_LOG_LEVEL', (text('MSSQL_PITR_LOG_LEVEL') ?? 'INFO').toUpperCase(), logLevels),
    connectAttempts: wholeNumber('MSSQL_PITR_CONNECT_ATTEMPTS', text('MSSQL_PITR_CONNECT_ATTEMPTS') ?? '10'),
    identity: `${hostname()}/${process.pid}`,
  };
}

function parseAddress(name: string, value: string): Address {
  const [, host, port] = /^\[?(.+?)\]?:(\d{1,5})$/.exec(value) ?? [];
  if (host === undefined || Number(port) > 65_535) {
    throw new Error(`${name} must be an address and a port such as 0.0.0.0:8080, not ${JSON.stringify(value)}`);
  }
  return { host, port: Number(port) };
}

function wholeNumber(name: string, value: string): number {
  if (!/^[1-9]\d{0,5}$/.test(value))
    throw new Error(`${name} must be a whole number from 1, not ${JSON.stringify(value)}`);
  return Number(value);
}

function oneOf<T extends string>(name: string, value: string, known: readonly T[]): T {
  const found = known.find((each) => each === value);
  if (found === undefined) throw new Error(`${name} must be one of ${known.join(', ')}, not ${JSON.stringify(value)}`);
  return found;
}

import { hostname } from 'node:os';
import { resolve } from 'node:path';

/** What differs from one deployment of the same worker to the next; everything else stands in temporal.yaml. */
export interface WorkerEnvironment {
  /** MSSQL_PITR_METRICS_ADDRESS, e.g. 0.0.0.0:9464: Prometheus metrics. None when absent. */
  readonly metricsAddress: Address | null;
  /** MSSQL_PITR_METRICS_DATABASES: how many databases have a series of their own in each worker's metrics. */
  readonly metricsDatabases: number;
  /** MSSQL_PITR_HEALTH_ADDRESS, e.g. 0.0.0.0:8080: /livez and /readyz. None when absent. */
  readonly healthAddress: Address | null;
  /** MSSQL_PITR_WORKFLOW_BUNDLE: a bundle made by worker/build-bundle.ts; else workflows are bundled at the start. */
  readonly workflowBundle: string | null;
  /** MSSQL_PITR_LOG_LEVEL. */
  readonly logLevel: LogLevel;
  /** MSSQL_PITR_CONNECT_ATTEMPTS: how often Temporal is tried before the worker gives up; 2 s apart and more. */
  readonly connectAttempts: number;
  /**
   * TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID, by the names under which Temporal's own controller gives them: Worker
   * Versioning. Off when absent.
   */
  readonly deployment: Deployment | null;
  /** Shown by Temporal as who works: host (pod) name and process. */
  readonly identity: string;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface Deployment {
  readonly deploymentName: string;
  readonly buildId: string;
}

const logLevels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'] as const;
export type LogLevel = (typeof logLevels)[number];

export function readEnvironment(env: NodeJS.ProcessEnv): WorkerEnvironment {
  const text = (name: string): string | null => env[name] || null;
  const bundle = text('MSSQL_PITR_WORKFLOW_BUNDLE');
  const metrics = text('MSSQL_PITR_METRICS_ADDRESS');
  const health = text('MSSQL_PITR_HEALTH_ADDRESS');
  return {
    metricsAddress: metrics === null ? null : parseAddress('MSSQL_PITR_METRICS_ADDRESS', metrics),
    metricsDatabases: wholeNumber('MSSQL_PITR_METRICS_DATABASES', text('MSSQL_PITR_METRICS_DATABASES') ?? '2000', 0),
    healthAddress: health === null ? null : parseAddress('MSSQL_PITR_HEALTH_ADDRESS', health),
    workflowBundle: bundle === null ? null : resolve(bundle),
    logLevel: oneOf('MSSQL_PITR_LOG_LEVEL', (text('MSSQL_PITR_LOG_LEVEL') ?? 'INFO').toUpperCase(), logLevels),
    connectAttempts: wholeNumber('MSSQL_PITR_CONNECT_ATTEMPTS', text('MSSQL_PITR_CONNECT_ATTEMPTS') ?? '10'),
    deployment: deploymentOf(text('TEMPORAL_DEPLOYMENT_NAME'), text('TEMPORAL_WORKER_BUILD_ID')),
    identity: `${hostname()}/${process.pid}`,
  };
}

function deploymentOf(deploymentName: string | null, buildId: string | null): Deployment | null {
  if (deploymentName === null && buildId === null) return null;
  if (deploymentName === null || buildId === null) {
    throw new Error('TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID go together: set both, or none');
  }
  return { deploymentName, buildId };
}

function parseAddress(name: string, value: string): Address {
  const [, host, port] = /^\[?(.+?)\]?:(\d{1,5})$/.exec(value) ?? [];
  if (host === undefined || Number(port) > 65_535) {
    throw new Error(`${name} must be an address and a port such as 0.0.0.0:8080, not ${JSON.stringify(value)}`);
  }
  return { host, port: Number(port) };
}

function wholeNumber(name: string, value: string, from = 1): number {
  if (!/^(0|[1-9]\d{0,5})$/.test(value) || Number(value) < from)
    throw new Error(`${name} must be a whole number from ${from}, not ${JSON.stringify(value)}`);
  return Number(value);
}

function oneOf<T extends string>(name: string, value: string, known: readonly T[]): T {
  const found = known.find((each) => each === value);
  if (found === undefined) throw new Error(`${name} must be one of ${known.join(', ')}, not ${JSON.stringify(value)}`);
  return found;
}

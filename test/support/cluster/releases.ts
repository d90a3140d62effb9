import type { Cluster } from '../../cluster/cluster.ts';
import { chartFolder, type Chart } from '../../deploy/helm.ts';

/** Names that follow from the release's, and that the rehearsal of 2026-02-10 had. */
export const names = {
  release: 'mssql-rt',
  statefulSet: 'mssql-rt-mssql-helm-db',
  secret: 'mssql-rt-mssql-helm-db',
  secretKey: 'MSSQL_SA_PASSWORD',
  dataClaim: 'data-mssql-rt-mssql-helm-db-0',
  storeClaim: 'mssql-rt-mssql-helm-instance-backup-store',
  worker: 'mssql-pitr',
  target: 'mssql-rt-target',
} as const;

export interface SqlServerImage {
  readonly name: string;
  /** It needs next to nothing. */
  readonly simulated: boolean;
}

export interface Limits {
  readonly backupsAtOnce?: number;
  readonly restoresAtOnce?: number;
  readonly logsPerSlice?: number;
}

/** Values of mssql-helm. */
export function serverValues({ name, simulated }: SqlServerImage, extraEnv: Readonly<Record<string, string>>): object {
  const small = {
    resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '2Gi' } },
    persistence: { size: '1Gi' },
  };
  return {
    acceptEula: 'Y',
    image: name,
    extraEnv: Object.entries(extraEnv).map(([key, value]) => ({ name: key, value })),
    // A namespace that is made for one run goes with everything in it.
    backupStore: { keepOnUninstall: false, ...(simulated ? { size: '1Gi' } : {}) },
    ...(simulated ? small : {}),
  };
}

export interface WorkerValues {
  readonly image: string;
  readonly namespace: string;
  readonly temporal: string;
  readonly limits?: Limits;
  readonly keepJobsSeconds: number;
}

/** Values of mssql-pitr: deploy/README.md's, for this namespace. */
export function workerValues({ image, namespace, temporal, limits, keepJobsSeconds }: WorkerValues): object {
  return {
    image,
    temporal: { address: temporal },
    passwords: [{ name: names.release, secret: names.secret, key: names.secretKey }],
    config: {
      ...(limits === undefined ? {} : { limits }),
      kubernetes: { keepJobsSeconds },
      stores: { main: { platform: 'kubernetes', namespace, claim: names.storeClaim } },
      instances: {
        [names.release]: {
          platform: 'kubernetes',
          namespace,
          login: { user: 'sa', password: { file: `/etc/mssql-pitr/passwords/${names.release}` } },
          tls: { trustServerCertificate: true },
          store: 'main',
        },
      },
    },
  };
}

interface Release {
  readonly chart: Chart;
  readonly name: string;
  readonly namespace: string;
  readonly values: object;
  /** What is ready when the release is. */
  readonly ready: string;
}

/** Installs a chart, and waits for what it is about. */
export async function install(cluster: Cluster, { chart, name, namespace, values, ready }: Release): Promise<void> {
  const within = ['--namespace', namespace];
  await cluster.helm(['install', name, chartFolder(chart), ...within, '--values', '-'], JSON.stringify(values));
  await cluster.kubectl([...within, 'rollout', 'status', ready, '--timeout=300s']);
}

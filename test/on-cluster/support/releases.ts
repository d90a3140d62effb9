import type { Cluster } from '../../cluster/cluster.ts';
import { chartFolder, type Chart } from '../../deploy/helm.ts';
import { pitrValues } from '../../deploy/readme.ts';
import type { Images } from './own-cluster.ts';

/** Port inside of the pod of a simulated SQL Server; its own loopback only. */
export const controlPort = 1600;

export interface ReleaseOptions {
  /** Over the values of mssql-helm. */
  readonly sql?: object;
  /** Over the values of mssql-pitr. */
  readonly pitr?: object;
  /** Over the sections of temporal.yaml. */
  readonly config?: object;
}

const small = { requests: { cpu: '20m', memory: '128Mi' }, limits: { memory: '1Gi' } };
const often = { periodSeconds: 1 };

export function sqlValues({ simulator }: Images, more: object = {}): object {
  return {
    acceptEula: 'Y',
    image: simulator,
    extraEnv: [{ name: 'CONTROL_PORT', value: String(controlPort) }],
    resources: small,
    probes: { startup: often, readiness: often },
    persistence: { size: '4Gi' },
    backupStore: { size: '4Gi' },
    terminationGracePeriodSeconds: 10,
    ...more,
  };
}

/** The README's, with what only a test says. */
export function pitrTestValues(
  { worker }: Images,
  temporal: string,
  { pitr = {}, config = {} }: ReleaseOptions,
): object {
  const ofReadme = pitrValues() as { readonly config: object };
  return {
    ...ofReadme,
    image: worker,
    temporal: { address: temporal },
    resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '1Gi' } },
    config: { ...ofReadme.config, ...config },
    ...pitr,
  };
}

export async function install(
  cluster: Cluster,
  namespace: string,
  chart: Chart,
  release: string,
  values: object,
): Promise<void> {
  const how = ['--namespace', namespace, '--values', '-'];
  await cluster.helm(['install', release, chartFolder(chart), ...how], JSON.stringify(values));
}

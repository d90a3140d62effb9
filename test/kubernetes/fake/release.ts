import type { Claim, Pod, Service, StatefulSet } from '../../../activities/platform/kubernetes/api/resources.ts';
import type { FakeApiServer } from './api-server.ts';

export const namespace = 'dbaas-mssql-rt';
export const storeClaim = 'mssql-rt-mssql-helm-instance-backup-store';
export const statefulSetName = 'mssql-rt-mssql-helm-db';
export const password = 'S3cret! of sa';

/** A StatefulSet as the chart mssql-helm makes it for the release mssql-rt. */
export function chartStatefulSet(): StatefulSet {
  const labels = { 'app.kubernetes.io/name': 'mssql-helm', 'app.kubernetes.io/instance': 'mssql-rt' };
  return {
    metadata: {
      name: statefulSetName,
      namespace,
      labels: { ...labels, 'app.kubernetes.io/managed-by': 'Helm', 'helm.sh/chart': 'mssql-helm-0.1.0' },
      annotations: { 'meta.helm.sh/release-name': 'mssql-rt' },
      ownerReferences: [{ apiVersion: 'db/v1', kind: 'MSSQLInstance', name: 'mssql-rt', uid: 'x' }],
    },
    spec: {
      replicas: 1,
      serviceName: statefulSetName,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          securityContext: { runAsUser: 10001, runAsGroup: 10001, fsGroup: 10001, runAsNonRoot: true },
          tolerations: [{ key: 'sql', operator: 'Exists' }],
          containers: [
            {
              name: 'mssql',
              image: 'mssql:2022',
              ports: [{ name: 'tds', containerPort: 1433, hostPort: 1433 }],
              env: [
                { name: 'ACCEPT_EULA', value: 'Y' },
                { name: 'MSSQL_SA_PASSWORD', valueFrom: { secretKeyRef: { name: 'mssql-rt-sa', key: 'password' } } },
              ],
              volumeMounts: [
                { name: 'data', mountPath: '/var/opt/mssql' },
                { name: 'backup-store', mountPath: '/backup-store' },
              ],
            },
          ],
          volumes: [{ name: 'backup-store', persistentVolumeClaim: { claimName: storeClaim } }],
        },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: {
            accessModes: ['ReadWriteOnce'],
            resources: { requests: { storage: '8Gi' } },
            storageClassName: 'standard',
          },
        },
      ],
    },
    status: { replicas: 1 },
  };
}

export function service(name: string, spec: object): Service {
  return { metadata: { name, namespace }, spec };
}

export function claim(name: string, modes: readonly string[] = ['ReadWriteOnce']): Claim {
  return { metadata: { name, namespace }, spec: { accessModes: modes } };
}

interface PodOptions {
  readonly name: string;
  readonly node?: string;
  readonly claims?: readonly string[];
  readonly labels?: Record<string, string>;
}

export function runningPod({ name, node, claims = [], labels = {} }: PodOptions): Pod {
  return {
    metadata: { name, namespace, labels },
    spec: {
      ...(node === undefined ? {} : { nodeName: node }),
      containers: [],
      volumes: claims.map((each) => ({ name: each, persistentVolumeClaim: { claimName: each } })),
    },
    status: { phase: 'Running' },
  };
}

/** What `helm install mssql-rt` leaves in the cluster, running on node-1. */
export function installRelease(server: FakeApiServer): void {
  server.put('statefulsets', chartStatefulSet());
  const selector = { 'app.kubernetes.io/name': 'mssql-helm', 'app.kubernetes.io/instance': 'mssql-rt' };
  server.put(
    'services',
    service(statefulSetName, { clusterIP: 'None', selector, ports: [{ name: 'tds', port: 1433 }] }),
  );
  server.put(
    'services',
    service('mssql-rt', { clusterIP: '10.0.0.7', selector, ports: [{ name: 'tds', port: 1433 }] }),
  );
  server.put('services', service('kubernetes', { clusterIP: '10.0.0.1', ports: [{ port: 1433 }] }));
  server.put('persistentvolumeclaims', claim(storeClaim));
  server.put('persistentvolumeclaims', claim(`data-${statefulSetName}-0`));
  server.put(
    'pods',
    runningPod({
      name: `${statefulSetName}-0`,
      node: 'node-1',
      claims: [`data-${statefulSetName}-0`],
      labels: selector,
    }),
  );
  const data = { password: Buffer.from(`${password}\n`).toString('base64') };
  server.put('secrets', { metadata: { name: 'mssql-rt-sa', namespace }, data });
}

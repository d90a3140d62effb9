import { Client, Connection } from '@temporalio/client';
import type { AuditEntry } from '../../cluster/audit.ts';
import type { OwnCluster, StartedCluster } from '../../cluster/cluster.ts';
import { forwardPort } from '../../deploy/cluster/port-forward.ts';
import { openProxy } from '../../support/cluster/proxy.ts';
import { controlOf, type SqlServerControl } from '../../support/sqlserver-control.ts';
import { startTemporal } from '../../support/temporal.ts';
import { openWorkload, type Workload } from '../../support/workload.ts';
import { auditSinceNow } from './audit-since.ts';
import { endWithRunner } from './end-with-runner.ts';
import { emptyNamespace, removeNamespace } from './namespace.ts';
import { suiteCluster, type Images } from './own-cluster.ts';
import { podsOf, type Pods } from './pods.ts';
import { controlPort, install, pitrTestValues, sqlValues, type ReleaseOptions } from './releases.ts';

/** Namespace and releases as the product's first test run had them. */
export const namespace = 'dbaas-mssql-rt';
export const storeClaim = 'mssql-rt-mssql-helm-instance-backup-store';

/** The whole product on a cluster: SQL Server and worker by their charts, Temporal on this machine. */
export interface Site {
  readonly cluster: StartedCluster;
  readonly own: OwnCluster;
  readonly images: Images;
  readonly client: Client;
  readonly taskQueue: string;
  /** Of sa, on the source and what is made like it. */
  readonly password: string;
  readonly pods: Pods;
  /** In the namespace. */
  kubectl(...args: string[]): Promise<string>;
  /** Where this machine sees the store, and the source's /var/opt/mssql. */
  folders(): Promise<{ readonly storePath: string; readonly sourceFolder: string }>;
  /** A client of an instance's SQL Server, as soon as its pod is ready. */
  sql(instance?: string): Promise<Workload>;
  /** Works with the control port of an instance's simulated server. */
  withControl<T>(instance: string, work: (control: SqlServerControl) => Promise<T>): Promise<T>;
  /** What the worker asked of the API server since this site began. */
  audit(): Promise<readonly AuditEntry[]>;
  stop(): Promise<void>;
}

export const podName = (instance: string): string => `${instance}-mssql-helm-db-0`;

export async function startSite(options: ReleaseOptions = {}): Promise<Site> {
  endWithRunner();
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const { cluster, images } = await suiteCluster();
    const { own } = cluster;
    ends.push(() => cluster.stop());
    const audit = await auditSinceNow(own, `${namespace}:mssql-pitr`);
    await emptyNamespace(cluster, namespace);
    ends.push(() => removeNamespace(cluster, namespace));
    const kubectl = (...args: string[]): Promise<string> => cluster.kubectl(['--namespace', namespace, ...args]);
    const pods = podsOf({ own, namespace, kubectl });

    const temporal = await startTemporal();
    ends.push(() => temporal.stop());
    // Told to listen on another address, the server would not find its own parts.
    const proxy = await openProxy(own.gateway, Number(temporal.address.split(':')[1]));
    ends.push(() => proxy.close());
    const address = `${own.gateway}:${proxy.port}`;
    const connection = await Connection.connect({ address: temporal.address });
    ends.push(() => connection.close());

    await install(cluster, namespace, 'mssql-helm', 'mssql-rt', sqlValues(images, options.sql));
    await install(cluster, namespace, 'mssql-pitr', 'mssql-pitr', pitrTestValues(images, address, options));
    await kubectl('rollout', 'status', 'statefulset/mssql-rt-mssql-helm-db', '--timeout=120s');
    await kubectl('rollout', 'status', 'deployment/mssql-pitr', '--timeout=120s');
    const jsonPath = 'jsonpath={.data.MSSQL_SA_PASSWORD}';
    const encoded = await kubectl('get', 'secret', 'mssql-rt-mssql-helm-db', '-o', jsonPath);
    const password = Buffer.from(encoded, 'base64').toString();
    return {
      cluster,
      own,
      images,
      client: new Client({ connection }),
      taskQueue: 'mssql-pitr',
      password,
      pods,
      kubectl,
      folders: async () => ({
        storePath: await own.volumePath(namespace, storeClaim),
        sourceFolder: await own.volumePath(namespace, 'data-mssql-rt-mssql-helm-db-0'),
      }),
      async sql(instance = 'mssql-rt') {
        const { status } = await pods.ready(podName(instance));
        return openWorkload(1433, password, status.podIP);
      },
      async withControl(instance, work) {
        const target = `pod/${podName(instance)}`;
        const forwarded = await forwardPort(cluster.kubeconfig, { namespace, target, port: controlPort });
        try {
          return await work(controlOf(forwarded.port));
        } finally {
          await forwarded.close();
        }
      },
      audit,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

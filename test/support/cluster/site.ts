import { mkdir } from 'node:fs/promises';
import type { Client } from '@temporalio/client';
import type { ClusterApi } from '../../../activities/platform/kubernetes/api/cluster-api.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { timed, type Say } from '../../cluster/say.ts';
import { adminApi } from './admin-api.ts';
import { openJournal, type Journal } from './journal.ts';
import { startReachableTemporal } from './reachable-temporal.ts';
import { install, names, serverValues, workerValues, type Limits, type SqlServerImage } from './releases.ts';

export interface SiteOptions {
  readonly cluster: Cluster;
  /** Made for this site, and removed with it. */
  readonly namespace: string;
  /** For Temporal's database. */
  readonly folder: string;
  readonly workerImage: string;
  readonly server: SqlServerImage;
  /** Environment of the source. */
  readonly serverEnv?: Readonly<Record<string, string>>;
  /** By which pods reach this machine. */
  readonly hostAddress: string;
  readonly limits?: Limits;
  /** 0: the product's default, each goes when its result is read. */
  readonly keepJobsSeconds: number;
  readonly say: Say;
  readonly interrupted: AbortSignal;
}

/** Both charts installed in a namespace, the worker as a Deployment, and a Temporal server beside the cluster. */
export interface Site {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly api: ClusterApi;
  readonly client: Client;
  readonly uiUrl: string | null;
  readonly taskQueue: string;
  readonly journal: Journal;
  readonly workerImage: string;
  /** In the namespace. */
  kubectl(...args: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

export async function startSite(options: SiteOptions): Promise<Site> {
  const { cluster, namespace, folder, workerImage, server, hostAddress, keepJobsSeconds, say, interrupted } = options;
  const { limits } = options;
  await mkdir(folder, { recursive: true });
  const ends: (() => Promise<unknown> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    // Ends last: the worker can tell it that it stops.
    const temporal = await startReachableTemporal(folder, hostAddress);
    ends.push(temporal.stop);
    interrupted.throwIfAborted();
    await makeNamespace(cluster, namespace);
    ends.push(() => removeNamespace(cluster, namespace, say));
    const api = adminApi(cluster);
    const journal = openJournal(api, namespace);
    ends.push(journal.close);
    interrupted.throwIfAborted();
    const values = serverValues(server, options.serverEnv ?? {});
    const { release, statefulSet } = names;
    const sql = { chart: 'mssql-helm', name: release, namespace, values, ready: `statefulset/${statefulSet}` } as const;
    const settings = { image: workerImage, namespace, temporal: temporal.address, keepJobsSeconds };
    const worker = {
      chart: 'mssql-pitr',
      name: names.worker,
      namespace,
      values: workerValues({ ...settings, ...(limits === undefined ? {} : { limits }) }),
      ready: `deployment/${names.worker}`,
    } as const;
    for (const each of [sql, worker]) {
      await timed(say, `Installing ${each.chart} as ${each.name}`, () =>
        unlessInterrupted(interrupted, install(cluster, each)),
      );
    }
    return {
      cluster,
      namespace,
      api,
      client: temporal.client,
      uiUrl: temporal.uiUrl,
      taskQueue: 'mssql-pitr',
      journal,
      workerImage,
      kubectl: (...args) => cluster.kubectl(['--namespace', namespace, ...args]),
      stop,
    };
  } catch (error) {
    const why = interrupted.aborted ? '' : await told(cluster, namespace).catch(() => '');
    await stop();
    throw why === '' ? error : new Error(`${(error as Error).message}\n${why}`, { cause: error });
  }
}

/** What is not waited for any more ends when its namespace does. */
async function unlessInterrupted(interrupted: AbortSignal, work: Promise<void>): Promise<void> {
  const stop = Promise.withResolvers<never>();
  const listener = (): void => stop.reject(interrupted.reason as Error);
  interrupted.addEventListener('abort', listener);
  work.catch(() => undefined);
  try {
    interrupted.throwIfAborted();
    await Promise.race([work, stop.promise]);
  } finally {
    interrupted.removeEventListener('abort', listener);
  }
}

async function makeNamespace(cluster: Cluster, namespace: string): Promise<void> {
  if ((await cluster.kubectl(['get', 'namespace', namespace, '--ignore-not-found', '-o', 'name'])) !== '') {
    throw new Error(`The namespace ${namespace} is there already: delete it, or name another one.`);
  }
  const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: restricted } };
  await cluster.kubectl(['create', '-f', '-'], JSON.stringify(object));
}

async function removeNamespace(cluster: Cluster, namespace: string, say: Say): Promise<void> {
  await timed(say, `Removing the namespace ${namespace}`, async () => {
    const within = ['--namespace', namespace];
    const releases = (await cluster.helm(['list', '--all', '--short', ...within])).split('\n').filter(Boolean);
    for (const release of releases) await cluster.helm(['uninstall', release, ...within]);
    await cluster.kubectl(['delete', 'namespace', namespace, '--timeout=180s']);
  });
}

/** Why something is not ready. */
async function told(cluster: Cluster, namespace: string): Promise<string> {
  const within = ['--namespace', namespace];
  const pods = await cluster.kubectl([...within, 'get', 'pods', '-o', 'wide']);
  const events = await cluster.kubectl([...within, 'get', 'events', '--sort-by=.lastTimestamp']);
  return `${pods}\n${events.split('\n').slice(-12).join('\n')}`;
}

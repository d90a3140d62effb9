import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCluster } from '../../cluster/start.ts';
import type { Say } from '../../cluster/say.ts';
import { forwardPort } from '../../deploy/cluster/port-forward.ts';
import { provideImages } from '../../support/cluster/images.ts';
import { names } from '../../support/cluster/releases.ts';
import { startSite, type Site } from '../../support/cluster/site.ts';
import { controlOf, type SqlServerControl } from '../../support/sqlserver-control.ts';
import { openWorkload, type Workload } from '../../support/workload.ts';

/** A site on a cluster of our own, and clients beside the product. */
export interface BenchSite extends Site, AsyncDisposable {
  /** A client of an instance. */
  connect(instance: string): Promise<Workload>;
  /** Of the simulated source. */
  readonly source: { readonly control: SqlServerControl };
}

const controlPort = 14_330;
const clusterName = 'bench';

export async function openBenchSite(say: Say): Promise<BenchSite> {
  const interrupted = new AbortController();
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const cluster = await startCluster({ name: clusterName, say });
    ends.push(() => cluster.stop());
    const folder = await mkdtemp(join(tmpdir(), 'mssql-pitr-bench-'));
    ends.push(() => rm(folder, { recursive: true, force: true }));
    const site = await startSite({
      cluster,
      namespace: 'bench',
      folder,
      ...(await provideImages(cluster, {}, say)),
      serverEnv: { CONTROL_PORT: String(controlPort) },
      hostAddress: cluster.own.gateway,
      keepJobsSeconds: 0,
      say,
      interrupted: interrupted.signal,
    });
    ends.push(site.stop);
    const { namespace, kubectl } = site;
    const forward = async (instance: string, port: number): Promise<number> => {
      const target = `pod/${instance}-mssql-helm-db-0`;
      const forwarded = await forwardPort(cluster.kubeconfig, { namespace, target, port });
      ends.push(forwarded.close);
      return forwarded.port;
    };
    const encoded = await kubectl('get', 'secret', names.secret, '-o', `jsonpath={.data.${names.secretKey}}`);
    const password = Buffer.from(encoded, 'base64').toString();
    return {
      ...site,
      source: { control: controlOf(await forward(names.release, controlPort)) },
      async connect(instance) {
        const client = await openWorkload(await forward(instance, 1433), password);
        ends.push(client.close);
        return client;
      },
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

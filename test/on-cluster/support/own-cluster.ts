import type { StartedCluster } from '../../cluster/cluster.ts';
import { sayOnStderr, timed } from '../../cluster/say.ts';
import { startCluster } from '../../cluster/start.ts';
import { simulatorImage, workerImage } from '../../deploy/images.ts';

/** These tests kill nodes, kubelets and pods: the cluster is always one of our own, whatever KUBECONFIG says. */
export const cannot =
  process.platform !== 'linux' || process.getuid?.() !== 0 ? 'needs Linux and root, to kill parts of a cluster' : false;

export interface Images {
  readonly worker: string;
  readonly simulator: string;
}

/** What setup.ts has loaded, for the files that it is done for: the sources may have changed since. */
export const loaded = 'ON_CLUSTER_IMAGES';

/** The suite's cluster: the one that is up, or else a new one, which ends with the caller. */
export async function suiteCluster(): Promise<{ readonly cluster: StartedCluster; readonly images: Images }> {
  const known = process.env[loaded];
  if (known !== undefined) return { cluster: await start(), images: JSON.parse(known) as Images };
  const [worker, simulator] = [await workerImage(), await simulatorImage()];
  const cluster = await start();
  await timed(sayOnStderr, 'Loading images', async () => {
    await Promise.all([worker, simulator].map(({ archive }) => cluster.loadImage(archive)));
  });
  return { cluster, images: { worker: worker.name, simulator: simulator.name } };
}

const start = (): Promise<StartedCluster> => startCluster({ name: 'on-cluster', nodes: 2 });

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

/** The suite's cluster: the one that is up, or else a new one, which ends with the caller. */
export async function suiteCluster(): Promise<{ readonly cluster: StartedCluster; readonly images: Images }> {
  const [worker, simulator] = [await workerImage(), await simulatorImage()];
  const cluster = await startCluster({ name: 'on-cluster', nodes: 2 });
  await timed(sayOnStderr, 'Loading images', async () => {
    await Promise.all([worker, simulator].map(({ archive }) => cluster.loadImage(archive)));
  });
  return { cluster, images: { worker: worker.name, simulator: simulator.name } };
}

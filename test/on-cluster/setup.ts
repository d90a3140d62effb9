import type { StartedCluster } from '../cluster/cluster.ts';
import { cannot, loaded, suiteCluster } from './support/own-cluster.ts';

/**
 * For `node --test --test-global-setup`: one cluster for all files, which ends with the runner, in whatever way that ends.
 * A file that is run without it starts a cluster of its own.
 */
let cluster: StartedCluster | null = null;

export async function globalSetup(): Promise<void> {
  if (cannot !== false) return;
  const suite = await suiteCluster();
  cluster = suite.cluster;
  process.env[loaded] = JSON.stringify(suite.images);
}

export async function globalTeardown(): Promise<void> {
  await cluster?.stop();
}

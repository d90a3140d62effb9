import { KubeConfig } from '@kubernetes/client-node';
import { openClusterApi, type ClusterApi } from '../../../activities/platform/kubernetes/api/cluster-api.ts';
import { openTransport } from '../../../activities/platform/kubernetes/api/transport.ts';
import type { Cluster } from '../../cluster/cluster.ts';

/** The Kubernetes API with all rights of the harness. */
export function adminApi({ kubeconfig, own }: Cluster): ClusterApi {
  const config = new KubeConfig();
  // KUBECONFIG may name several files.
  if (own === null) config.loadFromDefault();
  else config.loadFromFile(kubeconfig);
  return openClusterApi(openTransport(() => Promise.resolve(config)));
}

import type { Cluster } from '../../cluster/cluster.ts';

/** A namespace in which nothing is, where only pods of the restricted Pod Security Standard may be. */
export async function emptyNamespace(cluster: Cluster, name: string): Promise<void> {
  await removeNamespace(cluster, name);
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
  await cluster.kubectl(['create', '-f', '-'], JSON.stringify(object));
}

/** With everything in it, without waiting for anything that ends gracefully. */
export async function removeNamespace(cluster: Cluster, name: string): Promise<void> {
  await cluster.kubectl(['delete', 'namespace', name, '--ignore-not-found', '--wait=false']);
  if ((await cluster.kubectl(['get', 'namespace', name, '--ignore-not-found'])) === '') return;
  await cluster.kubectl(['delete', 'pods', '--all', '-n', name, '--grace-period=0', '--force']);
  await cluster.kubectl(['delete', 'namespace', name, '--ignore-not-found', '--timeout=120s']);
}

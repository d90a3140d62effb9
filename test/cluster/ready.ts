import type { KubeList, KubeObject } from './api.ts';
import { adminClient } from './control-plane/credentials.ts';
import { waitFor } from './host/wait.ts';
import { kubeletOf } from './node/kubelet.ts';
import { containerdOf } from './node/containerd.ts';
import { proxyOf, waitForProxy } from './node/proxy.ts';
import type { ClusterPlace, ClusterState } from './state.ts';

interface Node extends KubeObject {
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Pods can be made: every node takes them and reaches services, and the account that they run as is there. */
export async function waitUntilReady(place: ClusterPlace, state: ClusterState): Promise<void> {
  const { nodes } = state;
  const api = adminClient(place, state);
  const parts = partsOf(state);
  const giveUp = (): void => parts.forEach((part) => place.processes.mustRun(part));
  const nodesAreReady = async (): Promise<boolean> => {
    const { items } = await api.get<KubeList<Node>>('/api/v1/nodes');
    const ready = items.filter(({ status }) =>
      status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True'),
    );
    return nodes.every(({ name }) => ready.some(({ metadata }) => metadata.name === name));
  };
  await waitFor('nodes that are Ready', nodesAreReady, { withinMs: 120_000, giveUp });
  await Promise.all(nodes.map((node) => waitForProxy(place, node)));
  const account = '/api/v1/namespaces/default/serviceaccounts/default';
  await waitFor('the default service account', async () => (await api.text(account)) !== '', { giveUp });
}

/** Ready once, and every part of it still there. */
export async function isUsable(place: ClusterPlace, state: ClusterState): Promise<boolean> {
  if (!state.ready || partsOf(state).some((part) => place.processes.running(part) === null)) return false;
  try {
    return (await adminClient(place, state).text('/readyz')) === 'ok';
  } catch {
    return false;
  }
}

function partsOf({ nodes }: ClusterState): string[] {
  const controlPlane = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'coredns', 'storage'];
  return [...controlPlane, ...nodes.flatMap(({ name }) => [name, containerdOf(name), kubeletOf(name), proxyOf(name)])];
}

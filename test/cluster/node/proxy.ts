import { writeFile } from 'node:fs/promises';
import { kubeconfigFile } from '../control-plane/credentials.ts';
import { waitFor } from '../host/wait.ts';
import { programPath } from '../kubernetes/programs.ts';
import type { ClusterPlace, ClusterState, NodeState } from '../state.ts';
import { inNode } from './namespace.ts';

const healthPort = 10256;
export const proxyOf = (node: string): string => `${node}.kube-proxy`;

export async function startProxy(place: ClusterPlace, { addresses }: ClusterState, node: NodeState): Promise<void> {
  const file = place.file('nodes', node.name, 'kube-proxy.yaml');
  const configuration = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clientConnection: { kubeconfig: kubeconfigFile(place, 'kube-proxy') },
    hostnameOverride: node.name,
    clusterCIDR: addresses.podSubnet,
    healthzBindAddress: `${node.address}:${healthPort}`,
    // Zero: leave the machine's limits alone.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
  await writeFile(file, JSON.stringify(configuration, null, 2));
  place.processes.launch({
    name: proxyOf(node.name),
    ...inNode(place, node.name, programPath('kube-proxy'), [`--config=${file}`]),
  });
}

/** It has written the rules for the services that there are. */
export async function waitForProxy(place: ClusterPlace, node: NodeState): Promise<void> {
  const healthy = async (): Promise<boolean> => (await fetch(`http://${node.address}:${healthPort}/healthz`)).ok;
  await waitFor(`kube-proxy of ${node.name}`, healthy, { giveUp: () => place.processes.mustRun(proxyOf(node.name)) });
}

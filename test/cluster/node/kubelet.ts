import { writeFile } from 'node:fs/promises';
import { clusterDomain } from '../control-plane/dns.ts';
import { kubeconfigFile } from '../control-plane/credentials.ts';
import { programPath } from '../kubernetes/programs.ts';
import type { ClusterPlace, ClusterState, NodeState } from '../state.ts';
import { containerdSocket } from './containerd.ts';
import { inNode } from './namespace.ts';

export const kubeletOf = (node: string): string => `${node}.kubelet`;

/** Starts it, or starts it again. */
export async function startKubelet(place: ClusterPlace, { addresses }: ClusterState, node: NodeState): Promise<void> {
  const file = (...path: string[]): string => place.file('nodes', node.name, ...path);
  await writeFile(file('resolv.conf'), '');
  const configuration = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    // A throw-away cluster on a bridge that nobody else can reach: logs and exec need no rights.
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${node.cgroup}`,
    failCgroupV1: false,
    clusterDNS: [addresses.gateway],
    clusterDomain,
    resolvConf: file('resolv.conf'),
    podLogsDir: `${place.logs}/${node.name}.pods`,
    // The machine belongs to others too: how full it is says nothing about the cluster.
    evictionHard: {},
    imageGCHighThresholdPercent: 100,
    localStorageCapacityIsolation: false,
    failSwapOn: false,
  };
  await writeFile(file('kubelet.yaml'), JSON.stringify(configuration, null, 2));
  const args = [
    `--config=${file('kubelet.yaml')}`,
    `--kubeconfig=${kubeconfigFile(place, node.name)}`,
    `--root-dir=${file('kubelet')}`,
    `--cert-dir=${file('kubelet-certificates')}`,
    `--hostname-override=${node.name}`,
    `--node-ip=${node.address}`,
  ];
  place.processes.launch({
    name: kubeletOf(node.name),
    ...inNode(place, node.name, programPath('kubelet'), args),
  });
}

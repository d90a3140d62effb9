import { mkdir, writeFile } from 'node:fs/promises';
import { run } from '../host/command.ts';
import { waitFor } from '../host/wait.ts';
import { pauseImage } from '../images/busybox-image.ts';
import { findProgram } from '../host/find-program.ts';
import { cniFolder } from '../requirements.ts';
import type { ClusterPlace, NodeState } from '../state.ts';
import { inNode } from './namespace.ts';

/** In the node's own /run. */
export const containerdSocket = '/run/containerd/containerd.sock';

export const containerdOf = (node: string): string => `${node}.containerd`;

export async function startContainerd(place: ClusterPlace, node: NodeState): Promise<void> {
  const file = (...path: string[]): string => place.file('nodes', node.name, ...path);
  await mkdir(file('network'), { recursive: true });
  await writeFile(file('containerd.toml'), configuration(file('containerd'), file('network')));
  await writeFile(file('network', '10-pods.conflist'), JSON.stringify(podNetwork(node.podSubnet)));
  const name = containerdOf(node.name);
  const containerd = findProgram('containerd') ?? 'containerd';
  place.processes.launch({ name, ...inNode(place, node.name, containerd, ['--config', file('containerd.toml')]) });
  await waitFor(name, async () => (await ctr(place, node.name, 'version')) !== '', {
    giveUp: () => place.processes.mustRun(name),
  });
}

/** The client of a node's containerd, in the namespace of Kubernetes' images and containers. */
export function ctr(place: ClusterPlace, node: string, ...args: string[]): Promise<string> {
  const all = ['--address', containerdSocket, '--namespace', 'k8s.io', ...args];
  const { command, args: inside } = inNode(place, node, findProgram('ctr') ?? 'ctr', all);
  return run(command, inside);
}

function configuration(root: string, networkFolder: string): string {
  return `version = 2
root = ${JSON.stringify(root)}
state = "/run/containerd"

[grpc]
  address = ${JSON.stringify(containerdSocket)}

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${JSON.stringify(pauseImage)}
  # Without CAP_SYS_RESOURCE, as in some virtual machines, no process may be made less likely to be killed than it is.
  restrict_oom_score_adj = true

[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = "overlayfs"
  default_runtime_name = "runc"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  SystemdCgroup = false

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = ${JSON.stringify(cniFolder())}
  conf_dir = ${JSON.stringify(networkFolder)}
`;
}

/** A link for each pod, and routes between them: no bridge, so nothing depends on how bridges and firewalls get along. */
function podNetwork(subnet: string): object {
  const ipam = {
    type: 'host-local',
    dataDir: '/run/pod-addresses',
    ranges: [[{ subnet }]],
    routes: [{ dst: '0.0.0.0/0' }],
  };
  return { cniVersion: '0.4.0', name: 'pods', plugins: [{ type: 'ptp', ipMasq: false, ipam }] };
}

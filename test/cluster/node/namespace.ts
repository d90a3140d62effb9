import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { linkNode } from '../host/bridge.ts';
import { emptyCgroup } from '../host/cgroups.ts';
import { waitFor } from '../host/wait.ts';
import type { ClusterPlace, ClusterState, NodeState } from '../state.ts';

/**
 * A node is a process with mount, network and process namespaces of its own. When its first process ends, the kernel
 * ends all others and takes back every mount, link and firewall rule: nothing of a node can be left behind but cgroups.
 */
const firstProcess = `
set -e
own() { mount -t tmpfs -o mode=755 tmpfs "$1"; }
own /run
own /var/log
# Kubelets and network plugins keep things in /var/lib/kubelet and /var/lib/cni whatever they are told. The node gets a
# /var/lib with those two of its own, and all others as they are.
mkdir /run/machine
mount --rbind /var/lib /run/machine
own /var/lib
for folder in /run/machine/*/; do
  name=$(basename "$folder")
  mkdir "/var/lib/$name"
  case $name in kubelet|cni) ;; *) mount --rbind "$folder" "/var/lib/$name" ;; esac
done
umount --recursive /run/machine
# The kubelet sets these for the whole machine unless they have its values; here it finds that they have.
keep() { printf '%s\\n' "$2" > "/run/$(basename "$1")"; mount --bind "/run/$(basename "$1")" "/proc/sys/$1"; }
keep vm/overcommit_memory 1
keep kernel/panic 10
keep kernel/panic_on_oops 1
# A kubelet looks at every cgroup of the machine, and waits for the containers of other nodes to become its own.
mkdir /run/none
for cgroup in /sys/fs/cgroup/mssql-pitr-* /sys/fs/cgroup/*/mssql-pitr-*; do
  if [ -d "$cgroup" ] && [ "$(basename "$cgroup")" != "$2" ]; then mount --bind /run/none "$cgroup"; fi
done
echo 1 > /proc/sys/net/ipv4/ip_forward
ip link set lo up
mount --make-rshared /
touch "$1"
# The shell takes in whoever is orphaned, as a first process must.
while :; do sleep 2147483647; done
`;

/** Starts a node's namespaces, or starts them again after a loss, and links them to the bridge. */
export async function startNamespace(place: ClusterPlace, state: ClusterState, node: NodeState): Promise<void> {
  const { processes } = place;
  const folder = place.file('nodes', node.name);
  const script = place.file('nodes', node.name, 'first-process.sh');
  const ready = place.file('nodes', node.name, 'ready');
  await mkdir(folder, { recursive: true });
  await rm(ready, { force: true });
  await writeFile(script, firstProcess);
  const namespaces = ['--mount', '--net', '--pid', '--fork', '--kill-child=SIGKILL', '--mount-proc'];
  const { pid } = processes.launch({
    name: node.name,
    command: 'unshare',
    args: [...namespaces, 'sh', script, ready, node.cgroup],
  });
  await waitFor(`the namespaces of ${node.name}`, () => existsSync(ready), {
    giveUp: () => place.processes.mustRun(node.name),
  });
  const init = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
  processes.adopt(initOf(node.name), init);
  await linkNode(
    state.addresses,
    node,
    state.nodes.filter(({ name }) => name !== node.name),
    init,
  );
}

const initOf = (node: string): string => `${node}.init`;

/** A command line that runs a program inside of a node. */
export function inNode(
  place: ClusterPlace,
  node: string,
  command: string,
  args: readonly string[],
): { readonly command: string; readonly args: readonly string[] } {
  const init = place.processes.running(initOf(node));
  if (init === null) throw new Error(`${node} is down`);
  return { command: 'nsenter', args: ['--target', String(init.pid), '--mount', '--net', '--pid', command, ...args] };
}

/** Everything of the node ends at once, as by a power cut. What is on its disks stays. */
export async function loseNamespace({ processes }: ClusterPlace, { name: node, cgroup }: NodeState): Promise<void> {
  await processes.kill(initOf(node));
  for (const name of processes.names()) {
    if (name === node || name.startsWith(`${node}.`)) await processes.kill(name);
  }
  await emptyCgroup(cgroup);
}

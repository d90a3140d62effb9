import { createHash } from 'node:crypto';
import { addresses, freeNumbers, takenAddresses, type Addresses } from './addresses.ts';
import { CommandFailed, run } from './command.ts';
import type { NodeState } from '../state.ts';

/**
 * Takes a free private subnet. The bridge's name is made of it, and a name can be taken only once, so two clusters that
 * start at the same time get two subnets.
 * @param cluster folder of the cluster
 * @param announce is told before the bridge is made
 */
export async function makeBridge(
  cluster: string,
  announce: (addresses: Addresses) => Promise<void>,
): Promise<Addresses> {
  for (const n of freeNumbers(await takenAddresses())) {
    const chosen = addresses(n);
    if (await linkExists(chosen.bridge)) continue;
    await announce(chosen);
    try {
      await run('ip', ['link', 'add', chosen.bridge, 'type', 'bridge']);
    } catch (error) {
      if (error instanceof CommandFailed && error.stderr.includes('File exists')) continue;
      throw error;
    }
    await batch([
      `link set ${chosen.bridge} alias ${alias(cluster)} up`,
      `address add ${chosen.gateway}/24 dev ${chosen.bridge}`,
    ]);
    return chosen;
  }
  throw new Error('No private subnet is free among 10.231.0.0/16 … 10.250.0.0/16.');
}

/** Links a node's network namespace to the bridge, and makes its pods reachable from this machine. */
export async function linkNode(
  { bridge, gateway, serviceSubnet }: Addresses,
  node: NodeState,
  others: NodeState[],
  pid: number,
): Promise<void> {
  await removeLink(node.link);
  await batch([
    `link add ${node.link} type veth peer name eth0 netns ${pid}`,
    `link set ${node.link} master ${bridge} up`,
    `route replace ${node.podSubnet} via ${node.address} dev ${bridge}`,
  ]);
  await batch(
    [
      `address add ${node.address}/24 dev eth0`,
      'link set eth0 up',
      `route add default via ${gateway}`,
      ...others.map((other) => `route add ${other.podSubnet} via ${other.address}`),
    ],
    pid,
  );
  // Services are reached through a node's kube-proxy; any node will do.
  await batch([`route replace ${serviceSubnet} via ${node.address} dev ${bridge}`]);
}

/** Not one that another cluster has taken after this one announced it and made nothing. */
export async function removeBridge(cluster: string, { bridge }: Addresses): Promise<void> {
  const link = (await links()).find(({ ifname }) => ifname === bridge);
  if (link !== undefined && (link.ifalias ?? alias(cluster)) === alias(cluster)) await removeLink(bridge);
}

export async function removeLink(name: string): Promise<void> {
  if (await linkExists(name)) await run('ip', ['link', 'delete', name]);
}

async function linkExists(name: string): Promise<boolean> {
  return (await links()).some(({ ifname }) => ifname === name);
}

async function links(): Promise<{ ifname: string; ifalias?: string }[]> {
  return JSON.parse(await run('ip', ['-json', 'link', 'show'])) as { ifname: string; ifalias?: string }[];
}

const alias = (cluster: string): string =>
  `mssql-pitr:${createHash('sha256').update(cluster).digest('hex').slice(0, 16)}`;

async function batch(lines: readonly string[], pid?: number): Promise<void> {
  const inside = pid === undefined ? [] : ['nsenter', `--net=/proc/${pid}/ns/net`];
  const [command = 'ip', ...args] = [...inside, 'ip', '-batch', '-'];
  await run(command, args, { input: `${lines.join('\n')}\n` });
}

import { mkdir, rm } from 'node:fs/promises';
import { freePort } from '../../worker/dev/ports.ts';
import type { StartedCluster } from './cluster.ts';
import { startApiServer } from './control-plane/api-server.ts';
import { startControllerManager } from './control-plane/controller-manager.ts';
import { makeTokens, writeApiServerSecrets, writeKubeconfigs } from './control-plane/credentials.ts';
import { startDns, waitForDns } from './control-plane/dns.ts';
import { startEtcd } from './control-plane/etcd.ts';
import { createObjects } from './control-plane/objects.ts';
import { startScheduler } from './control-plane/scheduler.ts';
import { ownCluster } from './handle.ts';
import { addresses as addressesOf, nodeAddresses, type Addresses } from './host/addresses.ts';
import { makeBridge } from './host/bridge.ts';
import { makeCgroup } from './host/cgroups.ts';
import { withLock } from './host/lock.ts';
import { isRunning, startTicks, type ProcessId } from './host/processes.ts';
import { stopWhenThisProcessEnds } from './last-will.ts';
import { busyboxArchive } from './images/busybox-image.ts';
import { loadImage } from './images/load-image.ts';
import { buildPrograms } from './kubernetes/programs.ts';
import { startContainerd } from './node/containerd.ts';
import { startKubelet } from './node/kubelet.ts';
import { startNamespace } from './node/namespace.ts';
import { startProxy } from './node/proxy.ts';
import { isUsable, waitUntilReady } from './ready.ts';
import { installRequirements, mustBeAbleToRunACluster } from './requirements.ts';
import { sayOnStderr, timed, type Say } from './say.ts';
import { clusterPlace, lockFile, type ClusterPlace, type ClusterState, type NodeState } from './state.ts';
import { startStorage } from './storage/start.ts';
import { stopCluster, stopOrphans } from './stop.ts';

export interface StartOptions {
  readonly name?: string;
  readonly nodes?: number;
  /** Ends with this process, or at the latest when the next cluster starts. Else it stays until it is stopped. */
  readonly temporary?: boolean;
  readonly say?: Say;
}

export const defaultName = 'default';
const mostNodes = 9;

/**
 * Starts a cluster on this machine, and waits until it can be used. One that runs already is taken as it is; one that was
 * left half started or half dead is cleared away first.
 */
export async function startCluster(options: StartOptions = {}): Promise<StartedCluster> {
  const { name = defaultName, nodes = 1, temporary = true, say = sayOnStderr } = options;
  mustBeAbleToRunACluster();
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > mostNodes) throw new Error(`${nodes} nodes: 1 to ${mostNodes}.`);
  const place = clusterPlace(name);
  await installRequirements(say);
  await buildPrograms(say);
  const busybox = await busyboxArchive(say);
  await stopOrphans(say);
  return withLock(lockFile(name), async () => {
    const there = place.read();
    if (there !== null && (await isTaken(place, there, nodes))) return ownCluster(place, there, null);
    await stopCluster(place);
    const release = stopWhenThisProcessEnds(name);
    try {
      const state = await timed(say, `Starting cluster ${name}`, () => start(place, nodes, temporary, busybox));
      if (!temporary) release();
      return ownCluster(place, state, temporary ? release : null);
    } catch (error) {
      await stopCluster(place);
      release();
      throw new Error(`Cluster ${name} did not start; its logs are in ${place.logs}.`, { cause: error });
    }
  });
}

/** It is there and can be used as it is; else it may be cleared away, unless somebody has other plans with it. */
async function isTaken(place: ClusterPlace, state: ClusterState, nodes: number): Promise<boolean> {
  const { name, owner } = state;
  if (await isUsable(place, state)) {
    if (state.nodes.length === nodes) return true;
    throw new Error(`Cluster ${name} is up with ${state.nodes.length} node(s), not ${nodes}: stop it first.`);
  }
  if (owner !== null && isRunning(owner)) throw new Error(`Process ${owner.pid} is doing things to cluster ${name}.`);
  return false;
}

async function start(place: ClusterPlace, nodes: number, temporary: boolean, busybox: string): Promise<ClusterState> {
  await rm(place.logs, { recursive: true, force: true });
  await mkdir(place.logs, { recursive: true });
  const owner = temporary ? self() : null;
  const etcdPort = await freePort();
  let state = describe(place.name, addressesOf(0), nodes, { owner, etcdPort });
  await makeBridge(place.folder, async (chosen) => {
    state = describe(place.name, chosen, nodes, { owner, etcdPort });
    await place.write(state);
  });
  await writeApiServerSecrets(place, state.tokens);
  for (const { cgroup } of state.nodes) await makeCgroup(cgroup);
  const controlPlane = startControlPlane(place, state);
  // All have come to an end, this way or that, before anybody clears up after one that failed.
  const parts = await Promise.allSettled([
    controlPlane,
    ...state.nodes.map(async (node) => {
      await startNamespace(place, state, node);
      await startContainerd(place, node);
      await loadImage(place, [node.name], busybox);
      await controlPlane;
      await startKubelet(place, state, node);
      await startProxy(place, state, node);
    }),
  ]);
  for (const part of parts) if (part.status === 'rejected') throw part.reason;
  await waitForDns(place, state);
  await waitUntilReady(place, state);
  const ready = { ...state, ready: true };
  await place.write(ready);
  return ready;
}

async function startControlPlane(place: ClusterPlace, state: ClusterState): Promise<void> {
  await startEtcd(place, state);
  const api = await startApiServer(place, state);
  await writeKubeconfigs(place, state);
  startControllerManager(place);
  startScheduler(place);
  await startDns(place, state);
  await createObjects(api);
  startStorage(place);
}

function describe(
  name: string,
  addresses: Addresses,
  count: number,
  { owner, etcdPort }: Pick<ClusterState, 'owner' | 'etcdPort'>,
): ClusterState {
  const nodes: NodeState[] = Array.from({ length: count }, (_, i) => ({
    name: `node-${i + 1}`,
    cgroup: `mssql-pitr-${addresses.n}-node-${i + 1}`,
    ...nodeAddresses(addresses, i + 1),
  }));
  return { name, addresses, nodes, etcdPort, owner, tokens: makeTokens(nodes.map((node) => node.name)), ready: false };
}

function self(): ProcessId {
  return { pid: process.pid, ticks: startTicks(process.pid) ?? '' };
}

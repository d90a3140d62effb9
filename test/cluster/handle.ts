import { readAudit } from './audit.ts';
import type { ClusterNode, OwnCluster, StartedCluster } from './cluster.ts';
import { startApiServer } from './control-plane/api-server.ts';
import { adminClient, kubeconfigFile } from './control-plane/credentials.ts';
import { withLock } from './host/lock.ts';
import { loadImage } from './images/load-image.ts';
import { programPath } from './kubernetes/programs.ts';
import { startContainerd } from './node/containerd.ts';
import { kubeletOf, startKubelet } from './node/kubelet.ts';
import { loseNamespace, startNamespace } from './node/namespace.ts';
import { startProxy, waitForProxy } from './node/proxy.ts';
import { lockFile, type ClusterPlace, type ClusterState, type NodeState } from './state.ts';
import { stopCluster } from './stop.ts';
import { podsAndVolumes, remountLimited, type PodsAndVolumes } from './pods-and-volumes.ts';
import { commandLine } from './tools.ts';

/**
 * What is done with a cluster of ours that is up, by the process that started it or by any other.
 * @param stopped is called when the caller has stopped it; null: it is not the caller's to stop
 */
export function ownCluster(place: ClusterPlace, state: ClusterState, stopped: (() => void) | null): StartedCluster {
  const kubeconfig = kubeconfigFile(place, 'admin');
  const tools = { kubeconfig, direct: state.addresses.gateway, folder: place.file('tools') };
  return {
    kubeconfig,
    kubectl: commandLine({ ...tools, program: programPath('kubectl') }),
    helm: commandLine({ ...tools, program: programPath('helm') }),
    async loadImage(archive, nodes = state.nodes.map(({ name }) => name)) {
      await loadImage(place, nodes, archive);
    },
    own: { ...parts(place, state), ...podsAndVolumes(place, adminClient(place, state)) },
    async stop() {
      if (stopped === null) return;
      await withLock(lockFile(place.name), () => stopCluster(place));
      stopped();
    },
  };
}

function parts(place: ClusterPlace, state: ClusterState): Omit<OwnCluster, keyof PodsAndVolumes> {
  return {
    name: place.name,
    gateway: state.addresses.gateway,
    logs: place.logs,
    nodes: state.nodes.map((node) => nodeHandle(place, state, node)),
    apiServer: {
      kill: () => place.processes.kill('kube-apiserver'),
      start: async () => void (await startApiServer(place, state)),
    },
    audit: (serviceAccount) => readAudit(place, serviceAccount),
  };
}

function nodeHandle(place: ClusterPlace, state: ClusterState, node: NodeState): ClusterNode {
  return {
    name: node.name,
    address: node.address,
    kubelet: {
      kill: () => place.processes.kill(kubeletOf(node.name)),
      start: () => startKubelet(place, state, node),
    },
    kill: () => loseNamespace(place, node),
    async start() {
      await startNamespace(place, state, node);
      await startContainerd(place, node);
      await remountLimited(place, adminClient(place, state), node.name);
      await startKubelet(place, state, node);
      await startProxy(place, state, node);
      await waitForProxy(place, node);
    },
  };
}

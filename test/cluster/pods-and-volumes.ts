import type { ApiClient, KubeList, KubeObject } from './api.ts';
import type { OwnCluster } from './cluster.ts';
import { ctr } from './node/containerd.ts';
import type { ClusterPlace } from './state.ts';
import { nodeOf, type Claim, type Volume } from './storage/claims.ts';
import { limitedClass } from './storage/classes.ts';
import { makeVolume, resizeVolume, volumePath } from './storage/node-folders.ts';
import { bytesOf } from './storage/quantity.ts';

interface Pod extends KubeObject {
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly containerStatuses?: readonly { readonly containerID?: string }[] };
}

export type PodsAndVolumes = Pick<OwnCluster, 'killContainers' | 'volumePath' | 'resizeVolume'>;

/** What is done to single pods and volumes behind Kubernetes' back. */
export function podsAndVolumes(place: ClusterPlace, api: ApiClient): PodsAndVolumes {
  const volumeOf = async (namespace: string, claim: string): Promise<{ node: string; name: string }> => {
    const { spec } = await api.get<Claim>(`/api/v1/namespaces/${namespace}/persistentvolumeclaims/${claim}`);
    if (!spec.volumeName) throw new Error(`${namespace}/${claim} has no volume yet`);
    const node = nodeOf(await api.get<Volume>(`/api/v1/persistentvolumes/${spec.volumeName}`));
    if (node === null) throw new Error(`${spec.volumeName} is no volume of a node`);
    return { node, name: spec.volumeName };
  };
  return {
    async killContainers(namespace, pod) {
      const { spec, status } = await api.get<Pod>(`/api/v1/namespaces/${namespace}/pods/${pod}`);
      const ids = status.containerStatuses?.flatMap(({ containerID }) => containerID?.split('//')[1] ?? []) ?? [];
      if (spec.nodeName === undefined || ids.length === 0) throw new Error(`${namespace}/${pod} has no container yet`);
      for (const id of ids) await ctr(place, spec.nodeName, 'tasks', 'kill', '--all', '--signal', 'SIGKILL', id);
    },
    async volumePath(namespace, claim) {
      const { node, name } = await volumeOf(namespace, claim);
      return volumePath(place, node, name);
    },
    async resizeVolume(namespace, claim, bytes) {
      const { node, name } = await volumeOf(namespace, claim);
      await resizeVolume(place, node, name, bytes);
    },
  };
}

/** Volumes of class `limited` are mounts of their node: one that has come back needs them before its pods do. */
export async function remountLimited(place: ClusterPlace, api: ApiClient, node: string): Promise<void> {
  const { items } = await api.get<KubeList<Volume>>('/api/v1/persistentvolumes');
  for (const volume of items) {
    const { storageClassName, capacity } = volume.spec;
    if (storageClassName !== limitedClass.name || nodeOf(volume) !== node) continue;
    await makeVolume(place, node, volume.metadata.name, bytesOf(capacity.storage));
  }
}

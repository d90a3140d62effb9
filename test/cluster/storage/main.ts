import { setTimeout as pause } from 'node:timers/promises';
import { apiClient, type KubeObject } from '../api.ts';
import { authorityFile, serverUrl } from '../control-plane/credentials.ts';
import { clusterPlace } from '../state.ts';
import { isToBeDeleted, nodeOf, volumeFor, volumeOrder, type Claim, type Volume } from './claims.ts';
import { limitedClass } from './classes.ts';
import { makeVolume, removeVolume } from './node-folders.ts';

/**
 * Makes the volumes of one cluster, and deletes them when their claims are deleted, as a provisioner for disks of nodes
 * does: a claim gets its volume on the node that the scheduler chose for its first pod, and can be used there only.
 */
const place = clusterPlace(process.argv[2] ?? '');
const state = place.read();
if (state === null) throw new Error(`There is no cluster ${place.name}.`);

const api = apiClient({
  server: serverUrl(state.addresses.gateway),
  authorityFile: authorityFile(place),
  token: state.tokens['storage'] ?? '',
});

async function provide(claim: Claim): Promise<void> {
  const order = volumeOrder(claim, claim.spec.storageClassName === limitedClass.name);
  if (order === null) return;
  if ('refused' in order) return refuse(claim, order.refused);
  const path = await makeVolume(place, order.node, order.name, order.bytes);
  await api.ensure('/api/v1/persistentvolumes', volumeFor(claim, order, path));
  console.log(`made ${order.name} on ${order.node} for ${claim.metadata.namespace}/${claim.metadata.name}`);
}

async function refuse({ metadata }: Claim, message: string): Promise<void> {
  const { namespace = 'default', name, uid } = metadata;
  const event = {
    metadata: { name: `${name}.${Date.now().toString(16)}`, namespace },
    type: 'Warning',
    reason: 'ProvisioningFailed',
    message,
    involvedObject: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid },
    source: { component: 'storage' },
  };
  await api.create(`/api/v1/namespaces/${namespace}/events`, event satisfies KubeObject);
}

async function reclaim(volume: Volume): Promise<void> {
  const node = nodeOf(volume);
  if (node === null || !isToBeDeleted(volume)) return;
  await removeVolume(place, node, volume.metadata.name);
  await api.remove(`/api/v1/persistentvolumes/${volume.metadata.name}`);
  console.log(`deleted ${volume.metadata.name} on ${node}`);
}

async function keepFollowing<T extends KubeObject>(path: string, handle: (object: T) => Promise<void>): Promise<never> {
  for (;;) {
    try {
      await api.follow(path, handle);
    } catch (error) {
      console.error(`${path}: ${String(error)}: trying again`);
    }
    await pause(200);
  }
}

await Promise.all([
  keepFollowing('/api/v1/persistentvolumeclaims', provide),
  keepFollowing('/api/v1/persistentvolumes', reclaim),
]);

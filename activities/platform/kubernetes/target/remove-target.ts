import { setTimeout as pause } from 'node:timers/promises';
import { failure } from '../../../failure.ts';
import type { ClusterApi, Selection } from '../api/cluster-api.ts';
import type { Kind } from '../api/resources.ts';
import { namespacesOf, type Cluster } from '../instances.ts';
import { labels } from '../labels.ts';

/** A server writes a checkpoint of every database before it ends; then its volume is let go of. */
const patienceMs = 5 * 60_000;
const lookMs = 300;

/** Removes everything that carries the label of a restore, with the data; nothing else. False when there is nothing. */
export async function removeTarget(cluster: Cluster, target: string, restoreId: string): Promise<boolean> {
  let found = false;
  for (const namespace of namespacesOf(cluster)) {
    const own = { namespace, labels: { [labels.instance]: target, [labels.restore]: restoreId } };
    found = (await removeFrom(cluster.api, own, target)) || found;
  }
  return found;
}

async function removeFrom(api: ClusterApi, own: Selection, target: string): Promise<boolean> {
  const signal = AbortSignal.timeout(patienceMs);
  const counts = [
    await removeAll(api, 'statefulsets', own, signal),
    await removeAll(api, 'services', own, signal),
    await removeAll(api, 'persistentvolumeclaims', own, signal),
  ];
  if (counts.every((count) => count === 0)) return false;
  // A Job that an attempt left behind would keep the volume.
  const jobs = { namespace: own.namespace, labels: { [labels.component]: 'executor', [labels.instance]: target } };
  await removeAll(api, 'jobs', jobs, signal);
  try {
    // Again: the StatefulSet's controller may just have made another claim.
    while ((await removeAll(api, 'persistentvolumeclaims', own, signal)) + (await podCount(api, own, signal)) > 0) {
      await pause(lookMs, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    throw failure('ClusterUnavailable', `The pod or the volume of ${target} does not go away`);
  }
  return true;
}

/** How many there were, those included that are on their way out. */
async function removeAll(api: ClusterApi, kind: Kind, own: Selection, signal: AbortSignal): Promise<number> {
  const { items } = await api.list(kind, own, signal);
  for (const { metadata } of items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined)) {
    await api.remove(kind, { namespace: own.namespace, name: metadata?.name ?? '' }, signal);
  }
  return items.length;
}

async function podCount(api: ClusterApi, own: Selection, signal: AbortSignal): Promise<number> {
  return (await api.list('pods', own, signal)).items.length;
}

import { setTimeout as pause } from 'node:timers/promises';
import { failure } from '../../../failure.ts';
import type { ClusterApi } from '../api/cluster-api.ts';
import type { Job, Pod } from '../api/resources.ts';
import { namespacesOf, type Cluster } from '../instances.ts';
import { annotations, commonLabels, labels, labelValue } from '../labels.ts';
import { hasEnded, isFinished } from './judge.ts';
import type { Owner } from './owner.ts';

/** A pod that is told to stop has ten seconds; its kubelet and the garbage collector want some more. */
const mostMs = 60_000;
const lookMs = 200;

/**
 * Ends what a workflow still has working on an instance, and waits until none of it does. A worker that died leaves its
 * Jobs behind, and nobody may take them up: the run was cancelled before, or the next attempt gave another order.
 */
export async function endJobs(cluster: Cluster, instance: string, owner: Owner, signal: AbortSignal): Promise<void> {
  const late = AbortSignal.timeout(mostMs);
  const either = AbortSignal.any([signal, late]);
  try {
    for (const namespace of namespacesOf(cluster)) await endIn(cluster.api, namespace, instance, owner, either);
  } catch (error) {
    signal.throwIfAborted();
    if (!late.aborted) throw error;
    throw failure('ClusterUnavailable', `A Job that an earlier attempt left working on ${instance} does not end`);
  }
}

async function endIn(
  api: ClusterApi,
  namespace: string,
  instance: string,
  { workflowId }: Owner,
  signal: AbortSignal,
): Promise<void> {
  const selection = { namespace, labels: { ...commonLabels('executor'), [labels.instance]: labelValue(instance) } };
  // By the workflow and not by its run: a restore that carries on as a new run is still the same.
  const isOurs = ({ metadata }: Job | Pod): boolean => metadata?.annotations?.[annotations.workflowId] === workflowId;
  for (;;) {
    const { items: all } = await api.list('jobs', selection, signal);
    const jobs = all.filter((job) => isOurs(job) && !isFinished(job));
    for (const { metadata } of jobs.filter((job) => job.metadata?.deletionTimestamp === undefined)) {
      const { name = '', uid = '' } = metadata ?? {};
      await api.remove('jobs', { namespace, name, uid, after: 'pods' }, signal);
    }
    // Looked at after the Jobs, and for themselves: a Job may be gone, or have failed, before its pod has stopped.
    const { items: pods } = await api.list('pods', selection, signal);
    if (jobs.length === 0 && pods.filter(isOurs).every(hasEnded)) return;
    await pause(lookMs, undefined, { signal });
  }
}

import { setTimeout as pause } from 'node:timers/promises';
import { CancelledFailure } from '@temporalio/common';
import type { ClusterApi } from '../api/cluster-api.ts';
import { labels } from '../labels.ts';
import { hasEnded } from './judge.ts';
import type { StartedJob } from './started-job.ts';

const mostMs = 45_000;
const lookMs = 200;

/** Removes a Job and waits until its pod works no longer. */
export async function stopJob(api: ClusterApi, { namespace, name, uid, start }: StartedJob): Promise<void> {
  const signal = AbortSignal.timeout(mostMs);
  await api.remove('jobs', { namespace, name, uid }, signal);
  for (;;) {
    const { items } = await api.list('pods', { namespace, labels: { [labels.start]: start } }, signal);
    if (items.every(hasEnded)) return;
    await pause(lookMs, undefined, { signal });
  }
}

/**
 * May the Job go on without the worker? When the worker stops, or was silent for too long, the activity is tried again
 * and takes the Job up. When the run was cancelled or is no longer there, nobody will.
 */
export function isTakenUpLater(reason: unknown): boolean {
  return reason instanceof CancelledFailure && reason.message !== 'CANCELLED' && reason.message !== 'NOT_FOUND';
}

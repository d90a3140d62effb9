import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { failure } from '../../../failure.ts';
import { packTask } from '../../../executor/program/task-file.ts';
import { isReason } from '../api/api-error.ts';
import type { ClusterApi } from '../api/cluster-api.ts';
import type { ConfigMap, Job } from '../api/resources.ts';
import type { Cluster } from '../instances.ts';
import type { Site } from '../volumes/site.ts';
import { isComplete, isFinished } from './judge.ts';
import { inputManifests, jobManifest, type JobPlan } from './manifest.ts';
import { isLasting, jobName, type Order } from './order.ts';
import { startedJob, type StartedJob } from './started-job.ts';

interface StartOptions {
  readonly cluster: Cluster;
  readonly order: Order;
  readonly site: Site;
  readonly signal: AbortSignal;
  /** Uids of Jobs whose outcome was read. */
  readonly read: ReadonlySet<string>;
}

const makeMs = 60_000;
const againMs = 100;
/** A pod that is told to stop takes as long as it may, and the API server a little longer. */
const mostMs = 60_000;

/** Starts the Job of an order, or finds the one that an earlier attempt started. */
export async function startJob({ cluster, order, site, signal, read }: StartOptions): Promise<StartedJob> {
  const { api, settings } = cluster;
  const plan: JobPlan = {
    name: jobName(order),
    start: randomBytes(6).toString('hex'),
    order,
    site,
    input: packTask(order.task),
    image: executorImage(cluster),
    settings: settings.kubernetes,
  };
  const until = Date.now() + mostMs;
  for (;;) {
    signal.throwIfAborted();
    // Not cut short: whoever is told to stop must know of the Job, to stop it too.
    const making = AbortSignal.timeout(makeMs);
    const job = await createOrGet(api, plan, making);
    const next = job === null ? 'again' : whatToDo(job, plan, read);
    if (job !== null && next !== 'again' && next !== 'replace') {
      const started = startedJob(job, next === 'found');
      // An attempt that died in between may have left the Job without it.
      if (!isFinished(job)) await createInput(api, plan, started, making);
      return started;
    }
    if (next === 'replace') await api.remove('jobs', { namespace: site.namespace, name: plan.name }, signal);
    if (Date.now() > until)
      throw failure('ClusterUnavailable', `The Job ${plan.name} of an earlier attempt does not go away`);
    await pause(againMs, undefined, { signal });
  }
}

async function createOrGet(api: ClusterApi, plan: JobPlan, signal: AbortSignal): Promise<Job | null> {
  const { namespace } = plan.site;
  try {
    return await api.create('jobs', namespace, jobManifest(plan), signal);
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw error;
    return api.get('jobs', { namespace, name: plan.name }, signal);
  }
}

/**
 * A finished Job that is still there was read by nobody, since reading it removes it; unless Jobs are kept, or removing it
 * failed. One that failed says nothing of what would happen now.
 */
function whatToDo(job: Job, plan: JobPlan, read: ReadonlySet<string>): 'made' | 'found' | 'again' | 'replace' {
  const { uid, start } = startedJob(job, true);
  if (start === plan.start) return 'made';
  if (job.metadata?.deletionTimestamp !== undefined) return 'again';
  if (!isLasting(plan.order) || read.has(uid)) return 'replace';
  if (!isFinished(job)) return 'found';
  return isComplete(job) && plan.settings.keepJobsSeconds === 0 ? 'found' : 'replace';
}

async function createInput(api: ClusterApi, plan: JobPlan, job: StartedJob, signal: AbortSignal): Promise<void> {
  const create = async (input: ConfigMap): Promise<void> => {
    try {
      await api.create('configmaps', job.namespace, input, signal);
    } catch (error) {
      if (!isReason(error, 'AlreadyExists')) throw error;
    }
  };
  try {
    await Promise.all(inputManifests({ ...plan, start: job.start }, job.uid).map(create));
  } catch (error) {
    // Without it the Job's pod would wait until the deadline.
    await api.remove('jobs', job, AbortSignal.timeout(makeMs)).catch(() => undefined);
    throw error;
  }
}

function executorImage({ settings }: Cluster): string {
  const image = settings.kubernetes.executorImage ?? process.env['MSSQL_PITR_EXECUTOR_IMAGE'];
  if (image) return image;
  throw failure(
    'InvalidInput',
    'Nobody says which image the executor has: set kubernetes.executorImage in temporal.yaml, or MSSQL_PITR_EXECUTOR_IMAGE of the worker',
  );
}

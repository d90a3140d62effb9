import type { ProgramResult, ProgramTaskName } from '../../../executor/program/tasks.ts';
import { revivedFailure, type Outcome } from '../../../executor/program/output.ts';
import type { TaskControl } from '../../../executor/tasks.ts';
import { failure } from '../../../failure.ts';
import type { Cluster } from '../instances.ts';
import { eventsOf, evidenceText } from '../pods/evidence.ts';
import type { Site } from '../volumes/site.ts';
import { followJob, type JobEnd } from './follow-job.ts';
import { isLasting, type Order } from './order.ts';
import { startJob } from './start-job.ts';
import type { StartedJob } from './started-job.ts';
import { isTakenUpLater, stopJob } from './stop-job.ts';

export interface JobRunner {
  run<T extends ProgramTaskName>(
    order: Order<T>,
    locate: (signal: AbortSignal) => Promise<Site>,
    control: TaskControl,
  ): Promise<ProgramResult<T>>;
}

/** Somebody who takes Jobs away again and again means it. */
const mostStarts = 5;
const releaseMs = 10_000;

/** @param warn hears of what went wrong beside the work */
export function openJobRunner(cluster: Cluster, warn: (message: string, facts: object) => void): JobRunner {
  const { api } = cluster;
  const { jobDeadlineSeconds, keepJobsSeconds } = cluster.settings.kubernetes;
  const read = new Set<string>();

  /** Once its outcome is read a Job must not be found again. */
  async function release(job: StartedJob): Promise<void> {
    read.add(job.uid);
    if (keepJobsSeconds > 0) return;
    try {
      await api.remove('jobs', job, AbortSignal.timeout(releaseMs));
      read.delete(job.uid);
    } catch (error) {
      warn('A finished Job could not be removed; its time to live will', { job: job.name, error: String(error) });
    }
  }

  async function stop(job: StartedJob): Promise<void> {
    try {
      await stopJob(api, job);
    } catch (error) {
      warn('A Job could not be stopped; its deadline will', { job: job.name, error: String(error) });
    }
  }

  async function runOnce(order: Order, site: Site, control: TaskControl): Promise<Outcome | 'again'> {
    const { signal } = control;
    const job = await startJob({ cluster, order, site, signal, read });
    let end: JobEnd;
    try {
      end = await followJob({ api, job, control, deadlineSeconds: jobDeadlineSeconds });
    } catch (error) {
      if (signal.aborted && !(isLasting(order) && isTakenUpLater(signal.reason))) await stop(job);
      throw error;
    }
    if (end.is === 'gone') {
      await release(job);
      return 'again';
    }
    if (end.is === 'outcome') {
      await release(job);
      return end.outcome;
    }
    const events = await eventsOf(api, job.namespace, [...end.pods, job.name]);
    await release(job);
    // It was made for how things were then: its node may be another by now.
    if (job.found && end.type === 'Unschedulable') return 'again';
    const why = end.type === 'Unschedulable' ? `${end.why}${boundTo(site)}` : end.why;
    throw failure(end.type, `The Job ${job.name} ${why}.${evidenceText(end.why, events, end.tail)}`);
  }

  return {
    async run<T extends ProgramTaskName>(
      order: Order<T>,
      locate: (signal: AbortSignal) => Promise<Site>,
      control: TaskControl,
    ): Promise<ProgramResult<T>> {
      for (let n = 1; n <= mostStarts; n += 1) {
        const site = await locate(control.signal);
        const outcome = await runOnce(order, site, control);
        if (outcome !== 'again') return resultOf(outcome) as ProgramResult<T>;
        warn('A Job is gone and is started again', { task: order.task.task, instance: order.instance });
      }
      throw failure(
        'JobFailed',
        `The Job of ${order.task.task} for ${order.instance} was taken away ${mostStarts} times`,
      );
    },
  };
}

/** The scheduler tells of other nodes; not why it may not be one of those. */
function boundTo({ placement: { required } }: Site): string {
  return required === null ? '' : `; it must run on ${required}, where a pod uses a ReadWriteOnce volume that it needs`;
}

function resultOf(outcome: Outcome): unknown {
  if (outcome.ok) return outcome.result;
  const { type, message, details } = outcome.failure;
  if (type !== null) throw revivedFailure({ type, message, details });
  throw failure('JobFailed', `The executor has a fault: ${message}`);
}

import type { FailureType } from '../../../../workflows/domain/failures.ts';
import { exitCodes } from '../../../executor/program/tasks.ts';
import type { Job, Pod } from '../api/resources.ts';
import { containersOf, troubleOf, type ContainerStatus, type Trouble } from '../pods/trouble.ts';

/** How a Job stands, as its object and its pods say. */
export type Verdict =
  /** No pod works yet. */
  | { readonly is: 'waiting'; readonly trouble: Trouble | null }
  | { readonly is: 'working' }
  /** The program has come to its end and has said how, in the log of this pod. */
  | { readonly is: 'told'; readonly pod: Pod }
  /** Taken away by somebody. */
  | { readonly is: 'gone' }
  /** Done, but nobody can tell its outcome: its pod is gone. */
  | { readonly is: 'lost' }
  | { readonly is: 'failed'; readonly type: FailureType; readonly why: string };

/** @param job null when there is none (any more) */
export function judge(job: Job | null, pods: readonly Pod[]): Verdict {
  if (job === null || job.metadata?.deletionTimestamp !== undefined) return { is: 'gone' };
  const told = pods.find((pod) => isFinal(endOf(pod)?.exitCode));
  if (told !== undefined) return { is: 'told', pod: told };
  const killed = pods.find((pod) => endOf(pod)?.reason === 'OOMKilled');
  if (killed !== undefined)
    return { is: 'failed', type: 'OutOfMemory', why: 'was killed for using more memory than its limit' };
  const failed = conditionOf(job, 'Failed') ?? conditionOf(job, 'FailureTarget');
  if (failed !== null) return whyFailed(failed, pods);
  const live = pods.filter((pod) => !hasEnded(pod));
  if (isComplete(job) && live.length === 0) return { is: 'lost' };
  if (live.some(hasStarted)) return { is: 'working' };
  return { is: 'waiting', trouble: live.map(troubleOf).find((trouble) => trouble !== null) ?? null };
}

/** Complete or Failed: nothing more will happen. */
export function isFinished(job: Job): boolean {
  return isComplete(job) || conditionOf(job, 'Failed') !== null;
}

export function isComplete(job: Job): boolean {
  return conditionOf(job, 'Complete') !== null;
}

/** Its container runs or has run, so that it has a log. */
export function hasStarted(pod: Pod): boolean {
  return pod.status?.containerStatuses?.some(({ state }) => Boolean(state?.running ?? state?.terminated)) ?? false;
}

export function hasEnded(pod: Pod): boolean {
  return endOf(pod) !== null || isOver(pod);
}

function endOf(pod: Pod): NonNullable<NonNullable<ContainerStatus['state']>['terminated']> | null {
  for (const { state } of containersOf(pod)) if (state?.terminated !== undefined) return state.terminated;
  return null;
}

/** The pod as a whole, whatever became of its container: evicted, its node lost. */
function isOver({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

function isFinal(exitCode: number | undefined): boolean {
  return exitCode === exitCodes.done || exitCode === exitCodes.failed || exitCode === exitCodes.broken;
}

type Condition = NonNullable<NonNullable<Job['status']>['conditions']>[number];

function conditionOf({ status }: Job, type: string): Condition | null {
  return status?.conditions?.find((condition) => condition.type === type && condition.status === 'True') ?? null;
}

function whyFailed({ reason = '', message = '' }: Condition, pods: readonly Pod[]): Verdict {
  if (reason === 'DeadlineExceeded') return { is: 'failed', type: 'DeadlineExceeded', why: 'took longer than it may' };
  const ends = [...new Set(pods.map(howEnded).filter((text) => text !== null))];
  return { is: 'failed', type: 'JobFailed', why: `failed: ${ends.join(', then ') || message || reason}` };
}

function howEnded(pod: Pod): string | null {
  const { reason, message } = pod.status ?? {};
  if (reason !== undefined)
    return message === undefined ? `its pod was ${reason}` : `its pod was ${reason} (${message})`;
  const end = endOf(pod);
  if (end === null) return null;
  return end.signal === undefined
    ? `its pod ended with exit code ${end.exitCode}${end.reason === undefined ? '' : ` (${end.reason})`}`
    : `its pod was ended by signal ${end.signal}`;
}

import type { FailureType } from '../../../../workflows/domain/failures.ts';
import type { Outcome } from '../../../executor/program/output.ts';
import type { TaskControl } from '../../../executor/tasks.ts';
import type { ClusterApi } from '../api/cluster-api.ts';
import { openBell } from '../pods/bell.ts';
import { openPatience } from '../pods/patience.ts';
import { hasEnded, hasStarted, judge } from './judge.ts';
import { readPodLog, type PodLog } from './pod-log.ts';
import { lookAt, type Sight } from './sight.ts';
import type { StartedJob } from './started-job.ts';

export type JobEnd =
  | { readonly is: 'outcome'; readonly outcome: Outcome }
  /** Nobody will tell its outcome any more. */
  | { readonly is: 'gone' }
  | {
      readonly is: 'failed';
      readonly type: FailureType;
      readonly why: string;
      readonly pods: readonly string[];
      /** Last lines of its log. */
      readonly tail: readonly string[];
    };

interface FollowOptions {
  readonly api: ClusterApi;
  readonly job: StartedJob;
  readonly control: TaskControl;
  readonly deadlineSeconds: number;
}

/** The Job controller ends a Job at its deadline; should it not, we do. */
const graceMs = 60_000;
const lookAgainMs = 1_000;
/** Job and pods are two views: one may hear of the end before the other does, and the log may say more than both. */
const settleMs = 1_500;

/** Watches a Job until it has told its outcome, or will not tell any. */
export async function followJob({ api, job, control, deadlineSeconds }: FollowOptions): Promise<JobEnd> {
  const ends = Date.now() + deadlineSeconds * 1_000 + graceMs;
  const bell = openBell();
  const quit = new AbortController();
  const signal = AbortSignal.any([control.signal, quit.signal]);
  control.signal.addEventListener('abort', bell.ring, { signal: quit.signal });
  const sight = lookAt(api, job, signal, bell.ring);
  const logs = new Map<string, PodLog>();
  const patience = openPatience({ api, namespace: job.namespace, maker: job.name, failure: 'JobFailed' });
  const failed = (type: FailureType, why: string): JobEnd => ({
    is: 'failed',
    type,
    why,
    pods: (sight.pods ?? []).map((pod) => pod.metadata?.name ?? ''),
    tail: [...logs.values()].flatMap(({ tail }) => tail),
  });

  let badSince: number | null = null;

  try {
    for (;;) {
      control.signal.throwIfAborted();
      readLogs({ api, job, control, sight, logs, signal, changed: bell.ring });
      const broken = sight.error ?? [...logs.values()].find(({ error }) => error !== null)?.error ?? null;
      if (broken !== null) throw broken;
      for (const { outcome } of logs.values()) if (outcome !== null) return { is: 'outcome', outcome };
      if (sight.job !== undefined && sight.pods !== undefined) {
        const verdict = judge(sight.job, sight.pods);
        if (verdict.is === 'gone') return verdict;
        if (verdict.is !== 'failed' && verdict.is !== 'lost') badSince = null;
        else if (Date.now() - (badSince ??= Date.now()) > settleMs) {
          return verdict.is === 'lost' ? { is: 'gone' } : failed(verdict.type, verdict.why);
        }
        if (verdict.is === 'told' && logs.get(verdict.pod.metadata?.name ?? '')?.whole) {
          return failed('JobFailed', 'ended, and its log does not hold the whole result');
        }
        if (verdict.is === 'waiting') {
          const reason = await patience.exhausted(verdict.trouble, sight.pods);
          if (reason !== null) return failed(reason.type, reason.why);
        }
      }
      if (Date.now() > ends) return failed('DeadlineExceeded', 'took longer than it may');
      await bell.heard(lookAgainMs);
    }
  } finally {
    quit.abort();
  }
}

interface ReadLogsOptions extends Omit<FollowOptions, 'deadlineSeconds'> {
  readonly sight: Sight;
  readonly logs: Map<string, PodLog>;
  readonly signal: AbortSignal;
  readonly changed: () => void;
}

/** Begins to read the log of every pod that has begun to work. */
function readLogs({ api, job, control, sight, logs, signal, changed }: ReadLogsOptions): void {
  for (const { metadata } of (sight.pods ?? []).filter(hasStarted)) {
    const name = metadata?.name ?? '';
    if (logs.has(name)) continue;
    const state = (): 'live' | 'ended' | 'gone' => {
      const seen = sight.pods?.find((pod) => pod.metadata?.name === name);
      return seen === undefined ? 'gone' : hasEnded(seen) ? 'ended' : 'live';
    };
    const pod = { namespace: job.namespace, name };
    logs.set(name, readPodLog({ api, pod, signal, state, progress: (done) => control.progress(done), changed }));
  }
}

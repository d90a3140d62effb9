import type { StepsOutcome } from '../../../workflows/contracts.ts';
import type { OutputLine } from '../../../activities/executor/program/output.ts';
import type { Job, Pod } from '../../../activities/platform/kubernetes/api/resources.ts';
import { labels, labelValue } from '../../../activities/platform/kubernetes/labels.ts';
import type { RunRecord } from './activities-of.ts';
import type { JobRecord, PodRecord } from './journal.ts';
import { shareOut, type Span } from './spans.ts';

/** Where a restore spends its time; the first that goes on at a moment has it. */
const order = ['restore', 'copy', 'verify', 'small', 'start', 'schedule', 'report'] as const;
type Category = (typeof order)[number];

const words: Readonly<Record<Category | 'rest', string>> = {
  schedule: 'schedule: until a pod has its node',
  start: 'start: volumes, image, container; target until ready',
  copy: 'copy, with hashes',
  restore: 'RESTORE and recovery',
  verify: 'verify',
  small: 'small Jobs at work: plan, certificate, clean-up',
  report: 'report: from a program’s end until the kubelet tells',
  rest: 'orchestration: the rest',
};

export interface RestoreTimes {
  /** Request → complete. */
  readonly total: number;
  /** Seconds, in the order in which a restore meets them. */
  readonly parts: readonly { readonly what: string; readonly seconds: number }[];
  /** All but RESTORE, copy and starts. */
  readonly besides: number;
  /** By the Jobs' own timestamps, which are whole seconds; null when a Job was gone before it had them. */
  readonly jobs: { readonly copying: number | null; readonly all: number | null; readonly count: number };
}

interface Sources {
  readonly run: RunRecord;
  readonly jobs: readonly JobRecord[];
  readonly pods: readonly PodRecord[];
  readonly restoreId: string;
}

/** Puts together what Temporal, Kubernetes and the executors wrote down of a restore that has ended. */
export function restoreTimes({ run, jobs, pods, restoreId }: Sources): RestoreTimes {
  const ofRun = pods.filter(({ pod }) => pod.metadata?.labels?.[labels.runId] === labelValue(run.runId));
  const ofTarget = pods.filter(
    ({ pod }) =>
      pod.metadata?.labels?.[labels.restore] === restoreId && pod.metadata.labels[labels.component] !== 'executor',
  );
  const ownJobs = jobs.filter(({ job }) => job.metadata?.labels?.[labels.runId] === labelValue(run.runId));
  const askedAt = new Map(ownJobs.map(({ job, created }) => [job.metadata?.labels?.[labels.start], created]));
  const spans = [
    ...ofRun.flatMap((record) => jobSpans(record, askedAt)),
    ...ofTarget.flatMap(serverSpans),
    ...sqlSpans(run, ofRun),
  ];
  const { of, rest } = shareOut(spans, order, [run.started, run.closed]);
  const all = { ...of, rest };
  const shown = ['schedule', 'start', 'copy', 'restore', 'verify', 'small', 'report', 'rest'] as const;
  return {
    total: (run.closed - run.started) / 1000,
    parts: shown.map((category) => ({ what: words[category], seconds: all[category] / 1000 })),
    besides: (of.schedule + of.verify + of.small + of.report + rest) / 1000,
    jobs: jobFigures(ownJobs.map(({ job }) => job)),
  };
}

/** A pod's way to its program, and the program's work. */
function jobSpans(
  { pod, created, scheduled, started, ended, lines }: PodRecord,
  askedAt: ReadonlyMap<string | undefined, number>,
): Span<Category>[] {
  const { begins, done } = programTimes(lines);
  const working = begins ?? started;
  return [
    ...between('schedule', askedAt.get(pod.metadata?.labels?.[labels.start]) ?? created, scheduled),
    ...between('start', scheduled, working),
    ...between(isCopy(pod) ? 'copy' : 'small', working, done ?? ended),
    // A kubelet looks at its containers once a second, and gives no log of one that it has not seen yet.
    ...between('report', done, started),
  ];
}

function serverSpans({ created, scheduled, ready }: PodRecord): Span<Category>[] {
  return [...between('schedule', created, scheduled), ...between('start', scheduled, ready)];
}

/** Activities that work on the server; a slice of a restore only from when its first files are there. */
function sqlSpans({ activities }: RunRecord, pods: readonly PodRecord[]): Span<Category>[] {
  return activities.flatMap(({ type, started, completed, result }) => {
    if (type === 'recoverDatabase') return between('restore', started, completed);
    if (type === 'verifyDatabase') return between('verify', started, completed);
    if (type !== 'restoreSteps') return [];
    const staged = pods
      .filter(({ pod }) => isCopy(pod))
      .flatMap(({ lines }) => programTimes(lines).done ?? [])
      .filter((done) => started < done && done < completed);
    const from = staged.length === 0 ? started : Math.min(...staged);
    return between('restore', from, from + (result as StepsOutcome).restoreSeconds * 1000);
  });
}

/** Of one database's files, or of several small ones'. */
function isCopy({ metadata }: Pick<Job | Pod, 'metadata'>): boolean {
  return ['stage', 'stageSeveral'].includes(metadata?.labels?.[labels.task] ?? '');
}

function between(category: Category, from: number | null, to: number | null): Span<Category>[] {
  return from === null || to === null ? [] : [{ category, from, to }];
}

/** By the executor's own clock. */
export function programTimes(lines: readonly string[]): {
  readonly begins: number | null;
  readonly done: number | null;
} {
  const messages = lines.flatMap((text) => {
    if (!text.startsWith('{')) return [];
    const line = JSON.parse(text) as OutputLine;
    return line.kind === 'message' ? [{ at: Date.parse(line.time), text: line.message }] : [];
  });
  const at = (pattern: RegExp): number | null => messages.find(({ text }) => pattern.test(text))?.at ?? null;
  return { begins: at(/ begins$/), done: at(/ is done after /) };
}

function jobFigures(jobs: readonly Job[]): RestoreTimes['jobs'] {
  const created = (some: readonly Job[]): number =>
    Math.min(...some.map((job) => time(job.metadata?.creationTimestamp)));
  const end = Math.max(...jobs.map((job) => time(job.status?.completionTime)));
  const seconds = (from: number): number | null => (Number.isFinite(end - from) ? (end - from) / 1000 : null);
  const copying = jobs.filter(isCopy);
  return { copying: seconds(created(copying)), all: seconds(created(jobs)), count: jobs.length };
}

/** NaN, which no maximum and no difference survives, for what is not there. */
function time(text: string | undefined): number {
  return Date.parse(text ?? '');
}

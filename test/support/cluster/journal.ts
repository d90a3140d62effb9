import { setTimeout as pause } from 'node:timers/promises';
import { ApiError } from '../../../activities/platform/kubernetes/api/api-error.ts';
import type { ClusterApi } from '../../../activities/platform/kubernetes/api/cluster-api.ts';
import { observe } from '../../../activities/platform/kubernetes/api/observe.ts';
import type { Job, Pod } from '../../../activities/platform/kubernetes/api/resources.ts';
import { hasEnded, hasStarted } from '../../../activities/platform/kubernetes/job/judge.ts';
import { containerName } from '../../../activities/platform/kubernetes/job/manifest.ts';
import { labels } from '../../../activities/platform/kubernetes/labels.ts';

/** A pod as it was seen last, though it may be gone; when its stations were heard of, as epoch milliseconds. */
export interface PodRecord {
  readonly pod: Pod;
  readonly created: number;
  readonly scheduled: number | null;
  readonly started: number | null;
  readonly ended: number | null;
  readonly ready: number | null;
  /** What an executor said. */
  readonly lines: readonly string[];
}

export interface JobRecord {
  readonly job: Job;
  /** When it was heard of, as epoch milliseconds. */
  readonly created: number;
}

/** What came and went in a namespace. Kubernetes writes down whole seconds, and nothing of what is deleted. */
export interface Journal {
  jobs(): readonly JobRecord[];
  pods(): readonly PodRecord[];
  close(): void;
}

type Writable = { -readonly [K in keyof PodRecord]: PodRecord[K] } & { lines: string[] };

export function openJournal(api: ClusterApi, namespace: string): Journal {
  const quit = new AbortController();
  const { signal } = quit;
  const jobs = new Map<string, JobRecord>();
  const pods = new Map<string, Writable>();

  async function readLog(record: Writable): Promise<void> {
    const ref = { namespace, name: record.pod.metadata?.name ?? '' };
    for (;;) {
      try {
        record.lines.length = 0;
        for await (const line of api.log(ref, { container: containerName, follow: true }, signal)) {
          record.lines.push(line);
        }
        return;
      } catch (error) {
        if (signal.aborted || (error instanceof ApiError && error.status === 404)) return;
        await pause(50);
      }
    }
  }

  function see(pod: Pod): void {
    const uid = pod.metadata?.uid ?? '';
    const now = Date.now();
    const nothing = { scheduled: null, started: null, ended: null, ready: null };
    const record: Writable = pods.get(uid) ?? { pod, created: now, ...nothing, lines: [] };
    pods.set(uid, record);
    record.pod = pod;
    if (pod.spec?.nodeName) record.scheduled ??= now;
    if (isReady(pod)) record.ready ??= now;
    if (hasEnded(pod)) record.ended ??= now;
    if (!hasStarted(pod) || record.started !== null) return;
    record.started = now;
    if (pod.metadata?.labels?.[labels.component] === 'executor') void readLog(record);
  }

  const watch = <K extends 'jobs' | 'pods'>(kind: K, onState: Parameters<typeof observe<K>>[0]['onState']): void => {
    observe({ api, kind, selection: { namespace }, signal, onState }).catch(() => undefined);
  };
  watch('jobs', (seen) => {
    for (const job of seen) {
      const uid = job.metadata?.uid ?? '';
      jobs.set(uid, { job, created: jobs.get(uid)?.created ?? Date.now() });
    }
  });
  watch('pods', (seen) => seen.forEach(see));
  return {
    jobs: () => [...jobs.values()],
    pods: () => [...pods.values()],
    close: () => quit.abort(),
  };
}

function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}

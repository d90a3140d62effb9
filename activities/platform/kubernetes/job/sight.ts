import type { ClusterApi } from '../api/cluster-api.ts';
import { observe } from '../api/observe.ts';
import type { Job, Pod } from '../api/resources.ts';
import { labels } from '../labels.ts';
import type { StartedJob } from './started-job.ts';

/** What is seen of a Job; undefined until it was looked at. */
export interface Sight {
  /** Null when it is not there. */
  readonly job: Job | null | undefined;
  readonly pods: readonly Pod[] | undefined;
  /** Why it cannot be looked at any more. */
  readonly error: Error | null;
}

/** Keeps looking at a Job and its pods until the signal aborts. */
export function lookAt(api: ClusterApi, job: StartedJob, signal: AbortSignal, changed: () => void): Sight {
  const { namespace, name, uid, start } = job;
  const sight: { -readonly [K in keyof Sight]: Sight[K] } = { job: undefined, pods: undefined, error: null };
  const fail = (error: unknown): void => {
    sight.error = error as Error;
    changed();
  };
  observe({
    api,
    kind: 'jobs',
    selection: { namespace, fields: { 'metadata.name': name } },
    signal,
    onState: (jobs) => {
      sight.job = jobs.find(({ metadata }) => metadata?.uid === uid) ?? null;
      changed();
    },
  }).catch(fail);
  observe({
    api,
    kind: 'pods',
    selection: { namespace, labels: { [labels.start]: start } },
    signal,
    onState: (pods) => {
      sight.pods = pods;
      changed();
    },
  }).catch(fail);
  return sight;
}

import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import type { Pod } from '../../../activities/platform/kubernetes/api/resources.ts';
import { resultLines } from '../../../activities/executor/program/output.ts';
import type { ProgramTask } from '../../../activities/executor/program/tasks.ts';
import { until } from '../../support/until.ts';
import type { FakeApiServer } from './api-server.ts';
import type { FakeObject } from './objects.ts';

/** The Job controller, the scheduler and a kubelet for one Job, as far as a test wants them. */
export interface FakeJob {
  readonly name: string;
  readonly uid: string;
  readonly spec: JobSpec;
  /** What the Job was asked for, as soon as it is all there. */
  task(): Promise<ProgramTask>;
  /** Makes its pod; without a node it waits to be scheduled. */
  pod(state?: PodState): string;
  /** A running pod has said its result and ended. */
  finish(output: unknown, extra?: object): void;
  end(exitCode: number, reason?: string): void;
  condition(type: string, reason?: string, message?: string): void;
}

interface JobSpec {
  readonly template: {
    readonly metadata: { readonly labels: Record<string, string>; readonly annotations?: Record<string, string> };
    readonly spec: Record<string, unknown>;
  };
  readonly [field: string]: unknown;
}

interface PodState {
  readonly node?: string;
  readonly status?: object;
  /** It takes a while to end, and stays when its Job is removed. */
  readonly slow?: boolean;
}

export const running = { phase: 'Running', containerStatuses: [{ name: 'executor', state: { running: {} } }] };

/** Calls for every Job that is created. */
export function onJob(server: FakeApiServer, then: (job: FakeJob) => void): void {
  server.on('jobs', 'ADDED', (object) => then(fakeJob(server, object)));
}

export function fakeJob(server: FakeApiServer, object: FakeObject): FakeJob {
  const { name, uid, namespace } = object.metadata;
  const spec = object.spec as unknown as JobSpec;
  let pods = 0;
  const podName = (): string => `${name}-${pods}`;
  const job: FakeJob = {
    name,
    uid,
    spec,
    task: () => until('the input of a Job', () => taskOf(server, uid, spec)),
    pod({ node = 'node-1', status = running, slow = false } = {}) {
      pods += 1;
      server.put('pods', {
        metadata: {
          name: podName(),
          namespace,
          ...spec.template.metadata,
          ...(slow ? {} : { ownerReferences: [{ uid }] }),
        },
        spec: { ...spec.template.spec, ...(node === '' ? {} : { nodeName: node }) },
        status,
      } as unknown as Pod);
      if (status === running) server.log(podName()).say({ kind: 'message', message: 'begins' });
      return podName();
    },
    finish(output, extra = {}) {
      for (const line of resultLines({ output, ...extra })) server.log(podName()).say(line);
      job.end(0);
      job.condition('Complete');
    },
    end(exitCode, reason = exitCode === 0 ? 'Completed' : 'Error') {
      server.log(podName()).end();
      server.setStatus('pods', podName(), {
        phase: exitCode === 0 ? 'Succeeded' : 'Failed',
        containerStatuses: [{ name: 'executor', state: { terminated: { exitCode, reason } } }],
      });
    },
    condition(type, reason, message) {
      server.setStatus('jobs', name, { conditions: [{ type, status: 'True', reason, message }] });
    },
  };
  return job;
}

interface TaskVolume {
  readonly projected?: { readonly sources: readonly Record<string, unknown>[] };
}

/** What a kubelet would put into the folder of the task; null as long as some of it is missing. */
function taskOf(server: FakeApiServer, uid: string, { template }: JobSpec): ProgramTask | null {
  const { annotations = {} } = template.metadata;
  const volumes = template.spec['volumes'] as readonly TaskVolume[];
  const sources = volumes.flatMap(({ projected }) => projected?.sources ?? []);
  const inline = annotations['mssql-pitr/task'];
  if (inline !== undefined) {
    assert.match(JSON.stringify(sources), /downwardAPI.*metadata\.annotations\['mssql-pitr\/task'\]/);
    return parsed(inline.startsWith('{') ? Buffer.from(inline) : gunzipSync(Buffer.from(inline, 'base64')));
  }
  const own = server
    .all('configmaps')
    .filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid));
  if (own.length < sources.length) return null;
  const files = own.flatMap(({ binaryData }) => Object.entries((binaryData ?? {}) as Record<string, string>));
  const bytes = files.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => Buffer.from(text, 'base64'));
  return parsed(gunzipSync(Buffer.concat(bytes)));
}

function parsed(json: Buffer): ProgramTask {
  return JSON.parse(json.toString('utf8')) as ProgramTask;
}

import { setTimeout as pause } from 'node:timers/promises';
import { openReader, type OutputLine, type Outcome } from '../../../executor/program/output.ts';
import type { TaskProgress } from '../../../executor/tasks.ts';
import { ApiError, mayPass } from '../api/api-error.ts';
import type { ClusterApi } from '../api/cluster-api.ts';
import type { ObjectRef } from '../api/resources.ts';
import { containerName } from './manifest.ts';

export interface PodLog {
  /** Null as long as the program has not told it. */
  readonly outcome: Outcome | null;
  /** All that there will be is read. */
  readonly whole: boolean;
  /** Why it cannot be read. */
  readonly error: Error | null;
  /** The last lines, for people. */
  readonly tail: readonly string[];
}

interface PodLogOptions {
  readonly api: ClusterApi;
  readonly pod: ObjectRef;
  readonly signal: AbortSignal;
  /** Of the pod. When it has ended, what its log holds is all there is. */
  readonly state: () => 'live' | 'ended' | 'gone';
  readonly progress: (progress: TaskProgress) => void;
  /** Outcome or end. */
  readonly changed: () => void;
}

const againMs = 300;
/** Of a container that has ended: a kubelet that has just been started answers with less than there is. */
const mostReads = 3;
const mostMisses = 200;
const keptLines = 20;

/**
 * Reads a pod's log while it is written. A stream that breaks off is opened again and read from its beginning: reading a
 * line twice changes nothing.
 */
export function readPodLog({ api, pod, signal, state, progress, changed }: PodLogOptions): PodLog {
  const reader = openReader();
  const tail: string[] = [];
  let whole = false;
  let error: Error | null = null;

  async function readOnce(follow: boolean): Promise<void> {
    tail.length = 0;
    for await (const line of api.log(pod, { container: containerName, follow }, signal)) {
      const said = reader.take(line);
      if (said !== null) progress(said);
      const text = readable(line);
      if (text !== null) tail.push(text);
      if (tail.length > keptLines) tail.shift();
      if (reader.outcome() !== null) return;
    }
  }

  async function read(): Promise<void> {
    let reads = 0;
    let misses = 0;
    while (!whole) {
      const now = state();
      const last = now === 'ended';
      try {
        await readOnce(!last);
        reads += last ? 1 : 0;
        whole = reads === mostReads || reader.outcome() !== null;
      } catch (thrown) {
        if (signal.aborted) return;
        if (!(thrown instanceof ApiError) || !mayComeYet(thrown)) throw thrown;
        misses += last ? 1 : 0;
        whole = misses === mostMisses || (now === 'gone' && thrown.status === 404);
      }
      if (!whole) await pause(againMs, undefined, { signal });
    }
  }

  read()
    .catch((thrown: unknown) => {
      if (!signal.aborted) error = thrown as Error;
    })
    .finally(changed);
  return {
    get outcome() {
      return reader.outcome();
    },
    get whole() {
      return whole;
    },
    get error() {
      return error;
    },
    tail,
  };
}

/** 400: the container is only about to start; 404: its kubelet does not know of it yet. */
function mayComeYet(error: ApiError): boolean {
  return mayPass(error) || error.status === 400 || error.status === 404;
}

/** What a line says to people; null for the parts of a result. */
function readable(text: string): string | null {
  if (!text.startsWith('{')) return text;
  try {
    const line = JSON.parse(text) as OutputLine;
    switch (line.kind) {
      case 'message':
        return `${line.time} ${line.message}`;
      case 'progress':
        return `${line.time} ${line.progress.file ?? ''} ${line.progress.doneBytes} of ${line.progress.totalBytes} bytes`;
      case 'failure':
        return `${line.time} ${line.failure.message}`;
      case 'result':
      case 'part':
        return null;
    }
  } catch {
    return text;
  }
  return text;
}

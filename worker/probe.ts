import type { NativeConnection, Worker } from '@temporalio/worker';

/** How a worker is, for its probes. */
export interface Probe {
  /** Null while it has not come so far that there is a worker: it waits for Temporal, or loads the workflows. */
  status(): ReturnType<Worker['getStatus']> | null;
  /** Does the server answer? Pollers go on polling while it is away, so they do not tell. */
  temporalAnswers(): Promise<boolean>;
}

export interface Parts {
  readonly worker?: Pick<Worker, 'getStatus'>;
  readonly connection?: Pick<NativeConnection, 'workflowService' | 'withDeadline'>;
}

const askedMs = 2_000;
/** Probes come every few seconds from several sides; the server is asked less often. */
const freshMs = 4_000;

export function readProbe(parts: Parts, now: () => number = Date.now): Probe {
  let last: { readonly at: number; readonly answer: Promise<boolean> } | null = null;
  const ask = async (): Promise<boolean> => {
    const { connection } = parts;
    if (connection === undefined) return false;
    try {
      await connection.withDeadline(Date.now() + askedMs, () => connection.workflowService.getSystemInfo({}));
      return true;
    } catch {
      // Why is in the SDK's log; a probe only wants to know whether.
      return false;
    }
  };
  return {
    status: () => parts.worker?.getStatus() ?? null,
    temporalAnswers() {
      if (last === null || now() - last.at > freshMs) last = { at: now(), answer: ask() };
      return last.answer;
    },
  };
}

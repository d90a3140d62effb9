import { CancelledFailure, Context } from '@temporalio/activity';

/** What long work gets: a way to say how far it is, and to hear that it shall stop. */
export interface Pulse {
  /** Aborts when the activity is cancelled, timed out, or the worker shuts down. */
  readonly signal: AbortSignal;
  /** Latest progress, small JSON for people: the Temporal UI shows it with the pending activity. */
  report(progress: unknown): void;
}

/** A third of the shortest heartbeat timeout in use; the SDK thins out what is more often than needed. */
const tickMs = 3_000;

/**
 * Runs work that heartbeats its latest progress for as long as it takes. The ticker shows that the process lives; the
 * progress shows that the work does.
 */
export async function withHeartbeat<T>(work: (pulse: Pulse) => Promise<T>): Promise<T> {
  const context = Context.current();
  let latest: unknown = context.info.heartbeatDetails;
  const beat = (): void => context.heartbeat(latest);
  beat();
  const ticker = setInterval(beat, tickMs);
  try {
    return await work({
      signal: context.cancellationSignal,
      report: (progress) => {
        latest = progress;
      },
    });
  } finally {
    clearInterval(ticker);
  }
}

/** @throws CancelledFailure, the original one, when the signal has aborted */
export function stopIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw cancellationOf(signal);
}

export function cancellationOf(signal: AbortSignal): Error {
  return signal.reason instanceof CancelledFailure ? signal.reason : new CancelledFailure('CANCELLED');
}

/** Waits, or ends with the cancellation. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  stopIfCancelled(signal);
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', stopped, { once: true });
    function done(): void {
      signal.removeEventListener('abort', stopped);
      resolve();
    }
    function stopped(): void {
      clearTimeout(timer);
      reject(cancellationOf(signal));
    }
  });
}

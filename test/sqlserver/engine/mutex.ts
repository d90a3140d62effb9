import { sqlError } from './messages.ts';

interface MutexRequest {
  readonly signal: AbortSignal;
  /** undefined: as long as it takes. */
  readonly timeoutMs?: number | undefined;
}

/** One at a time, first come, first served. */
export class Mutex {
  #held = false;
  readonly #queue: (() => void)[] = [];

  get held(): boolean {
    return this.#held;
  }

  /** @throws SqlError 3023 when the wait takes longer than the session's lock timeout. */
  async acquire(request: MutexRequest): Promise<Disposable> {
    request.signal.throwIfAborted();
    if (this.#held) await this.#wait(request);
    this.#held = true;
    return { [Symbol.dispose]: () => this.#release() };
  }

  #release(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#held = false;
    else next();
  }

  async #wait({ signal, timeoutMs }: MutexRequest): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#queue.push(resolve);
    const leave = (error: unknown) => {
      const at = this.#queue.indexOf(resolve);
      if (at < 0) return;
      this.#queue.splice(at, 1);
      reject(error);
    };
    const abort = () => leave(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    const timer =
      timeoutMs === undefined || timeoutMs < 0 ? undefined : setTimeout(() => leave(serialized()), timeoutMs);
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', abort);
      clearTimeout(timer);
    }
  }
}

const serialized = () =>
  sqlError(
    3023,
    'Backup, file manipulation operations (such as ALTER DATABASE ADD FILE) and encryption changes on a database must be serialized. Reissue the statement after the current backup or file manipulation operation is completed.',
    2,
  );

import { setTimeout as delay } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';

type OperationKind = 'backup' | 'restore' | 'log';

export const HOLD_POINTS = [
  'backup-log',
  'backup-database',
  'restore-database',
  'restore-log',
  'before-history',
  'after-history',
  'recover',
] as const;
type HoldPoint = (typeof HOLD_POINTS)[number];

export interface HoldRequest {
  readonly at: HoldPoint;
  readonly database?: string | undefined;
  readonly atPercent?: number | undefined;
}

export interface Hold extends HoldRequest {
  readonly id: string;
  /** The database of the statement that stands there now. */
  reachedBy: string | undefined;
  readonly reached: Promise<void>;
}

interface HeldPoint extends Hold {
  readonly arrive: () => void;
  readonly released: Promise<void>;
  readonly release: () => void;
}

export interface FileFault {
  readonly id: string;
  /** Path as the server sees it. */
  readonly prefix: string;
  /** `full`: writes fail beyond that many bytes; `torn`: they are lost; `corrupt`: one byte there is changed. */
  readonly kind: 'full' | 'torn' | 'corrupt';
  readonly afterBytes: number;
}

/** What a write becomes under the faults that are set. */
type FaultedWrite = { readonly full: true } | { readonly full: false; readonly bytes: Buffer };

/** Everything that is made to go wrong, or slow, or to stand still, from outside of SQL. */
export class Faults {
  readonly #rates = new Map<OperationKind, number>();
  readonly #due = new Map<OperationKind, number>();
  readonly #holds = new Map<string, HeldPoint>();
  readonly #files = new Map<string, FileFault & { written: number }>();

  setRate(kind: OperationKind, bytesPerSecond: number | undefined): void {
    if (bytesPerSecond === undefined) this.#rates.delete(kind);
    else this.#rates.set(kind, bytesPerSecond);
    this.#due.delete(kind);
  }

  get rates(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#rates);
  }

  /** Waits until the operation's budget allows that many bytes. */
  async spend(kind: OperationKind, bytes: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const rate = this.#rates.get(kind);
    if (rate === undefined) return;
    const now = performance.now();
    const due = Math.max(now, this.#due.get(kind) ?? now) + (bytes * 1000) / rate;
    this.#due.set(kind, due);
    if (due > now) await delay(due - now, undefined, { signal });
  }

  addFile(fault: Omit<FileFault, 'id'>): FileFault {
    const stored = { ...fault, id: randomUUID(), written: 0 };
    this.#files.set(stored.id, stored);
    return stored;
  }

  removeFile(id: string): boolean {
    return this.#files.delete(id);
  }

  get files(): readonly FileFault[] {
    return [...this.#files.values()];
  }

  /** Bytes that still fit under a path, as far as faults limit them. */
  room(path: string): number {
    const limits = [...this.#files.values()].filter((f) => f.kind === 'full' && path.startsWith(f.prefix));
    return Math.min(Infinity, ...limits.map((f) => Math.max(0, f.afterBytes - f.written)));
  }

  write(path: string, bytes: Buffer): FaultedWrite {
    let result = bytes;
    for (const fault of this.#files.values()) {
      if (!path.startsWith(fault.prefix)) continue;
      const from = fault.written;
      fault.written += bytes.length;
      if (fault.kind === 'full' && fault.written > fault.afterBytes) {
        fault.written = from;
        return { full: true };
      }
      const at = fault.afterBytes - from;
      if (fault.kind === 'torn' && at < result.length) result = result.subarray(0, Math.max(0, at));
      if (fault.kind === 'corrupt' && at >= 0 && at < result.length) {
        result = Buffer.from(result);
        result[at] = result[at]! ^ 0xff;
      }
    }
    return { full: false, bytes: result };
  }

  addHold(request: HoldRequest): Hold {
    const reached = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    const hold: HeldPoint = {
      ...request,
      id: randomUUID(),
      reachedBy: undefined,
      reached: reached.promise,
      arrive: reached.resolve,
      released: released.promise,
      release: released.resolve,
    };
    this.#holds.set(hold.id, hold);
    return hold;
  }

  hold(id: string): Hold | undefined {
    return this.#holds.get(id);
  }

  get holds(): readonly Hold[] {
    return [...this.#holds.values()];
  }

  release(id: string): boolean {
    const hold = this.#holds.get(id);
    hold?.release();
    // Whoever still waits for it to be reached must not wait for ever.
    hold?.arrive();
    return this.#holds.delete(id);
  }

  /** Stops here while a hold asks for it; an aborted statement goes on to its end. */
  async pass(at: HoldPoint, database: string, percent: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    for (const hold of this.#holds.values()) {
      if (hold.at !== at || hold.reachedBy !== undefined) continue;
      if (hold.database !== undefined && hold.database.toLowerCase() !== database.toLowerCase()) continue;
      if (percent < (hold.atPercent ?? 0)) continue;
      hold.reachedBy = database;
      hold.arrive();
      const aborted = Promise.withResolvers<never>();
      const abort = () => aborted.reject(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      try {
        await Promise.race([hold.released, aborted.promise]);
      } finally {
        signal.removeEventListener('abort', abort);
      }
    }
  }
}

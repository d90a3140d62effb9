import type { Table } from '../contracts.ts';
import { sqlError } from './messages.ts';

interface Owner {
  readonly id: bigint;
  /** Process id of the session, for the text of 1205. */
  readonly spid: number;
}

interface Waiter {
  readonly owner: Owner;
  readonly mode: 'shared' | 'exclusive';
  readonly grant: () => void;
}

interface Lock {
  exclusive: Owner | undefined;
  readonly shared: Set<Owner>;
  readonly queue: Waiter[];
}

interface LockRequest {
  readonly mode: 'shared' | 'exclusive';
  readonly signal: AbortSignal;
  readonly timeoutMs: number | undefined;
}

/** Table locks of one database: shared for statements, exclusive until the transaction ends; first come, first served. */
export class LockManager {
  readonly #locks = new Map<number, Lock>();
  readonly #waits = new Map<Owner, Lock>();

  holdsExclusive(owner: Owner, table: Table): boolean {
    return this.#locks.get(table.id)?.exclusive === owner;
  }

  /** Takes the exclusive lock when nobody is in the way. */
  tryExclusive(owner: Owner, table: Table): boolean {
    const lock = this.#lock(table.id);
    if (!this.#free(lock, owner, 'exclusive')) return false;
    this.#take(lock, owner, 'exclusive');
    return true;
  }

  /** @throws SqlError 1222, 1205 */
  async acquire(owner: Owner, table: Table, request: LockRequest): Promise<void> {
    const { mode, signal, timeoutMs } = request;
    signal.throwIfAborted();
    const lock = this.#lock(table.id);
    const behind = lock.queue.length > 0 && lock.exclusive !== owner && !lock.shared.has(owner);
    if (!behind && this.#free(lock, owner, mode)) return this.#take(lock, owner, mode);
    if (timeoutMs === 0) throw lockTimeout();
    if (this.#wouldDeadlock(owner, lock)) throw deadlock(owner.spid);
    this.#waits.set(owner, lock);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { owner, mode, grant: resolve };
    // Who already reads goes first: everybody else in the queue waits for that reader anyway.
    if (lock.shared.has(owner)) lock.queue.unshift(waiter);
    else lock.queue.push(waiter);
    const leave = (error: unknown) => {
      const at = lock.queue.indexOf(waiter);
      if (at < 0) return;
      lock.queue.splice(at, 1);
      reject(error);
      this.#serve(lock);
    };
    const abort = () => leave(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    const timer =
      timeoutMs === undefined || timeoutMs < 0 ? undefined : setTimeout(() => leave(lockTimeout()), timeoutMs);
    try {
      await promise;
    } finally {
      this.#waits.delete(owner);
      signal.removeEventListener('abort', abort);
      clearTimeout(timer);
    }
  }

  /** The session that holds what this transaction waits for; 0 when it does not wait. */
  blockerOf(owner: Owner): number {
    const lock = this.#waits.get(owner);
    const holder = lock?.exclusive ?? [...(lock?.shared ?? [])].find((o) => o !== owner) ?? lock?.queue[0]?.owner;
    return holder === undefined || holder === owner ? 0 : holder.spid;
  }

  releaseShared(owner: Owner): void {
    this.#release(owner, (lock) => lock.shared.delete(owner));
  }

  releaseAll(owner: Owner): void {
    this.#release(owner, (lock) => {
      const held = lock.shared.delete(owner);
      if (lock.exclusive !== owner) return held;
      lock.exclusive = undefined;
      return true;
    });
  }

  #release(owner: Owner, drop: (lock: Lock) => boolean): void {
    for (const [id, lock] of this.#locks) {
      if (!drop(lock)) continue;
      this.#serve(lock);
      if (lock.exclusive === undefined && lock.shared.size === 0 && lock.queue.length === 0) this.#locks.delete(id);
    }
  }

  #lock(id: number): Lock {
    let lock = this.#locks.get(id);
    if (lock === undefined) this.#locks.set(id, (lock = { exclusive: undefined, shared: new Set(), queue: [] }));
    return lock;
  }

  #free(lock: Lock, owner: Owner, mode: Waiter['mode']): boolean {
    if (lock.exclusive !== undefined && lock.exclusive !== owner) return false;
    if (mode === 'shared') return true;
    return lock.shared.size === 0 || (lock.shared.size === 1 && lock.shared.has(owner));
  }

  #take(lock: Lock, owner: Owner, mode: Waiter['mode']): void {
    if (mode === 'exclusive') lock.exclusive = owner;
    else lock.shared.add(owner);
  }

  #serve(lock: Lock): void {
    for (let next = lock.queue[0]; next !== undefined; next = lock.queue[0]) {
      if (!this.#free(lock, next.owner, next.mode)) return;
      lock.queue.shift();
      this.#take(lock, next.owner, next.mode);
      next.grant();
    }
  }

  /** Follows who waits for whom; a wait that would close a ring makes its asker the victim. */
  #wouldDeadlock(asker: Owner, first: Lock): boolean {
    const seen = new Set<Lock>();
    const pending = [first];
    for (let lock = pending.pop(); lock !== undefined; lock = pending.pop()) {
      if (seen.has(lock)) continue;
      seen.add(lock);
      const holders = [...lock.shared, ...lock.queue.map((w) => w.owner)];
      if (lock.exclusive !== undefined) holders.push(lock.exclusive);
      for (const holder of holders) {
        if (holder === asker) {
          if (lock === first) continue;
          return true;
        }
        const next = this.#waits.get(holder);
        if (next !== undefined) pending.push(next);
      }
    }
    return this.#bothUpgrade(asker, first);
  }

  /** Two holders of the same shared lock that both want it exclusive wait for each other. */
  #bothUpgrade(asker: Owner, lock: Lock): boolean {
    return lock.shared.has(asker) && lock.queue.some((w) => w.mode === 'exclusive' && lock.shared.has(w.owner));
  }
}

const lockTimeout = () => sqlError(1222, 'Lock request time out period exceeded.', 51);

const deadlock = (spid: number) =>
  sqlError(
    1205,
    `Transaction (Process ID ${spid}) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction.`,
    51,
    13,
  );

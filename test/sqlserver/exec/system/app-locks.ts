import type { AppLocks } from './contract.ts';
import { areCompatible, union, type HeldMode } from './app-lock-modes.ts';

type Request = Parameters<AppLocks['acquire']>[0];
type Place = Parameters<AppLocks['release']>[0];
type Outcome = Awaited<ReturnType<AppLocks['acquire']>>;

interface Holding {
  readonly spid: number;
  readonly owner: Place['owner'];
  mode: HeldMode;
  /** sp_releaseapplock must be called as often as sp_getapplock. */
  count: number;
}

interface Waiter {
  readonly request: Request;
  readonly settle: (outcome: Outcome) => void;
}

interface Resource {
  readonly place: Pick<Place, 'databaseId' | 'principal' | 'resource'>;
  readonly holdings: Holding[];
  readonly waiters: Waiter[];
}

/**
 * The application locks of one server. exec/ makes one for all its sessions, calls {@link endTransaction} at COMMIT and
 * ROLLBACK of the outermost transaction and {@link endSession} when a session closes or is reset.
 */
export class ApplicationLocks implements AppLocks {
  readonly #resources = new Map<string, Resource>();

  async acquire(request: Request): Promise<Outcome> {
    if (request.signal.aborted) return -2;
    const resource = this.#resource(request);
    if (this.#mayHave(resource, request, resource.waiters)) {
      hold(resource, request);
      return 0;
    }
    if (request.timeoutMs === 0) {
      this.#forget(resource);
      return -1;
    }
    if (this.#wouldDeadlock(resource, request)) return -3;
    return this.#wait(resource, request);
  }

  release(place: Place): boolean {
    const resource = this.#resources.get(keyOf(place));
    const holding = resource?.holdings.find((one) => one.spid === place.spid && one.owner === place.owner);
    if (resource === undefined || holding === undefined) return false;
    holding.count -= 1;
    if (holding.count === 0) this.#drop(resource, (one) => one === holding);
    return true;
  }

  mode(place: Place): HeldMode | 'NoLock' {
    const resource = this.#resources.get(keyOf(place));
    return resource?.holdings.find((one) => one.spid === place.spid && one.owner === place.owner)?.mode ?? 'NoLock';
  }

  *held(): Generator<Place & { readonly mode: HeldMode }> {
    for (const { place, holdings } of this.#resources.values()) {
      for (const { spid, owner, mode } of holdings) yield { ...place, spid, owner, mode };
    }
  }

  *waiting(): Generator<Request & { readonly blockedBy: number }> {
    for (const resource of this.#resources.values()) {
      for (const { request } of resource.waiters) {
        yield { ...request, blockedBy: blockers(resource, request)[0] ?? 0 };
      }
    }
  }

  endTransaction(spid: number): void {
    this.#dropAll((one) => one.spid === spid && one.owner === 'Transaction');
  }

  endSession(spid: number): void {
    this.#dropAll((one) => one.spid === spid);
  }

  #resource(place: Place): Resource {
    const key = keyOf(place);
    const known = this.#resources.get(key);
    if (known !== undefined) return known;
    const { databaseId, principal, resource } = place;
    const made: Resource = { place: { databaseId, principal, resource }, holdings: [], waiters: [] };
    this.#resources.set(key, made);
    return made;
  }

  /** A session that already holds the resource converts its lock and does not queue behind those that wait. */
  #mayHave(resource: Resource, request: Request, ahead: readonly Waiter[]): boolean {
    if (blockers(resource, request).length > 0) return false;
    return ahead.length === 0 || resource.holdings.some((one) => one.spid === request.spid);
  }

  #wait(resource: Resource, request: Request): Promise<Outcome> {
    return new Promise((resolve) => {
      const abort = (): void => waiter.settle(-2);
      const timer =
        request.timeoutMs === undefined ? undefined : setTimeout(() => waiter.settle(-1), request.timeoutMs);
      const waiter: Waiter = {
        request,
        settle: (outcome) => {
          const place = resource.waiters.indexOf(waiter);
          if (place < 0) return;
          resource.waiters.splice(place, 1);
          clearTimeout(timer);
          request.signal.removeEventListener('abort', abort);
          resolve(outcome);
          // Whoever queued behind this one may be free to go now.
          this.#serve(resource);
        },
      };
      resource.waiters.push(waiter);
      request.signal.addEventListener('abort', abort);
    });
  }

  #serve(resource: Resource): void {
    for (const [i, waiter] of resource.waiters.entries()) {
      if (!this.#mayHave(resource, waiter.request, resource.waiters.slice(0, i))) continue;
      hold(resource, waiter.request);
      waiter.settle(1);
      return;
    }
    this.#forget(resource);
  }

  /** True when somebody this request would wait for waits, over others perhaps, for this session. */
  #wouldDeadlock(resource: Resource, request: Request): boolean {
    const seen = new Set<number>();
    const open = blockers(resource, request);
    for (let spid = open.pop(); spid !== undefined; spid = open.pop()) {
      if (spid === request.spid) return true;
      if (seen.has(spid)) continue;
      seen.add(spid);
      for (const other of this.#resources.values()) {
        for (const waiter of other.waiters) {
          if (waiter.request.spid === spid) open.push(...blockers(other, waiter.request));
        }
      }
    }
    return false;
  }

  #dropAll(match: (holding: Holding) => boolean): void {
    for (const resource of [...this.#resources.values()]) this.#drop(resource, match);
  }

  #drop(resource: Resource, match: (holding: Holding) => boolean): void {
    const kept = resource.holdings.filter((one) => !match(one));
    if (kept.length === resource.holdings.length) return;
    resource.holdings.splice(0, resource.holdings.length, ...kept);
    this.#serve(resource);
  }

  #forget(resource: Resource): void {
    if (resource.holdings.length === 0 && resource.waiters.length === 0) {
      this.#resources.delete(keyOf(resource.place));
    }
  }
}

/** Resource names differ by case and by trailing blanks, names of principals do not. */
const keyOf = ({ databaseId, principal, resource }: Resource['place']): string =>
  JSON.stringify([databaseId, principal.toLowerCase(), resource]);

function hold(resource: Resource, { spid, owner, mode }: Request): void {
  const own = resource.holdings.find((one) => one.spid === spid && one.owner === owner);
  if (own === undefined) {
    resource.holdings.push({ spid, owner, mode, count: 1 });
    return;
  }
  own.mode = union(own.mode, mode);
  own.count += 1;
}

/** Sessions whose locks stand against the request. unknown: locks of one session and of its transaction are taken as friends. */
function blockers(resource: Resource, request: Request): number[] {
  const own = resource.holdings.find((one) => one.spid === request.spid && one.owner === request.owner);
  const wanted = union(own?.mode, request.mode);
  return resource.holdings
    .filter((one) => one.spid !== request.spid && !areCompatible(wanted, one.mode))
    .map((one) => one.spid);
}

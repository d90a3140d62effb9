import { setTimeout as pause } from 'node:timers/promises';
import { isGone, mayPass } from './api-error.ts';
import type { ClusterApi, Selection } from './cluster-api.ts';
import type { Kind, Kinds } from './resources.ts';

export interface ObserveOptions<K extends Kind> {
  readonly api: ClusterApi;
  readonly kind: K;
  readonly selection: Selection;
  readonly signal: AbortSignal;
  /** Hears of all selected objects, at once and whenever one of them has changed. */
  readonly onState: (objects: readonly Kinds[K][]) => void;
}

const shortestPauseMs = 100;
const longestPauseMs = 5_000;
/** How long the API may be away: the work goes on without it, and what follows is the same as after a restart. */
const patienceMs = 5 * 60_000;

/**
 * Keeps looking at objects until the signal aborts. Whenever a watch ends (its time is up, the connection breaks, the
 * server has forgotten the version it began at: 410) all is listed anew, so nothing that happened in between is missed.
 * @throws ApiError when the worker may not look, or the API stays away
 */
export async function observe<K extends Kind>({
  api,
  kind,
  selection,
  signal,
  onState,
}: ObserveOptions<K>): Promise<void> {
  let lastHeard = Date.now();
  let wait = shortestPauseMs;
  while (!signal.aborted) {
    try {
      const listed = await api.list(kind, selection, signal);
      const objects = new Map(listed.items.map((object) => [nameOf(object), object]));
      const tell = (): void => onState([...objects.values()]);
      lastHeard = Date.now();
      tell();
      for await (const { type, object } of api.watch(kind, selection, listed.resourceVersion, signal)) {
        lastHeard = Date.now();
        wait = shortestPauseMs;
        if (type === 'BOOKMARK') continue;
        if (type === 'DELETED') objects.delete(nameOf(object));
        else objects.set(nameOf(object), object);
        tell();
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!mayPass(error) && !isGone(error)) throw error;
      if (Date.now() - lastHeard > patienceMs) throw error;
    }
    await pause(wait, undefined, { signal }).catch(() => undefined);
    wait = Math.min(wait * 2, longestPauseMs);
  }
}

function nameOf(object: Kinds[Kind]): string {
  return object.metadata?.name ?? '';
}

import type { FailureType } from '../../../../workflows/domain/failures.ts';
import type { ClusterApi } from '../api/cluster-api.ts';
import type { Pod } from '../api/resources.ts';
import { eventsOf } from './evidence.ts';
import type { Trouble } from './trouble.ts';

interface Reason {
  readonly type: FailureType;
  readonly why: string;
}

/** Decides how long a pod that does not run is waited for. */
export interface Patience {
  /** What has kept it for too long; null as long as it may pass. */
  exhausted(trouble: Trouble | null, pods: readonly Pod[]): Promise<Reason | null>;
}

interface PatienceOptions {
  readonly api: ClusterApi;
  readonly namespace: string;
  /** Job or StatefulSet that makes the pod. */
  readonly maker: string;
  /** What it is when the container itself cannot be started. */
  readonly failure: FailureType;
}

const words = {
  unschedulable: 'finds no node',
  image: 'cannot have its image',
  container: 'cannot start its container',
} as const satisfies Record<Trouble['kind'], string>;

const askMs = 2_000;
/** No pod at all: a quota or an admission refuses it, and keeps to that. */
const refusedMs = 3_000;
/** Another node may have to let go of a volume first. */
const unmountedMs = 90_000;

export function openPatience({ api, namespace, maker, failure }: PatienceOptions): Patience {
  const types = {
    unschedulable: 'Unschedulable',
    image: 'ImageUnavailable',
    container: failure,
  } as const satisfies Record<Trouble['kind'], FailureType>;
  const began = Date.now();
  let asked = began;
  let known: { readonly kind: Trouble['kind']; readonly since: number } | null = null;

  /** Why nothing happens is told by events alone. */
  async function fromEvents(pod: Pod | undefined, waited: number): Promise<Reason | null> {
    const events = await eventsOf(api, namespace, [pod?.metadata?.name ?? maker]);
    if (pod === undefined) {
      const refused = events.findLast(({ reason }) => reason === 'FailedCreate');
      if (refused === undefined || waited < refusedMs) return null;
      return { type: 'ClusterRefused', why: `gets no pod: ${refused.message}` };
    }
    const unmounted = events.findLast(({ reason }) => reason === 'FailedMount' || reason === 'FailedAttachVolume');
    if (unmounted === undefined || waited < unmountedMs) return null;
    return { type: 'VolumeUnavailable', why: `waits for its volumes: ${unmounted.message}` };
  }

  return {
    async exhausted(trouble, [pod]) {
      const now = Date.now();
      if (trouble !== null) {
        const { kind, why, patienceMs } = trouble;
        if (known?.kind !== kind) known = { kind, since: now };
        return now - known.since < patienceMs ? null : { type: types[kind], why: `${words[kind]}: ${why}` };
      }
      known = null;
      if (now - asked < askMs) return null;
      asked = now;
      return fromEvents(pod, now - began);
    },
  };
}

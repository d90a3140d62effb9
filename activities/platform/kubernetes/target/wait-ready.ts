import { failure } from '../../../failure.ts';
import type { ClusterApi } from '../api/cluster-api.ts';
import { observe } from '../api/observe.ts';
import type { ObjectRef, Pod } from '../api/resources.ts';
import { labels } from '../labels.ts';
import { openBell } from '../pods/bell.ts';
import { eventsOf, evidenceText, lastLines } from '../pods/evidence.ts';
import { openPatience } from '../pods/patience.ts';
import { containersOf, troubleOf, type ContainerStatus } from '../pods/trouble.ts';

interface WaitOptions {
  readonly api: ClusterApi;
  /** The StatefulSet. */
  readonly target: ObjectRef;
  readonly restoreId: string;
  readonly signal: AbortSignal;
  /** Takes secrets out of a log. */
  readonly mask: (text: string) => Promise<string>;
}

const lookAgainMs = 1_000;
/** A first start upgrades and recovers the system databases. */
const patienceMs = 10 * 60_000;
/** One end may be an accident. */
const mostRestarts = 2;

/** Waits until a target's pod is ready, or says why it will not be. */
export async function waitReady({ api, target, restoreId, signal, mask }: WaitOptions): Promise<void> {
  const { namespace, name } = target;
  const began = Date.now();
  const quit = new AbortController();
  const bell = openBell();
  const patience = openPatience({ api, namespace, maker: name, failure: 'TargetFailed' });
  let pods: readonly Pod[] | null = null;
  let broken: Error | null = null;
  signal.addEventListener('abort', bell.ring, { signal: quit.signal });
  observe({
    api,
    kind: 'pods',
    selection: { namespace, labels: { [labels.restore]: restoreId } },
    signal: AbortSignal.any([signal, quit.signal]),
    onState: (seen) => {
      pods = seen.filter((pod) => pod.metadata?.name === `${name}-0`);
      bell.ring();
    },
  }).catch((error: unknown) => {
    broken = error as Error;
    bell.ring();
  });
  try {
    for (;;) {
      signal.throwIfAborted();
      if (broken !== null) throw broken as Error;
      if (pods !== null) {
        const [pod] = pods as readonly Pod[];
        if (pod !== undefined && isReady(pod)) return;
        const crashed = pod === undefined ? undefined : containersOf(pod).find(keepsEnding);
        if (pod !== undefined && crashed !== undefined) throw await crash(pod, crashed);
        const trouble = pod === undefined ? null : troubleOf(pod);
        const isPending = pod === undefined || trouble !== null || pod.status?.phase === 'Pending';
        const reason = isPending ? await patience.exhausted(trouble, pods) : null;
        if (reason !== null)
          throw failure(reason.type, `The pod of ${name} ${reason.why}.${await told(pod, reason.why)}`);
        if (Date.now() - began > patienceMs) {
          throw failure(
            'TargetFailed',
            `The pod of ${name} is not ready after ${patienceMs / 60_000} minutes.${await told(pod, '')}`,
          );
        }
      }
      await bell.heard(lookAgainMs);
    }
  } finally {
    quit.abort();
  }

  async function told(pod: Pod | undefined, said: string): Promise<string> {
    const names = [name, ...(pod?.metadata?.name === undefined ? [] : [pod.metadata.name])];
    return evidenceText(said, await eventsOf(api, namespace, names), []);
  }

  async function crash(pod: Pod, { name: container, state, lastState }: ContainerStatus): Promise<Error> {
    const end = state?.terminated ?? lastState?.terminated;
    const ref = { namespace, name: pod.metadata?.name ?? '' };
    const lines = await lastLines(api, ref, container, state?.terminated === undefined);
    const why = `ends again and again, last with exit code ${end?.exitCode ?? '?'}${end?.reason ? ` (${end.reason})` : ''}`;
    const text = await mask(evidenceText(why, [], lines));
    return failure('TargetFailed', `The container ${container} of ${name} ${why}.${text}`);
  }
}

function isReady({ status, metadata }: Pod): boolean {
  const ready = status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
  return ready && metadata?.deletionTimestamp === undefined;
}

function keepsEnding({ state, restartCount }: ContainerStatus): boolean {
  const waits = state?.waiting?.reason === 'CrashLoopBackOff';
  return waits || (restartCount >= mostRestarts && (state?.terminated?.exitCode ?? 0) !== 0);
}

import type { Pod } from '../api/resources.ts';

/** Why a pod does not run, and how long that may be waited for. */
export interface Trouble {
  readonly kind: 'unschedulable' | 'image' | 'container';
  readonly why: string;
  /** It may pass by itself within this time. */
  readonly patienceMs: number;
}

/** Caches of the control plane see a new object a moment later. */
const shortMs = 3_000;
/** Room is made. */
const longMs = 30_000;
/** A kubelet tries again after ten seconds. */
const pullAgainMs = 15_000;

type Status = NonNullable<Pod['status']>;
export type ContainerStatus = NonNullable<Status['containerStatuses']>[number];

/** Null for a pod that runs, has run, or is on its way. */
export function troubleOf(pod: Pod): Trouble | null {
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False' && pod.spec?.nodeName === undefined) {
    const why = schedulersWords(scheduled.message ?? scheduled.reason ?? 'no node takes it');
    return { kind: 'unschedulable', why, patienceMs: mayMakeRoom(why) ? longMs : shortMs };
  }
  for (const status of containersOf(pod)) {
    const trouble = troubleOfContainer(status);
    if (trouble !== null) return trouble;
  }
  return null;
}

export function containersOf({ status }: Pod): readonly ContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
}

/** Without the end, which tells that pushing other pods out would not help. */
function schedulersWords(message: string): string {
  return message.replace(/[.,]? (no new claims to deallocate, )?preemption: .*$/s, '').replace(/\.$/, '');
}

/** Of kube-scheduler's reasons those that another pod's end, a new node or a new volume takes away. */
function mayMakeRoom(why: string): boolean {
  return /Insufficient|Too many pods|unbound immediate|didn't find available persistent volumes/i.test(why);
}

function troubleOfContainer({ image, state }: ContainerStatus): Trouble | null {
  const { reason = '', message = '' } = state?.waiting ?? {};
  switch (reason) {
    case 'ErrImagePull':
    case 'ImagePullBackOff':
    case 'ImageInspectError':
    case 'RegistryUnavailable':
      return pullTrouble(image, reason, message);
    case 'InvalidImageName':
    case 'ErrImageNeverPull':
      return { kind: 'image', why: `${image}: ${message || reason}`, patienceMs: 0 };
    case 'CreateContainerConfigError':
    case 'CreateContainerError':
    case 'RunContainerError':
      return { kind: 'container', why: `${reason}: ${message}`, patienceMs: shortMs };
    default:
      return null;
  }
}

/** A registry that says no says it again; one that does not answer may come back. */
function pullTrouble(image: string, reason: string, message: string): Trouble {
  const refused = /not ?found|unknown|unauthorized|denied|forbidden|does not exist|insufficient_scope/i.test(message);
  return { kind: 'image', why: `${image}: ${message || reason}`, patienceMs: refused ? 0 : pullAgainMs };
}

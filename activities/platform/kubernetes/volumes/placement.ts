import type { Claim, Pod } from '../api/resources.ts';
import { labels } from '../labels.ts';
import { claimOfVolume } from './root-mount.ts';

/** Where a pod that mounts some claims must run, and where it does best. */
export interface Placement {
  readonly required: string | null;
  readonly preferred: string | null;
}

interface PlaceOptions {
  /** That the pod mounts. */
  readonly claims: readonly Claim[];
  /** Of the namespace. */
  readonly pods: readonly Pod[];
  /** Claim beside which the pod does best, though it does not mount it. */
  readonly near?: string;
}

/**
 * A ReadWriteOnce volume that a pod uses can be mounted on that pod's node and on no other (Persistent Volumes, Access
 * Modes). Which nodes an unused volume can come to is the scheduler's knowledge, from the volume itself.
 * @returns a text when there is no such node
 */
export function place({ claims, pods, near }: PlaceOptions): Placement | string {
  const uses = claims
    .filter(isExclusive)
    .flatMap((claim) => usersOf(nameOf(claim), pods).map((pod) => ({ claim, pod })));
  const lasting = uses.filter(({ pod }) => !isExecutor(pod));
  const alone = lasting.find(({ claim }) => modesOf(claim).includes('ReadWriteOncePod'));
  if (alone !== undefined) {
    return `The claim ${nameOf(alone.claim)} is ReadWriteOncePod and is used by the pod ${nameOf(alone.pod)}, so no other pod can have it`;
  }
  const [first, ...others] = lasting;
  const elsewhere = others.find(({ pod }) => nodeOf(pod) !== nodeOf(first!.pod));
  if (first !== undefined && elsewhere !== undefined) {
    const tell = ({ claim, pod }: (typeof lasting)[number]): string =>
      `${nameOf(claim)} is attached to the node ${nodeOf(pod)} (pod ${nameOf(pod)})`;
    return `No node can mount both volumes, which are ReadWriteOnce: ${tell(first)}, and ${tell(elsewhere)}`;
  }
  if (first !== undefined) return { required: nodeOf(first.pod), preferred: null };
  const [neighbour] = near === undefined ? [] : usersOf(near, pods);
  const best = uses[0]?.pod ?? neighbour;
  return { required: null, preferred: best === undefined ? null : nodeOf(best) };
}

function modesOf(claim: Claim): readonly string[] {
  return claim.spec?.accessModes ?? [];
}

/** Its volume can be mounted on one node at a time. */
export function isExclusive(claim: Claim): boolean {
  return !modesOf(claim).some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany');
}

/** Pods that hold a claim's volume on a node, or are about to. */
function usersOf(claim: string, pods: readonly Pod[]): readonly Pod[] {
  return pods.filter(
    ({ spec, status }) =>
      spec?.nodeName !== undefined &&
      status?.phase !== 'Succeeded' &&
      status?.phase !== 'Failed' &&
      spec.volumes?.some((volume) => claimOfVolume(volume) === claim),
  );
}

/** Ends soon, and its volumes are free again. */
function isExecutor(pod: Pod): boolean {
  return pod.metadata?.labels?.[labels.component] === 'executor' && pod.metadata.labels[labels.start] !== undefined;
}

function nodeOf(pod: Pod): string {
  return pod.spec?.nodeName ?? '';
}

function nameOf(object: Claim | Pod): string {
  return object.metadata?.name ?? '';
}

import type { PodSpec } from '../api/resources.ts';
import type { LabelSelector, Relabel } from './relabel.ts';

type Affinity = NonNullable<PodSpec['affinity']>;
type Peers = NonNullable<Affinity['podAntiAffinity']>;

/** What keeps the source's pods apart shall keep the target's apart, and not the target from the source. */
export function copyAffinity(
  affinity: Affinity | undefined,
  relabel: Relabel,
  node: string | null,
): Affinity | undefined {
  const peers = (of: Peers): Peers => ({
    ...of,
    ...(of.requiredDuringSchedulingIgnoredDuringExecution && {
      requiredDuringSchedulingIgnoredDuringExecution: of.requiredDuringSchedulingIgnoredDuringExecution.map(
        relabelTerm(relabel),
      ),
    }),
    ...(of.preferredDuringSchedulingIgnoredDuringExecution && {
      preferredDuringSchedulingIgnoredDuringExecution: of.preferredDuringSchedulingIgnoredDuringExecution.map(
        (each) => ({
          ...each,
          podAffinityTerm: relabelTerm(relabel)(each.podAffinityTerm),
        }),
      ),
    }),
  });
  if (affinity === undefined && node === null) return undefined;
  return {
    ...affinity,
    ...(affinity?.podAffinity && { podAffinity: peers(affinity.podAffinity) }),
    ...(affinity?.podAntiAffinity && { podAntiAffinity: peers(affinity.podAntiAffinity) }),
    ...(node !== null && { nodeAffinity: pinned(affinity?.nodeAffinity, node) }),
  };
}

/** Terms are alternatives; the node is asked for in each. */
function pinned(nodeAffinity: Affinity['nodeAffinity'], node: string): NonNullable<Affinity['nodeAffinity']> {
  const here = { key: 'metadata.name', operator: 'In', values: [node] };
  const terms = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [{}];
  return {
    ...nodeAffinity,
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: terms.map((term) => ({ ...term, matchFields: [...(term.matchFields ?? []), here] })),
    },
  };
}

export function relabelTerm(relabel: Relabel) {
  return <T extends { readonly labelSelector?: LabelSelector }>(term: T): T =>
    term.labelSelector === undefined ? term : { ...term, labelSelector: relabel.selector(term.labelSelector) };
}

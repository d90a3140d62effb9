import type { Service, StatefulSet } from './api/resources.ts';

/** Label that the StatefulSet controller gives to every pod: its name. */
export const podNameLabel = 'statefulset.kubernetes.io/pod-name';

/** Does a Service lead to the pod of a StatefulSet? One without a selector leads wherever somebody wrote. */
export function selects({ spec }: Service, statefulSet: StatefulSet): boolean {
  const selector = Object.entries(spec?.selector ?? {});
  const pod: Readonly<Record<string, string>> = {
    ...statefulSet.spec?.template.metadata?.labels,
    [podNameLabel]: `${statefulSet.metadata?.name ?? ''}-0`,
    'apps.kubernetes.io/pod-index': '0',
  };
  return selector.length > 0 && selector.every(([key, value]) => pod[key] === value);
}

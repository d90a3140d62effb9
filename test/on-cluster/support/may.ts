import { groups, type Kind } from '../../../activities/platform/kubernetes/api/resources.ts';
import type { Right } from '../../../activities/platform/kubernetes/api/rights.ts';
import type { AuditEntry } from '../../cluster/audit.ts';

/** One verb on one resource, as text. */
export const rightText = ({ verb, resource }: Pick<Right, 'verb' | 'resource'>): string =>
  `${verb} ${groupOf(resource)}/${resource}`;

export const askedText = ({ verb, apiGroup, resource }: AuditEntry): string => `${verb} ${apiGroup}/${resource}`;

/** Of a SelfSubjectRulesReview (authorization.k8s.io/v1). */
export interface RulesReview {
  readonly status: {
    readonly incomplete: boolean;
    readonly resourceRules: readonly ResourceRule[];
  };
}

interface ResourceRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** What an account may do to which objects, without what everybody may: ask about itself. */
export function grantedTexts({ status }: RulesReview): readonly string[] {
  const texts = status.resourceRules.flatMap(({ verbs, apiGroups, resources, resourceNames = [] }) =>
    apiGroups
      .filter((group) => group !== 'authorization.k8s.io' && group !== 'authentication.k8s.io')
      .flatMap((group) =>
        resources.flatMap((resource) =>
          verbs.map((verb) => [`${verb} ${group}/${resource}`, ...resourceNames].join(' ')),
        ),
      ),
  );
  return [...new Set(texts)].sort();
}

function groupOf(resource: Right['resource']): string {
  return resource === 'pods/log' ? '' : groups[resource satisfies Kind];
}

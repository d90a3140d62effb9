import { groups, type Kind } from './resources.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'delete';

/** One verb on one resource, and what it is for. */
export interface Right {
  readonly resource: Kind | 'pods/log';
  readonly verb: Verb;
  /**
   * `run`: in every backup and restore; `large`: when a task's input does not fit into its pod; `retry`: when an attempt meets the Job of an earlier one; `target`: when a restore
   * makes or removes an instance; `failure`: to say why a pod does not run; `secret`: when temporal.yaml or a made
   * instance has its password in a Secret.
   */
  readonly when: 'run' | 'large' | 'retry' | 'target' | 'failure' | 'secret';
}

/**
 * Everything that the platform asks of the Kubernetes API, in the namespaces of the stores and instances. The chart's Role
 * grants this and no more, and a test compares it with what was really asked.
 */
export const rights: readonly Right[] = [
  { resource: 'jobs', verb: 'create', when: 'run' },
  { resource: 'jobs', verb: 'list', when: 'run' },
  { resource: 'jobs', verb: 'watch', when: 'run' },
  { resource: 'jobs', verb: 'delete', when: 'run' },
  { resource: 'jobs', verb: 'get', when: 'retry' },
  { resource: 'configmaps', verb: 'create', when: 'large' },
  { resource: 'pods', verb: 'list', when: 'run' },
  { resource: 'pods', verb: 'watch', when: 'run' },
  { resource: 'pods/log', verb: 'get', when: 'run' },
  { resource: 'persistentvolumeclaims', verb: 'get', when: 'run' },
  { resource: 'persistentvolumeclaims', verb: 'list', when: 'target' },
  { resource: 'persistentvolumeclaims', verb: 'delete', when: 'target' },
  { resource: 'statefulsets', verb: 'get', when: 'run' },
  { resource: 'statefulsets', verb: 'list', when: 'target' },
  { resource: 'statefulsets', verb: 'create', when: 'target' },
  { resource: 'statefulsets', verb: 'delete', when: 'target' },
  { resource: 'services', verb: 'list', when: 'run' },
  { resource: 'services', verb: 'create', when: 'target' },
  { resource: 'services', verb: 'delete', when: 'target' },
  { resource: 'secrets', verb: 'get', when: 'secret' },
  { resource: 'events', verb: 'list', when: 'failure' },
];

/** A rule as it stands in a Role (rbac.authorization.k8s.io/v1). */
export interface RoleRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly Verb[];
}

/** The Role's rules, one for each resource. */
export function roleRules(): readonly RoleRule[] {
  return [...Map.groupBy(rights, ({ resource }) => resource)].map(([resource, all]) => ({
    apiGroups: [resource === 'pods/log' ? '' : groups[resource]],
    resources: [resource],
    verbs: all.map(({ verb }) => verb),
  }));
}

import { readFile } from 'node:fs/promises';
import type { ClusterPlace } from './state.ts';

/** What service accounts ask of the API server, without their contents; those of Kubernetes itself are left out. */
export const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    { level: 'None', userGroups: ['system:serviceaccounts:kube-system'] },
    { level: 'Metadata', userGroups: ['system:serviceaccounts'] },
    { level: 'None' },
  ],
};

/** One request of a service account. */
export interface AuditEntry {
  /** `system:serviceaccount:<namespace>:<name>` */
  readonly user: string;
  readonly verb: string;
  /** Path and query of the request. */
  readonly uri: string;
  /** As a Role names it: `pods`, `pods/log`; null for a path that is not a resource. */
  readonly resource: string | null;
  readonly apiGroup: string;
  readonly namespace: string | null;
  readonly name: string | null;
  /** Status code of the answer: 403 is what a Role does not allow. */
  readonly code: number;
  readonly allowed: boolean;
  readonly at: string;
}

interface AuditEvent {
  readonly auditID: string;
  readonly user: { readonly username: string };
  readonly verb: string;
  readonly requestURI: string;
  readonly objectRef?: {
    resource?: string;
    subresource?: string;
    namespace?: string;
    name?: string;
    apiGroup?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  readonly annotations?: Readonly<Record<string, string>>;
  readonly requestReceivedTimestamp: string;
}

export const auditFile = (place: ClusterPlace): string => `${place.logs}/audit.log`;

/**
 * The requests of one service account, oldest first.
 * @param serviceAccount `<namespace>/<name>`
 */
export async function readAudit(place: ClusterPlace, serviceAccount: string): Promise<AuditEntry[]> {
  const [namespace, name] = serviceAccount.split('/');
  const user = `system:serviceaccount:${namespace}:${name}`;
  const text = await readFile(auditFile(place), 'utf8');
  return auditEntries(text).filter((entry) => entry.user === user);
}

/** A watch is told when it begins and when it ends: the last word counts. A line that is being written is left out. */
export function auditEntries(text: string): AuditEntry[] {
  const requests = new Map<string, AuditEvent>();
  for (const line of text.split('\n').slice(0, -1)) {
    const event = JSON.parse(line) as AuditEvent;
    requests.set(event.auditID, event);
  }
  return [...requests.values()].map(entryOf);
}

function entryOf({ user, verb, requestURI, objectRef, responseStatus, annotations, ...event }: AuditEvent): AuditEntry {
  const { resource, subresource } = objectRef ?? {};
  return {
    user: user.username,
    verb,
    uri: requestURI,
    resource: resource === undefined ? null : subresource === undefined ? resource : `${resource}/${subresource}`,
    apiGroup: objectRef?.apiGroup ?? '',
    namespace: objectRef?.namespace ?? null,
    name: objectRef?.name ?? null,
    code: responseStatus?.code ?? 0,
    allowed: annotations?.['authorization.k8s.io/decision'] === 'allow',
    at: event.requestReceivedTimestamp,
  };
}

import type {
  CoreV1Event,
  V1ConfigMap,
  V1Job,
  V1PersistentVolumeClaim,
  V1Pod,
  V1Secret,
  V1Service,
  V1StatefulSet,
} from '@kubernetes/client-node';

/** As it comes over the wire: the library's models have dates where JSON has texts. */
export type Json<T> = T extends Date ? string : T extends object ? { readonly [K in keyof T]: Json<T[K]> } : T;

export type Pod = Json<V1Pod>;
export type PodSpec = NonNullable<Pod['spec']>;
export type Job = Json<V1Job>;
export type ConfigMap = Json<V1ConfigMap>;
export type Claim = Json<V1PersistentVolumeClaim>;
export type StatefulSet = Json<V1StatefulSet>;
export type Service = Json<V1Service>;
export type Secret = Json<V1Secret>;
export type Event = Json<CoreV1Event>;

/** The kinds that the platform touches, by their plural. */
export interface Kinds {
  pods: Pod;
  jobs: Job;
  configmaps: ConfigMap;
  persistentvolumeclaims: Claim;
  statefulsets: StatefulSet;
  services: Service;
  secrets: Secret;
  events: Event;
}

export type Kind = keyof Kinds;

/** Empty for the core group. */
export const groups: Readonly<Record<Kind, string>> = {
  pods: '',
  jobs: 'batch',
  configmaps: '',
  persistentvolumeclaims: '',
  statefulsets: 'apps',
  services: '',
  secrets: '',
  events: '',
};

export interface ObjectRef {
  readonly namespace: string;
  readonly name: string;
}

/** Path of a collection, or of one object of it. */
export function pathOf(kind: Kind, namespace: string, name?: string): string {
  const group = groups[kind];
  const root = group === '' ? '/api/v1' : `/apis/${group}/v1`;
  const object = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  return `${root}/namespaces/${encodeURIComponent(namespace)}/${kind}${object}`;
}

/** apiVersion and kind of an object to be created. */
export function typeOf(kind: Kind): { readonly apiVersion: string; readonly kind: string } {
  const names: Readonly<Record<Kind, string>> = {
    pods: 'Pod',
    jobs: 'Job',
    configmaps: 'ConfigMap',
    persistentvolumeclaims: 'PersistentVolumeClaim',
    statefulsets: 'StatefulSet',
    services: 'Service',
    secrets: 'Secret',
    events: 'Event',
  };
  return { apiVersion: groups[kind] === '' ? 'v1' : `${groups[kind]}/v1`, kind: names[kind] };
}

import { instanceNamePattern } from '../../../workflows/domain/request.ts';
import type { ClusterSettings, KubernetesInstanceSettings } from '../../../workflows/domain/settings.ts';
import { failure } from '../../failure.ts';
import type { ClusterApi } from './api/cluster-api.ts';
import type { StatefulSet } from './api/resources.ts';
import { annotations, labels } from './labels.ts';
import { rootMount } from './volumes/root-mount.ts';

/** What the parts of the platform share. */
export interface Cluster {
  readonly settings: ClusterSettings;
  readonly api: ClusterApi;
}

/** An instance whose StatefulSet is there: declared in temporal.yaml, or made by a restore after the model of a declared one. */
export interface KnownInstance {
  readonly name: string;
  /** Of a made one: like its model's, with its own names. */
  readonly settings: KubernetesInstanceSettings;
  readonly statefulSet: StatefulSet;
  readonly made: { readonly restoreId: string; readonly source: string } | null;
}

/** Null when neither temporal.yaml nor a label knows the name, or what temporal.yaml names is not there. */
export async function findInstance(cluster: Cluster, name: string, signal: AbortSignal): Promise<KnownInstance | null> {
  const settings = declared(cluster, name);
  if (settings === null) return findMade(cluster, name, signal);
  const { namespace, statefulSet } = settings;
  const found = await cluster.api.get('statefulsets', { namespace, name: statefulSet }, signal);
  return found === null ? null : { name, settings, statefulSet: found, made: madeBy(found) };
}

export function declared({ settings }: Cluster, name: string): KubernetesInstanceSettings | null {
  return (Object.hasOwn(settings.instances, name) ? settings.instances[name] : null) ?? null;
}

async function findMade(cluster: Cluster, name: string, signal: AbortSignal): Promise<KnownInstance | null> {
  if (!instanceNamePattern.test(name)) return null;
  for (const namespace of namespacesOf(cluster)) {
    const { items } = await cluster.api.list(
      'statefulsets',
      { namespace, labels: { [labels.instance]: name } },
      signal,
    );
    for (const statefulSet of items) {
      const made = madeBy(statefulSet);
      const model = made === null ? null : declared(cluster, made.source);
      if (model !== null) return { name, settings: likeModel(model, statefulSet), statefulSet, made };
    }
  }
  return null;
}

/** @throws failure UnknownInstance */
export async function knownInstance(cluster: Cluster, name: string, signal: AbortSignal): Promise<KnownInstance> {
  const found = await findInstance(cluster, name, signal);
  if (found !== null) return found;
  const settings = declared(cluster, name);
  if (settings !== null) {
    const { namespace, statefulSet } = settings;
    throw failure(
      'UnknownInstance',
      `${name} is not there: the namespace ${namespace} has no StatefulSet ${statefulSet}`,
    );
  }
  const names = Object.keys(cluster.settings.instances).sort();
  throw failure(
    'UnknownInstance',
    `There is no instance ${JSON.stringify(name)}; temporal.yaml has ${names.join(', ')}`,
  );
}

/** Where instances may be. */
export function namespacesOf({ settings }: Cluster): readonly string[] {
  return [...new Set(Object.values(settings.instances).map(({ namespace }) => namespace))];
}

function madeBy({ metadata }: StatefulSet): KnownInstance['made'] {
  const restoreId = metadata?.labels?.[labels.restore];
  const source = metadata?.annotations?.[annotations.source];
  return restoreId === undefined || source === undefined ? null : { restoreId, source };
}

function likeModel(model: KubernetesInstanceSettings, statefulSet: StatefulSet): KubernetesInstanceSettings {
  const { service: _, ...rest } = model;
  const name = statefulSet.metadata?.name ?? '';
  return { ...rest, statefulSet: name, dataClaim: rootMount(statefulSet)?.claim ?? `data-${name}-0` };
}

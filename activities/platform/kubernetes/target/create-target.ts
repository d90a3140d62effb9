import { instanceNamePattern } from '../../../../workflows/domain/request.ts';
import { failure } from '../../../failure.ts';
import { isReason } from '../api/api-error.ts';
import type { Claim, Service, StatefulSet } from '../api/resources.ts';
import { loginOf } from '../endpoint.ts';
import { declared, findInstance, knownInstance, type Cluster, type KnownInstance } from '../instances.ts';
import { labels } from '../labels.ts';
import { isExclusive, place } from '../volumes/placement.ts';
import { claimOfVolume, podSpecOf } from '../volumes/root-mount.ts';
import { copyInstance, type CopiedInstance } from './copy-instance.ts';
import { renamer } from './rename.ts';
import { waitReady } from './wait-ready.ts';

export interface CreateOptions {
  readonly cluster: Cluster;
  readonly target: string;
  readonly source: string;
  readonly restoreId: string;
  readonly signal: AbortSignal;
}

/**
 * Makes an instance like the source, or finds what an earlier attempt began and goes on with it. One that is there for
 * another reason is left as it is.
 */
export async function createTarget(options: CreateOptions): Promise<{ readonly created: boolean }> {
  const { cluster, target, restoreId, signal } = options;
  const known = await findInstance(cluster, target, signal);
  if (known !== null && known.made?.restoreId !== restoreId) return { created: false };
  const made = known ?? (await make(options));
  const { namespace, statefulSet: name } = made.settings;
  const mask = (text: string): Promise<string> => withoutPassword(cluster, made, text);
  await waitReady({ api: cluster.api, target: { namespace, name }, restoreId, signal, mask });
  return { created: true };
}

async function make(options: CreateOptions): Promise<KnownInstance> {
  const { cluster, target, source, restoreId, signal } = options;
  if (!instanceNamePattern.test(target)) {
    throw failure('InvalidInput', `${JSON.stringify(target)} is not an instance name`);
  }
  const known = await knownInstance(cluster, source, signal);
  const copy = await copyOf(options, known);
  if (typeof copy === 'string') {
    throw failure(
      'TargetFailed',
      `The StatefulSet ${known.settings.statefulSet} of ${source} cannot be copied: ${copy}`,
    );
  }
  await refuseOldClaims(options, known.settings.namespace, copy.statefulSet);
  const { namespace } = known.settings;
  for (const service of copy.services) await createOwn(options, 'services', namespace, service);
  await createOwn(options, 'statefulsets', namespace, copy.statefulSet);
  const made = await findInstance(cluster, target, signal);
  if (made?.made?.restoreId === restoreId) return made;
  throw failure('TargetFailed', `The instance ${target} was removed while it was made`);
}

async function copyOf(
  { cluster, target, source, restoreId, signal }: CreateOptions,
  { settings, statefulSet, made }: KnownInstance,
): Promise<CopiedInstance | string> {
  const { api } = cluster;
  const { namespace } = settings;
  const store = cluster.settings.stores[settings.store];
  if (store === undefined) throw failure('UnknownInstance', `temporal.yaml has no store ${settings.store}`);
  const wanted = declared(cluster, target);
  if (wanted !== null && wanted.namespace !== namespace) {
    return `${target} is declared in the namespace ${wanted.namespace}, and its volumes are in ${namespace}`;
  }
  const claim = (name: string): Promise<Claim | null> => api.get('persistentvolumeclaims', { namespace, name }, signal);
  const names = (podSpecOf(statefulSet).volumes ?? []).flatMap((volume) => claimOfVolume(volume) ?? []);
  const [services, storeClaim, ...claims] = await Promise.all([
    api.list('services', { namespace }, signal),
    claim(store.claim),
    ...names.map(claim),
  ]);
  if (storeClaim === null)
    throw failure('Unschedulable', `The namespace ${namespace} has no PersistentVolumeClaim ${store.claim}`);
  const rename = renamer(source, target);
  return copyInstance({
    source: { name: source, statefulSet },
    services: services.items,
    claims: claims.filter((each) => each !== null),
    storeClaim: store.claim,
    target: { name: target, statefulSet: wanted?.statefulSet ?? rename(settings.statefulSet) },
    restoreId,
    model: made?.source ?? source,
    node: await nodeFor(cluster, namespace, storeClaim, settings.dataClaim, signal),
    rename,
  });
}

/** Where the store is, or, while nobody uses it, where the source's backups bring it: there a Job can mount both volumes. */
async function nodeFor(
  { api }: Cluster,
  namespace: string,
  store: Claim,
  near: string,
  signal: AbortSignal,
): Promise<string | null> {
  if (!isExclusive(store)) return null;
  const { items } = await api.list('pods', { namespace }, signal);
  const placed = place({ claims: [store], pods: items, near });
  if (typeof placed === 'string') throw failure('Unschedulable', placed);
  return (
    placed.required ?? placed.preferred ?? store.metadata?.annotations?.['volume.kubernetes.io/selected-node'] ?? null
  );
}

/** The claims of a StatefulSet outlive it, and another of its name takes them up: with another server's databases inside. */
async function refuseOldClaims(
  { cluster, target, restoreId, signal }: CreateOptions,
  namespace: string,
  { metadata, spec }: StatefulSet,
): Promise<void> {
  for (const template of spec?.volumeClaimTemplates ?? []) {
    const name = `${template.metadata?.name ?? ''}-${metadata?.name ?? ''}-0`;
    const old = await cluster.api.get('persistentvolumeclaims', { namespace, name }, signal);
    if (old === null || old.metadata?.labels?.[labels.restore] === restoreId) continue;
    throw failure(
      'TargetFailed',
      `The namespace ${namespace} still has the claim ${name} of an earlier ${target}; delete it when nobody needs it, or choose another target`,
    );
  }
}

async function createOwn(
  { cluster, restoreId, signal }: CreateOptions,
  kind: 'services' | 'statefulsets',
  namespace: string,
  object: Service | StatefulSet,
): Promise<void> {
  try {
    await cluster.api.create(kind, namespace, object, signal);
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw error;
    const name = object.metadata?.name ?? '';
    const ours = await cluster.api.list(kind, { namespace, labels: { [labels.restore]: restoreId } }, signal);
    if (ours.items.some(({ metadata }) => metadata?.name === name)) return;
    const what = kind === 'services' ? 'Service' : 'StatefulSet';
    throw failure(
      'TargetFailed',
      `The namespace ${namespace} has a ${what} ${name} that this restore did not make; declare the instance in temporal.yaml to restore to it`,
    );
  }
}

async function withoutPassword(cluster: Cluster, made: KnownInstance, text: string): Promise<string> {
  try {
    const { password } = await loginOf(cluster, made, made.name, AbortSignal.timeout(5_000));
    return text.replaceAll(password, '***');
  } catch {
    // Without the password nobody can tell whether the log holds it.
    return '';
  }
}

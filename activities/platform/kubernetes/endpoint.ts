import { failure } from '../../failure.ts';
import { readReference } from '../local/secret.ts';
import type { SqlEndpoint } from '../platform.ts';
import { ApiError } from './api/api-error.ts';
import type { Service, StatefulSet } from './api/resources.ts';
import { knownInstance, type Cluster, type KnownInstance } from './instances.ts';
import { resolveSecret, saPasswordOf } from './secret.ts';
import { selects } from './selects.ts';
import { rootMount } from './volumes/root-mount.ts';

/** The address of an instance inside of the cluster, where the worker runs, and its login. */
export async function endpointOf(cluster: Cluster, name: string, signal: AbortSignal): Promise<SqlEndpoint> {
  const known = await knownInstance(cluster, name, signal);
  const { namespace, port, tls } = known.settings;
  const whose = `instance ${name}`;
  const { encrypt, trustServerCertificate, caFile } = tls;
  const [service, login] = await Promise.all([
    serviceOf(cluster, known, signal),
    loginOf(cluster, known, whose, signal),
  ]);
  return {
    // Without the cluster's domain, which is not everywhere cluster.local: the pod's resolver completes it.
    host: `${service}.${namespace}.svc`,
    port,
    ...login,
    tls: {
      encrypt,
      trustServerCertificate,
      ...(caFile === undefined ? {} : { ca: await readReference(caFile, whose) }),
    },
  };
}

/** A new server has no login but sa, with the password that its own pod got it from. */
export async function loginOf(
  { api }: Cluster,
  { settings, statefulSet, made }: KnownInstance,
  whose: string,
  signal: AbortSignal,
): Promise<{ readonly user: string; readonly password: string }> {
  const { namespace, login } = settings;
  const place = { api, namespace, whose, signal };
  if (made === null) return { user: login.user, password: await resolveSecret(login.password, place) };
  const container = rootMount(statefulSet)?.container;
  const own = container === undefined ? null : saPasswordOf(container);
  if (own !== null && 'value' in own) return { user: 'sa', password: own.value };
  try {
    return { user: 'sa', password: await resolveSecret(own ?? login.password, place) };
  } catch (error) {
    // The worker need not be allowed to read that Secret: where it logs in as sa it has been given the password already.
    if (login.user !== 'sa' || !(error instanceof ApiError && error.status === 403)) throw error;
    return { user: 'sa', password: await resolveSecret(login.password, place) };
  }
}

async function serviceOf(cluster: Cluster, known: KnownInstance, signal: AbortSignal): Promise<string> {
  const { namespace, service, port } = known.settings;
  if (service !== undefined) return service;
  const { items } = await cluster.api.list('services', { namespace }, signal);
  const found = chooseService(known.statefulSet, items, port);
  if (found !== null) return found;
  throw failure(
    'UnknownInstance',
    `The namespace ${namespace} has no Service with the port ${port} that selects the pods of ${known.settings.statefulSet}; name the Service of ${known.name}, or its port, in temporal.yaml`,
  );
}

/** One with an address of its own before one without: that of a pod changes when the pod does. */
export function chooseService(statefulSet: StatefulSet, services: readonly Service[], port: number): string | null {
  const fitting = services.filter(
    (service) => selects(service, statefulSet) && service.spec?.ports?.some((each) => each.port === port),
  );
  const rank = ({ spec, metadata }: Service): number =>
    (spec?.clusterIP === 'None' ? 2 : 0) + (metadata?.name === statefulSet.spec?.serviceName ? 0 : 1);
  const [best] = fitting.sort(
    (a, b) => rank(a) - rank(b) || ((a.metadata?.name ?? '') < (b.metadata?.name ?? '') ? -1 : 1),
  );
  return best?.metadata?.name ?? null;
}

import { failure } from '../../../failure.ts';
import type { PodSpec, StatefulSet } from '../api/resources.ts';
import { declared, findInstance, knownInstance, type Cluster, type KnownInstance } from '../instances.ts';
import { isExclusive, place, type Placement } from './placement.ts';
import { podSpecOf, rootMount } from './root-mount.ts';

/** What an executor needs to know of the place that it works in. */
export interface Site {
  readonly namespace: string;
  readonly storeClaim: string;
  /** The instance's volume; null for work on the store alone. */
  readonly sql: { readonly claim: string; readonly subPath: string | null } | null;
  readonly placement: Placement;
  /** Of the server's pod: what may run on its node. */
  readonly tolerations: NonNullable<PodSpec['tolerations']>;
  readonly user: ExecutorUser;
}

export interface ExecutorUser {
  readonly uid: number;
  readonly gid: number;
  readonly fsGroup: number;
  readonly groups: readonly number[];
}

/** Configure SQL Server containers, Build and run non-root: mssql is uid 10001 in the root group. */
const mssqlUser: ExecutorUser = { uid: 10001, gid: 0, fsGroup: 10001, groups: [] };

/** Where the volume of an instance and the store of another, or of itself, can both be mounted. */
export async function siteOfInstance(
  cluster: Cluster,
  instance: string,
  storeOf: string,
  signal: AbortSignal,
): Promise<Site> {
  const known = await knownInstance(cluster, instance, signal);
  const keeper = declared(cluster, storeOf) ?? (await knownInstance(cluster, storeOf, signal)).settings;
  const { namespace } = known.settings;
  const store = storeClaimOf(cluster, keeper.store);
  if (store.namespace !== namespace) {
    throw failure(
      'InvalidInput',
      `${instance} is in the namespace ${namespace}, and the store of ${storeOf} in ${store.namespace}: no pod can mount both`,
    );
  }
  const sql = checkedMount(known);
  const placement = await placementOf(cluster, namespace, [store.claim, sql.claim], signal);
  return { namespace, storeClaim: store.claim, sql, placement, ...ofServer(known.statefulSet) };
}

/** Where a store can be mounted. The store is enough: its instance may be gone. */
export async function siteOfStore(cluster: Cluster, source: string, signal: AbortSignal): Promise<Site> {
  const known = await findInstance(cluster, source, signal);
  const settings =
    known?.settings ?? declared(cluster, source) ?? (await knownInstance(cluster, source, signal)).settings;
  const { namespace, claim } = storeClaimOf(cluster, settings.store);
  const placement = await placementOf(cluster, namespace, [claim], signal, settings.dataClaim);
  return { namespace, storeClaim: claim, sql: null, placement, ...ofServer(known?.statefulSet ?? null) };
}

function storeClaimOf({ settings }: Cluster, name: string): { readonly namespace: string; readonly claim: string } {
  const store = settings.stores[name];
  if (store !== undefined) return store;
  throw failure('UnknownInstance', `temporal.yaml has no store ${name}`);
}

function checkedMount({ name, settings, statefulSet }: KnownInstance): NonNullable<Site['sql']> {
  const mount = rootMount(statefulSet);
  if (mount === null) {
    throw failure(
      'InvalidInput',
      `No container of the StatefulSet ${settings.statefulSet} of ${name} has a claim mounted at /var/opt/mssql, where backups are staged`,
    );
  }
  if (mount.claim !== settings.dataClaim) {
    throw failure(
      'InvalidInput',
      `dataClaim of ${name} is ${settings.dataClaim}, and its StatefulSet ${settings.statefulSet} has ${mount.claim} at /var/opt/mssql`,
    );
  }
  return { claim: mount.claim, subPath: mount.subPath };
}

async function placementOf(
  { api }: Cluster,
  namespace: string,
  names: readonly string[],
  signal: AbortSignal,
  near?: string,
): Promise<Placement> {
  const claims = await Promise.all(
    names.map(async (name) => {
      const claim = await api.get('persistentvolumeclaims', { namespace, name }, signal);
      if (claim !== null) return claim;
      throw failure('Unschedulable', `The namespace ${namespace} has no PersistentVolumeClaim ${name}`);
    }),
  );
  const pods = claims.some(isExclusive) ? (await api.list('pods', { namespace }, signal)).items : [];
  const placed = place({ claims, pods, ...(near === undefined ? {} : { near }) });
  if (typeof placed === 'string') throw failure('Unschedulable', placed);
  return placed;
}

/** The executor is the user that the server is, so that each can use the other's files; never root. */
function ofServer(statefulSet: StatefulSet | null): Pick<Site, 'tolerations' | 'user'> {
  if (statefulSet === null) return { tolerations: [], user: mssqlUser };
  const spec = podSpecOf(statefulSet);
  const ofPod = spec.securityContext;
  const ofContainer = rootMount(statefulSet)?.container.securityContext;
  return {
    tolerations: spec.tolerations ?? [],
    user: {
      uid: (ofContainer?.runAsUser ?? ofPod?.runAsUser) || mssqlUser.uid,
      gid: ofContainer?.runAsGroup ?? ofPod?.runAsGroup ?? mssqlUser.gid,
      fsGroup: ofPod?.fsGroup ?? mssqlUser.fsGroup,
      groups: ofPod?.supplementalGroups ?? mssqlUser.groups,
    },
  };
}

import type { KubeObject } from '../api.ts';
import { provisionerName } from './classes.ts';
import { bytesOf } from './quantity.ts';

export interface Claim extends KubeObject {
  readonly spec: {
    readonly accessModes: readonly string[];
    readonly storageClassName?: string;
    readonly volumeName?: string;
    readonly resources: { readonly requests: { readonly storage: string } };
  };
}

export interface Volume extends KubeObject {
  readonly spec: {
    readonly storageClassName: string | undefined;
    readonly capacity: { readonly storage: string };
    readonly local?: { readonly path: string };
    readonly nodeAffinity?: {
      readonly required: {
        readonly nodeSelectorTerms: readonly {
          readonly matchExpressions: readonly { readonly values: readonly string[] }[];
        }[];
      };
    };
  };
  readonly status?: { readonly phase?: string };
}

export interface VolumeOrder {
  readonly name: string;
  readonly node: string;
  /** Null: no limit but the disk's. */
  readonly bytes: number | null;
}

/** The volume that this claim waits for, or null when it waits for nothing, or for somebody else. */
export function volumeOrder(claim: Claim, limited: boolean): VolumeOrder | { readonly refused: string } | null {
  const { annotations = {}, uid } = claim.metadata;
  const node = annotations['volume.kubernetes.io/selected-node'];
  if (claim.spec.volumeName || annotations['volume.kubernetes.io/storage-provisioner'] !== provisionerName) return null;
  if (node === undefined || uid === undefined) return null;
  const odd = claim.spec.accessModes.find((mode) => !mode.startsWith('ReadWriteOnce'));
  if (odd !== undefined)
    return { refused: `A volume of one node cannot be ${odd}: only ReadWriteOnce(Pod) is supported.` };
  return { name: `pvc-${uid}`, node, bytes: limited ? bytesOf(claim.spec.resources.requests.storage) : null };
}

/** A volume that pods can use on its node only, and nowhere else. */
export function volumeFor(claim: Claim, { name, node }: VolumeOrder, path: string): Volume {
  const { name: claimName, namespace, uid } = claim.metadata;
  const spec = {
    storageClassName: claim.spec.storageClassName,
    capacity: { storage: claim.spec.resources.requests.storage },
    accessModes: claim.spec.accessModes,
    persistentVolumeReclaimPolicy: 'Delete',
    claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: claimName, namespace, uid },
    local: { path },
    nodeAffinity: {
      required: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] }],
      },
    },
  };
  return { metadata: { name, annotations: { 'pv.kubernetes.io/provisioned-by': provisionerName } }, spec };
}

/** Its claim has gone, and it is ours to delete. */
export function isToBeDeleted({ metadata, status }: Volume): boolean {
  return metadata.annotations?.['pv.kubernetes.io/provisioned-by'] === provisionerName && status?.phase === 'Released';
}

export function nodeOf({ spec }: Volume): string | null {
  return spec.nodeAffinity?.required.nodeSelectorTerms[0]?.matchExpressions[0]?.values[0] ?? null;
}

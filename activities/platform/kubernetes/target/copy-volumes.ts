import type { Claim, PodSpec, StatefulSet } from '../api/resources.ts';
import { claimOfVolume, podSpecOf } from '../volumes/root-mount.ts';

type Template = NonNullable<NonNullable<StatefulSet['spec']>['volumeClaimTemplates']>[number];
type Volume = NonNullable<PodSpec['volumes']>[number];
type Container = PodSpec['containers'][number];

interface CopyVolumesOptions {
  readonly statefulSet: StatefulSet;
  readonly storeClaim: string;
  /** The claims that its pod names itself. */
  readonly claims: readonly Claim[];
  readonly labels: Readonly<Record<string, string>>;
}

export interface CopiedVolumes {
  readonly volumes: readonly Volume[];
  readonly templates: readonly Template[];
  /** Volumes that the copy does without. */
  readonly dropped: ReadonlySet<string>;
}

/**
 * Volumes of a target's pod. Two servers must never write to one volume, so every claim becomes a new, empty one like
 * it; the backup store is left out, as the server has no use for it. Secrets and settings are the source's.
 * @returns a text when the source's volumes cannot be had twice
 */
export function copyVolumes(options: CopyVolumesOptions): CopiedVolumes | string {
  const { statefulSet, storeClaim, claims, labels } = options;
  const { volumes = [] } = podSpecOf(statefulSet);
  const readOnly = readOnlyVolumes(podSpecOf(statefulSet));
  const kept: Volume[] = [];
  const own: Template[] = [];
  const dropped = new Set<string>();
  for (const volume of volumes) {
    const claimName = claimOfVolume(volume);
    if (volume.hostPath !== undefined && !readOnly.has(volume.name)) {
      return `its volume ${volume.name} is the folder ${volume.hostPath.path} of a node, which two servers cannot share`;
    }
    if (claimName === storeClaim) dropped.add(volume.name);
    else if (claimName === null || readOnly.has(volume.name)) kept.push(volume);
    else {
      const claim = claims.find(({ metadata }) => metadata?.name === claimName);
      if (claim === undefined) return `its claim ${claimName} is not there`;
      own.push(template(volume.name, claim.spec ?? {}, labels));
    }
  }
  const templates = statefulSet.spec?.volumeClaimTemplates ?? [];
  return {
    volumes: kept,
    templates: [...templates.map(({ metadata, spec }) => template(metadata?.name ?? '', spec ?? {}, labels)), ...own],
    dropped,
  };
}

/** Without what binds a claim to the source's volume, or fills it with the source's data. */
function template(name: string, spec: NonNullable<Claim['spec']>, labels: Readonly<Record<string, string>>): Template {
  const { volumeName: _volume, dataSource: _source, dataSourceRef: _ref, ...rest } = spec;
  return { metadata: { name, labels }, spec: rest };
}

/** Volumes that no container can write to. */
function readOnlyVolumes({ containers, initContainers = [], volumes = [] }: PodSpec): ReadonlySet<string> {
  const all: readonly Container[] = [...containers, ...initContainers];
  const written = new Set(
    all.flatMap(({ volumeMounts = [] }) => volumeMounts.filter((mount) => !mount.readOnly).map(({ name }) => name)),
  );
  const isReadOnly = (volume: Volume): boolean => volume.persistentVolumeClaim?.readOnly ?? !written.has(volume.name);
  return new Set(volumes.filter(isReadOnly).map(({ name }) => name));
}

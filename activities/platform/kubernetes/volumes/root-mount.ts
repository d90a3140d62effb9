import { mounts } from '../../../executor/program/tasks.ts';
import type { PodSpec, StatefulSet } from '../api/resources.ts';

export type Container = PodSpec['containers'][number];
type Volume = NonNullable<PodSpec['volumes']>[number];

/** How the server's container sees its volume. */
export interface RootMount {
  readonly container: Container;
  readonly volume: string;
  readonly claim: string;
  readonly subPath: string | null;
}

/** The container that has a claim as /var/opt/mssql: that is SQL Server, whatever it is called. Null when none has. */
export function rootMount(statefulSet: StatefulSet): RootMount | null {
  const spec = podSpecOf(statefulSet);
  for (const container of spec.containers) {
    for (const { mountPath, name: volume, subPath } of container.volumeMounts ?? []) {
      const claim = mountPath.replace(/\/+$/, '') === mounts.sql ? claimOf(statefulSet, volume) : null;
      if (claim !== null) return { container, volume, claim, subPath: subPath || null };
    }
  }
  return null;
}

export function podSpecOf(statefulSet: StatefulSet): PodSpec {
  return statefulSet.spec?.template.spec ?? { containers: [] };
}

/** StatefulSets, Stable Storage: a claim of a template is called `<template>-<pod>`. */
function claimOf(statefulSet: StatefulSet, volume: string): string | null {
  const templates = statefulSet.spec?.volumeClaimTemplates ?? [];
  if (templates.some(({ metadata }) => metadata?.name === volume)) {
    return `${volume}-${statefulSet.metadata?.name ?? ''}-0`;
  }
  return claimOfVolume(podSpecOf(statefulSet).volumes?.find(({ name }) => name === volume));
}

export function claimOfVolume(volume: Volume | undefined): string | null {
  return volume?.persistentVolumeClaim?.claimName ?? null;
}

import type { PodSpec } from '../api/resources.ts';
import { copyAffinity, relabelTerm } from './copy-affinity.ts';
import type { CopiedVolumes } from './copy-volumes.ts';
import type { Relabel } from './relabel.ts';

type Container = PodSpec['containers'][number];

/** The source's pod with the target's volumes, on the node of the target. */
export function copyPodSpec(spec: PodSpec, volumes: CopiedVolumes, relabel: Relabel, node: string | null): PodSpec {
  const { nodeName: _node, hostname: _host, affinity, topologySpreadConstraints, ...rest } = spec;
  const container = (each: Container): Container => ({
    ...each,
    ...(each.volumeMounts && { volumeMounts: each.volumeMounts.filter(({ name }) => !volumes.dropped.has(name)) }),
    ...(each.ports && { ports: each.ports.map(({ hostPort: _, ...port }) => port) }),
  });
  const placed = copyAffinity(affinity, relabel, node);
  return {
    ...rest,
    containers: spec.containers.map(container),
    ...(spec.initContainers && { initContainers: spec.initContainers.map(container) }),
    volumes: volumes.volumes,
    ...(placed === undefined ? {} : { affinity: placed }),
    ...(topologySpreadConstraints && {
      topologySpreadConstraints: topologySpreadConstraints.map(relabelTerm(relabel)),
    }),
  };
}

import type { Claim, Service, StatefulSet } from '../api/resources.ts';
import { annotations, labels, product } from '../labels.ts';
import { selects } from '../selects.ts';
import { podSpecOf } from '../volumes/root-mount.ts';
import { copyPodSpec } from './copy-pod-spec.ts';
import { copyVolumes } from './copy-volumes.ts';
import { relabeller, type Relabel } from './relabel.ts';
import type { Rename } from './rename.ts';

export interface CopyOptions {
  readonly source: { readonly name: string; readonly statefulSet: StatefulSet };
  /** Services of the namespace. */
  readonly services: readonly Service[];
  /** Claims that the source's pod names itself. */
  readonly claims: readonly Claim[];
  readonly storeClaim: string;
  readonly target: { readonly name: string; readonly statefulSet: string };
  readonly restoreId: string;
  /** Declared instance that the target is like. */
  readonly model: string;
  /** Node where the target's volume and the store can both be mounted; null where that does not matter. */
  readonly node: string | null;
  readonly rename: Rename;
}

export interface CopiedInstance {
  readonly services: readonly Service[];
  readonly statefulSet: StatefulSet;
}

/**
 * An instance of its own, made from a source's StatefulSet and Services whichever chart or operator wrote them: other
 * names, labels and volumes, and the same image, resources, probes and Secrets. It is empty, has no schedules, belongs to
 * no release or operator, and is reached from inside of the cluster only.
 * @returns a text when it cannot be made
 */
export function copyInstance(options: CopyOptions): CopiedInstance | string {
  const { source, services, target, rename } = options;
  const { statefulSet } = source;
  const spec = statefulSet.spec;
  if (spec === undefined) return 'it has no spec';
  if (podSpecOf(statefulSet).hostNetwork)
    return 'its pod uses the network of its node, where two servers cannot have one port';

  const selecting = services.filter((service) => selects(service, statefulSet));
  const namesOf = (objects: readonly (Service | StatefulSet)[]) =>
    objects.flatMap(({ metadata }) => metadata?.name ?? []);
  const relabel = relabeller({
    names: [source.name, ...namesOf([statefulSet, ...selecting])],
    rename,
    selectors: [spec.selector.matchLabels ?? {}, ...selecting.map((service) => service.spec?.selector ?? {})],
    podName: `${target.statefulSet}-0`,
  });
  const own = { [labels.instance]: target.name, [labels.restore]: options.restoreId };
  const volumes = copyVolumes({ ...options, statefulSet, labels: own });
  if (typeof volumes === 'string') return volumes;

  const metadata = (name: string) => ({
    name,
    labels: { ...own, [labels.managedBy]: product },
    annotations: { [annotations.source]: options.model },
  });
  const { persistentVolumeClaimRetentionPolicy: _policy, ordinals: _ordinals, ...rest } = spec;
  const pod = spec.template.metadata;
  return {
    services: selecting.map((service) => ({
      metadata: metadata(rename(service.metadata?.name ?? '')),
      spec: serviceSpec(service, relabel),
    })),
    statefulSet: {
      metadata: metadata(target.statefulSet),
      spec: {
        ...rest,
        replicas: 1,
        ...(spec.serviceName === undefined ? {} : { serviceName: rename(spec.serviceName) }),
        selector: relabel.selector(spec.selector),
        volumeClaimTemplates: volumes.templates,
        template: {
          metadata: {
            labels: { ...relabel(pod?.labels ?? {}), ...own },
            ...(pod?.annotations === undefined ? {} : { annotations: pod.annotations }),
          },
          spec: copyPodSpec(podSpecOf(statefulSet), volumes, relabel, options.node),
        },
      },
    },
  };
}

type ServiceSpec = NonNullable<Service['spec']>;

/** Inside of the cluster only: whoever restores does not mean to publish. */
function serviceSpec({ spec = {} }: Service, relabel: Relabel): ServiceSpec {
  const { ports, selector, publishNotReadyAddresses, clusterIP, ipFamilyPolicy } = spec;
  return {
    type: 'ClusterIP',
    ...(clusterIP === 'None' ? { clusterIP } : {}),
    ...(ipFamilyPolicy === undefined ? {} : { ipFamilyPolicy }),
    ...(publishNotReadyAddresses === undefined ? {} : { publishNotReadyAddresses }),
    selector: relabel(selector ?? {}),
    ports: (ports ?? []).map(({ nodePort: _, ...port }) => port),
  };
}

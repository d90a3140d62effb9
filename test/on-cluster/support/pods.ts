import type { OwnCluster } from '../../cluster/cluster.ts';
import { until } from '../../support/until.ts';

export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly { readonly name: string; readonly securityContext?: object }[];
  };
  readonly status: {
    readonly podIP?: string;
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

export interface PodsOptions {
  readonly own: OwnCluster;
  readonly namespace: string;
  readonly kubectl: (...args: string[]) => Promise<string>;
}

export interface Pods {
  list(selector?: string): Promise<readonly Pod[]>;
  /** One that is ready, and is not the one of a uid. */
  ready(name: string, not?: string): Promise<Pod>;
  /** Dies on the spot, as by a power cut of its own, and is made anew by whoever made it. */
  kill(pod: Pod): Promise<void>;
  workers(): Promise<readonly Pod[]>;
}

export function podsOf({ own, namespace, kubectl }: PodsOptions): Pods {
  const list = async (selector?: string): Promise<readonly Pod[]> => {
    const text = await kubectl('get', 'pods', '-o', 'json', ...(selector === undefined ? [] : ['-l', selector]));
    return (JSON.parse(text) as { items: Pod[] }).items;
  };
  return {
    list,
    ready: (name, not) =>
      until(
        `the pod ${name}`,
        async () =>
          (await list()).find(({ metadata, status }) => {
            const isReady = status.conditions?.some((each) => each.type === 'Ready' && each.status === 'True');
            return isReady && metadata.name === name && metadata.uid !== not && !metadata.deletionTimestamp;
          }),
        120_000,
      ),
    async kill({ metadata: { name } }) {
      await own.killContainers(namespace, name);
      // Else the next one of its containers would wait, longer with every kill.
      await kubectl('delete', 'pod', name, '--grace-period=0', '--force', '--wait=false');
    },
    workers: async () =>
      (await list('app.kubernetes.io/component=worker')).filter((pod) => !pod.metadata.deletionTimestamp),
  };
}

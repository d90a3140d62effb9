import type { AuditEntry } from './audit.ts';

/** A Kubernetes cluster that tests run against. */
export interface Cluster {
  /** Path of a kubeconfig with all rights. */
  readonly kubeconfig: string;
  /** Runs kubectl with it, and returns what it says. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  helm(args: readonly string[], input?: string): Promise<string>;
  /** Puts the image of a docker-archive onto every node, or onto those named. */
  loadImage(archive: string, nodes?: readonly string[]): Promise<void>;
  /** What only a cluster offers that we have made ourselves; null for one that was given by KUBECONFIG. */
  readonly own: OwnCluster | null;
  /** Ends the cluster, when it was started for the caller. */
  stop(): Promise<void>;
}

export interface StartedCluster extends Cluster {
  readonly own: OwnCluster;
}

export interface OwnCluster {
  readonly name: string;
  /** Address of this machine that pods reach. */
  readonly gateway: string;
  readonly nodes: readonly ClusterNode[];
  readonly apiServer: Part;
  /** Logs of every part and every pod. */
  readonly logs: string;
  /** Ends all processes of a pod's containers at once; Kubernetes hears of it afterwards. */
  killContainers(namespace: string, pod: string): Promise<void>;
  /**
   * What a service account asked of the API server, oldest first.
   * @param serviceAccount `<namespace>/<name>`
   */
  audit(serviceAccount: string): Promise<AuditEntry[]>;
  /** Of a claim: where this machine sees the volume's files. */
  volumePath(namespace: string, claim: string): Promise<string>;
  /** Of a claim of storage class `limited`: gives its volume another size, at once. */
  resizeVolume(namespace: string, claim: string, bytes: number): Promise<void>;
}

/** Something that can be killed, as by a power cut, and started again. */
export interface Part {
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** The node itself: all its processes, mounts and links. Its disks stay, but volumes of class `limited` come back empty. */
export interface ClusterNode extends Part {
  readonly name: string;
  readonly address: string;
  /** Its containers run on without it. */
  readonly kubelet: Part;
}

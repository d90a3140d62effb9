import type { RetentionPolicy } from './retention.ts';
import type { DeclaredSchedules } from './schedule.ts';

/** What temporal.yaml says, checked and with every default filled in. Read by client/config.ts. */
export interface Settings {
  readonly taskQueue: string;
  readonly limits: Limits;
  readonly stores: Readonly<Record<string, StoreSettings>>;
  readonly instances: Readonly<Record<string, InstanceSettings>>;
  /** What is done by the clock; absent when nothing is declared. */
  readonly schedules?: DeclaredSchedules;
  /** How far back the backups of an instance are kept; those of one that is not named here are kept for ever. */
  readonly retention?: Readonly<Record<string, RetentionPolicy>>;
  /** How executors run; there when stores and instances are on Kubernetes. */
  readonly kubernetes?: KubernetesSettings;
}

/** Settings whose stores and instances are on one platform, as they all are: the file is refused else. */
export interface LocalSettings extends Settings {
  readonly stores: Readonly<Record<string, LocalStoreSettings>>;
  readonly instances: Readonly<Record<string, LocalInstanceSettings>>;
}

export interface ClusterSettings extends Settings {
  readonly stores: Readonly<Record<string, KubernetesStoreSettings>>;
  readonly instances: Readonly<Record<string, KubernetesInstanceSettings>>;
  readonly kubernetes: KubernetesSettings;
}

export function areLocal(settings: Settings): settings is LocalSettings {
  return Object.values(settings.instances).every(({ platform }) => platform === 'local');
}

export function areOnCluster(settings: Settings): settings is ClusterSettings {
  const all = Object.values(settings.instances).every(({ platform }) => platform === 'kubernetes');
  return all && settings.kubernetes !== undefined;
}

export interface Limits {
  /** Databases of one instance that are backed up at the same time. */
  readonly backupsAtOnce: number;
  /** Databases of one restore that are restored at the same time. */
  readonly restoresAtOnce: number;
  /** Log backups that one activity restores. */
  readonly logsPerSlice: number;
  /** Activities that one worker runs at the same time, 32 when absent; that times the number of workers holds for the fleet. */
  readonly activitiesAtOnce?: number | undefined;
  /** Activities that all workers together begin in a second. */
  readonly activitiesPerSecond?: number | undefined;
  /** Databases that one run gives another kind of backup than asked for, to make their chains whole; the others wait. */
  readonly mendsPerRun: number;
}

export type StoreSettings = LocalStoreSettings | KubernetesStoreSettings;
export type InstanceSettings = LocalInstanceSettings | KubernetesInstanceSettings;

export interface LocalStoreSettings {
  readonly platform: 'local';
  /** Folder of the store on this host. */
  readonly path: string;
}

export interface KubernetesStoreSettings {
  readonly platform: 'kubernetes';
  readonly namespace: string;
  /** PersistentVolumeClaim of the store. */
  readonly claim: string;
}

/** A secret is never written down: it is a file or an environment variable of the worker. */
export type SecretReference = { readonly file: string } | { readonly env: string };

export interface TlsSettings {
  readonly encrypt: boolean;
  readonly trustServerCertificate: boolean;
  readonly caFile?: string;
}

export interface LocalInstanceSettings {
  readonly platform: 'local';
  readonly host: string;
  readonly port: number;
  readonly login: { readonly user: string; readonly password: SecretReference };
  readonly tls: TlsSettings;
  /** Host folder that the server sees as /var/opt/mssql. */
  readonly dataRoot: string;
  /** Name of a store above. */
  readonly store: string;
  /** How restores make a new instance beside this one; without it the target must be declared. */
  readonly newInstance?: NewInstanceSettings;
}

export interface NewInstanceSettings {
  /**
   * Program and arguments that start a server and stay in the foreground. {name}, {port}, {dataRoot} are filled in. The password
   * of the source's login is given in the environment variable MSSQL_SA_PASSWORD.
   */
  readonly command: readonly string[];
  /** Folder for a new instance, with {name}. */
  readonly dataRoot: string;
  /** Ports to choose from, both ends included. */
  readonly ports: readonly [number, number];
}

export interface KubernetesInstanceSettings {
  readonly platform: 'kubernetes';
  readonly namespace: string;
  readonly statefulSet: string;
  /** Found by what selects the StatefulSet's pods when absent. */
  readonly service?: string;
  /** Of the Service. */
  readonly port: number;
  /** PersistentVolumeClaim that the server's container mounts as /var/opt/mssql. */
  readonly dataClaim: string;
  readonly login: { readonly user: string; readonly password: SecretReference | KubernetesSecret };
  readonly tls: TlsSettings;
  /** Name of a store above, in the same namespace. */
  readonly store: string;
  /** Not here: a restore makes the target from the source's own StatefulSet. */
  readonly newInstance?: never;
}

/** A key of a Secret in the instance's namespace, read through the API at use. */
export interface KubernetesSecret {
  readonly secret: { readonly name: string; readonly key: string };
}

export interface KubernetesSettings {
  /** Image of the executor; MSSQL_PITR_EXECUTOR_IMAGE of the worker when absent. */
  readonly executorImage?: string;
  /** The namespace's default one when absent. Its token is mounted in no case. */
  readonly executorServiceAccount?: string;
  readonly imagePullSecrets: readonly string[];
  /** A Job that takes longer is ended. */
  readonly jobDeadlineSeconds: number;
  /** How long finished Jobs stay for people to look at; 0 removes each as soon as its result is read. */
  readonly keepJobsSeconds: number;
  readonly resources: {
    readonly requests: Readonly<Record<string, string>>;
    readonly limits: Readonly<Record<string, string>>;
  };
}

/** What temporal.yaml says, checked and with every default filled in. Read by client/config.ts. */
export interface Settings {
  readonly taskQueue: string;
  readonly limits: Limits;
  readonly stores: Readonly<Record<string, StoreSettings>>;
  readonly instances: Readonly<Record<string, InstanceSettings>>;
}

export interface Limits {
  /** Databases of one instance that are backed up at the same time. */
  readonly backupsAtOnce: number;
  /** Databases of one restore that are restored at the same time. */
  readonly restoresAtOnce: number;
  /** Log backups that one activity restores. */
  readonly logsPerSlice: number;
}

export interface StoreSettings {
  readonly platform: 'local';
  /** Folder of the store on this host. */
  readonly path: string;
}

/** A secret is never written down: it is a file or an environment variable of the worker. */
export type SecretReference = { readonly file: string } | { readonly env: string };

export interface InstanceSettings {
  readonly platform: 'local';
  readonly host: string;
  readonly port: number;
  readonly login: { readonly user: string; readonly password: SecretReference };
  readonly tls: { readonly encrypt: boolean; readonly trustServerCertificate: boolean; readonly caFile?: string };
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

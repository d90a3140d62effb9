import type { TaskControl, TaskName, Tasks } from '../executor/tasks.ts';

/** How to reach and log in to an instance. The password is resolved here, at the rim, and goes no further. */
export interface SqlEndpoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly tls: { readonly encrypt: boolean; readonly trustServerCertificate: boolean; readonly ca?: string };
}

/**
 * Where instances, volumes and the executor live. Two implementations: `local` (folders and processes of one host) and
 * `kubernetes`. Workflows do not know which one they are on.
 */
export interface Platform {
  /**
   * Runs an executor task where the instance's volume and a store are mounted.
   * @param storeOf instance whose store it is: the source of a restore, whose target may keep its own backups elsewhere;
   * the instance's own store when absent
   */
  run<T extends TaskName>(
    instance: string,
    task: T,
    input: Tasks[T]['input'],
    control: TaskControl,
    storeOf?: string,
  ): Promise<Tasks[T]['output']>;
  /** Runs a task that needs the store of an instance but no volume (planning). */
  runOnStore<T extends TaskName>(
    source: string,
    task: T,
    input: Tasks[T]['input'],
    control: TaskControl,
  ): Promise<Tasks[T]['output']>;
  /** @throws failure UnknownInstance when neither temporal.yaml nor the platform knows the name. */
  endpoint(instance: string): Promise<SqlEndpoint>;
  /** Does the instance exist? Restoring to one that does not makes it. */
  exists(instance: string): Promise<boolean>;
  /**
   * Makes an instance like `source` under a new name, without schedules, and waits until its process runs; idempotent
   * for the same restore. The caller waits for logins.
   */
  createTarget(
    target: string,
    source: string,
    restoreId: string,
    control: TaskControl,
  ): Promise<{ readonly created: boolean }>;
  /** What the platform lets the worker do for this instance; empty where there is nothing to ask for. */
  checkRights(instance: string, signal: AbortSignal): Promise<readonly RightCheck[]>;
  /** Removes an instance that createTarget made for this restore; anything else is left alone. */
  removeTarget(target: string, restoreId: string): Promise<boolean>;
}

/** One thing that the worker will ask its platform for. */
export interface RightCheck {
  /** e.g. `create jobs` */
  readonly right: string;
  /** e.g. `namespace dbaas-mssql-rt` */
  readonly where: string;
  /** Without it no backup works; what is not essential is for restores to new instances. */
  readonly essential: boolean;
  readonly allowed: boolean;
  /** What the platform says to it; may be empty. */
  readonly why: string;
}

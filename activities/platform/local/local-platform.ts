import type { LocalSettings } from '../../../workflows/domain/settings.ts';
import { execute } from '../../executor/execute.ts';
import type { Roots, TaskControl, TaskName, Tasks } from '../../executor/tasks.ts';
import { failure } from '../../failure.ts';
import type { Platform, RightCheck, SqlEndpoint } from '../platform.ts';
import { findInstance, knownInstance } from './instances.ts';
import { readReference, resolveSecret } from './secret.ts';
import { createTarget, removeTarget } from './target.ts';

/** Instances, volumes and the store are folders and processes of this host; the executor runs in the worker. */
export class LocalPlatform implements Platform {
  readonly #settings: LocalSettings;

  constructor(settings: LocalSettings) {
    this.#settings = settings;
  }

  async run<T extends TaskName>(
    instance: string,
    task: T,
    input: Tasks[T]['input'],
    control: TaskControl,
    storeOf: string = instance,
  ): Promise<Tasks[T]['output']> {
    return execute(task, input, await this.#roots(instance, storeOf), control);
  }

  async runOnStore<T extends TaskName>(
    source: string,
    task: T,
    input: Tasks[T]['input'],
    control: TaskControl,
  ): Promise<Tasks[T]['output']> {
    return execute(task, input, await this.#roots(source, source), control);
  }

  async endpoint(instance: string): Promise<SqlEndpoint> {
    const { host, port, login, tls } = (await knownInstance(this.#settings, instance)).settings;
    const whose = `instance ${instance}`;
    const { encrypt, trustServerCertificate, caFile } = tls;
    return {
      host,
      port,
      user: login.user,
      password: await resolveSecret(login.password, whose),
      tls: {
        encrypt,
        trustServerCertificate,
        ...(caFile === undefined ? {} : { ca: await readReference(caFile, whose) }),
      },
    };
  }

  async exists(instance: string): Promise<boolean> {
    return (await findInstance(this.#settings, instance)) !== null;
  }

  async createTarget(
    target: string,
    source: string,
    restoreId: string,
    control: TaskControl,
  ): Promise<{ readonly created: boolean }> {
    return createTarget({ settings: this.#settings, target, source, restoreId, signal: control.signal });
  }

  async removeTarget(target: string, restoreId: string): Promise<boolean> {
    return removeTarget(this.#settings, target, restoreId);
  }

  async checkRights(instance: string): Promise<readonly RightCheck[]> {
    await knownInstance(this.#settings, instance);
    return [];
  }

  async #roots(instance: string, storeOf: string): Promise<Roots> {
    const { settings } = await knownInstance(this.#settings, instance);
    const keeper = storeOf === instance ? settings : (await knownInstance(this.#settings, storeOf)).settings;
    const store = this.#settings.stores[keeper.store];
    if (store === undefined) {
      throw failure(
        'UnknownInstance',
        `The instance ${storeOf} uses the store ${keeper.store}, which temporal.yaml lacks`,
      );
    }
    return { store: store.path, sql: settings.dataRoot };
  }
}

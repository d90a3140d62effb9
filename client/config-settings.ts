import { resolve } from 'node:path';
import type { InstanceSettings, SecretReference, Settings } from '../workflows/domain/settings.ts';
import { splitPorts, type RawSettings } from './config-schema.ts';

type RawInstance = RawSettings['instances'][string];

/** Turns the file's content into settings: paths made absolute from the file's folder. */
export function toSettings(raw: RawSettings, folder: string): Settings {
  return {
    taskQueue: raw.taskQueue,
    limits: raw.limits,
    stores: mapValues(raw.stores, (store) => ({ ...store, path: resolve(folder, store.path) })),
    instances: mapValues(raw.instances, (instance) => toInstance(instance, folder)),
  };
}

function toInstance({ newInstance, tls, login, ...rest }: RawInstance, folder: string): InstanceSettings {
  const { caFile, ...flags } = tls;
  return {
    ...rest,
    login: { user: login.user, password: toSecret(login.password, folder) },
    tls: { ...flags, ...(caFile === undefined ? {} : { caFile: resolve(folder, caFile) }) },
    dataRoot: resolve(folder, rest.dataRoot),
    ...(newInstance && {
      newInstance: {
        command: newInstance.command,
        dataRoot: resolve(folder, newInstance.dataRoot),
        ports: splitPorts(newInstance.ports),
      },
    }),
  };
}

function toSecret({ file, env }: RawInstance['login']['password'], folder: string): SecretReference {
  return file === undefined ? { env: env ?? '' } : { file: resolve(folder, file) };
}

function mapValues<A, B>(record: Record<string, A>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

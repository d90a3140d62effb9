import { resolve } from 'node:path';
import type {
  InstanceSettings,
  KubernetesInstanceSettings,
  KubernetesSecret,
  KubernetesSettings,
  LocalInstanceSettings,
  SecretReference,
  Settings,
  StoreSettings,
  TlsSettings,
} from '../workflows/domain/settings.ts';
import { toSchedules } from './config-groups.ts';
import { kubernetes } from './config-kubernetes.ts';
import { toRetention } from './config-retention.ts';
import { splitPorts, type RawSettings } from './config-schema.ts';

type RawStore = RawSettings['stores'][string];
type RawInstance = RawSettings['instances'][string];
type RawLocal = Extract<RawInstance, { platform: 'local' }>;
type RawKubernetes = Extract<RawInstance, { platform: 'kubernetes' }>;

/** Turns the file's content into settings: paths made absolute from the file's folder, names filled in. */
export function toSettings(raw: RawSettings, folder: string): Settings {
  const schedules = toSchedules(raw.groups ?? {}, raw.instances);
  const retention = toRetention(raw.retention, raw.instances);
  const onKubernetes = Object.values(raw.instances).some(({ platform }) => platform === 'kubernetes');
  return {
    taskQueue: raw.taskQueue,
    limits: raw.limits,
    stores: mapValues(raw.stores, (store) => toStore(store, folder)),
    instances: mapValues(raw.instances, (instance, name) => toInstance(name, instance, folder)),
    ...(Object.keys(schedules).length > 0 && { schedules }),
    ...(Object.keys(retention).length > 0 && { retention }),
    ...(onKubernetes && { kubernetes: toKubernetes(raw.kubernetes ?? kubernetes.parse({})) }),
  };
}

function toStore(store: RawStore, folder: string): StoreSettings {
  return store.platform === 'local' ? { ...store, path: resolve(folder, store.path) } : store;
}

function toInstance(name: string, instance: RawInstance, folder: string): InstanceSettings {
  return instance.platform === 'local' ? toLocal(instance, folder) : toKubernetesInstance(name, instance, folder);
}

function toLocal(
  { newInstance, tls, login, schedules: _, retention: _kept, ...rest }: RawLocal,
  folder: string,
): LocalInstanceSettings {
  return {
    ...rest,
    login: { user: login.user, password: toReference(login.password, folder) },
    tls: toTls(tls, folder),
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

/** The names that the chart mssql-helm gives to the parts of a release. */
function toKubernetesInstance(
  name: string,
  { service, tls, login, schedules: _, retention: _kept, ...rest }: RawKubernetes,
  folder: string,
): KubernetesInstanceSettings {
  const statefulSet = rest.statefulSet ?? `${name}-mssql-helm-db`;
  return {
    ...rest,
    statefulSet,
    ...(service === undefined ? {} : { service }),
    dataClaim: rest.dataClaim ?? `data-${statefulSet}-0`,
    login: { user: login.user, password: toSecret(login.password, folder) },
    tls: toTls(tls, folder),
  };
}

function toKubernetes({
  executorImage,
  executorServiceAccount,
  ...rest
}: NonNullable<RawSettings['kubernetes']>): KubernetesSettings {
  return {
    ...rest,
    ...(executorImage === undefined ? {} : { executorImage }),
    ...(executorServiceAccount === undefined ? {} : { executorServiceAccount }),
  };
}

function toTls({ caFile, ...flags }: RawInstance['tls'], folder: string): TlsSettings {
  return { ...flags, ...(caFile === undefined ? {} : { caFile: resolve(folder, caFile) }) };
}

function toSecret(raw: RawKubernetes['login']['password'], folder: string): SecretReference | KubernetesSecret {
  return raw.secret === undefined ? toReference(raw, folder) : { secret: raw.secret };
}

function toReference({ file, env }: RawLocal['login']['password'], folder: string): SecretReference {
  return file === undefined ? { env: env ?? '' } : { file: resolve(folder, file) };
}

function mapValues<A, B>(record: Record<string, A>, change: (value: A, key: string) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}

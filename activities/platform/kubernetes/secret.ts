import type { KubernetesSecret, SecretReference } from '../../../workflows/domain/settings.ts';
import { failure } from '../../failure.ts';
import { resolveSecret as resolveOwn } from '../local/secret.ts';
import type { ClusterApi } from './api/cluster-api.ts';
import type { PodSpec } from './api/resources.ts';

type Reference = SecretReference | KubernetesSecret;

interface SecretPlace {
  readonly api: ClusterApi;
  readonly namespace: string;
  /** For the error, which names the reference and never the value. */
  readonly whose: string;
  readonly signal: AbortSignal;
}

/** The secret behind a reference, read anew each time: a rotated one is used without a restart. */
export async function resolveSecret(reference: Reference, place: SecretPlace): Promise<string> {
  if (!('secret' in reference)) return resolveOwn(reference, place.whose);
  const { api, namespace, whose, signal } = place;
  const { name, key } = reference.secret;
  const where = `the key ${key} of the Secret ${name} in the namespace ${namespace}`;
  const found = await api.get('secrets', { namespace, name }, signal);
  const value = Buffer.from(found?.data?.[key] ?? '', 'base64')
    .toString('utf8')
    .replace(/\r?\n$/, '');
  if (value !== '') return value;
  throw failure(
    'LoginFailed',
    `The password of ${whose} is missing: ${where} is ${found === null ? 'not there' : 'empty or missing'}`,
  );
}

type Container = PodSpec['containers'][number];

/** Configure SQL Server settings with environment variables on Linux: both are the password of sa at the first start. */
const saPassword: readonly string[] = ['MSSQL_SA_PASSWORD', 'SA_PASSWORD'];

/** Where a server's container has the password of sa from; null when that cannot be seen. */
export function saPasswordOf(container: Container): Reference | { readonly value: string } | null {
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (!saPassword.includes(name)) continue;
    const ref = valueFrom?.secretKeyRef;
    if (ref?.name !== undefined) return { secret: { name: ref.name, key: ref.key } };
    if (value !== undefined && value !== '') return { value };
  }
  const [from] = (container.envFrom ?? []).flatMap(({ secretRef, prefix }) => (prefix ? [] : (secretRef?.name ?? [])));
  return from === undefined ? null : { secret: { name: from, key: 'MSSQL_SA_PASSWORD' } };
}

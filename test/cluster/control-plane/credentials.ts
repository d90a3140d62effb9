import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { apiClient, type ApiClient } from '../api.ts';
import type { ClusterPlace, ClusterState } from '../state.ts';

/** Those who talk to the API server without being a service account, with their groups. */
const controlPlaneUsers = {
  admin: { user: 'admin', groups: ['system:masters'] },
  'kube-controller-manager': { user: 'system:kube-controller-manager', groups: ['system:masters'] },
  'kube-scheduler': { user: 'system:kube-scheduler', groups: [] },
  'kube-proxy': { user: 'system:kube-proxy', groups: [] },
  coredns: { user: 'system:coredns', groups: [] },
  storage: { user: 'system:storage', groups: [] },
} as const;

/** A control plane user, or a node. */
export type TokenHolder = string;
export type Tokens = Readonly<Record<TokenHolder, string>>;

export function makeTokens(nodes: readonly string[]): Tokens {
  const holders = [...Object.keys(controlPlaneUsers), ...nodes];
  return Object.fromEntries(holders.map((holder) => [holder, randomBytes(24).toString('hex')]));
}

/** The token file of kube-apiserver's --token-auth-file, and the keys that service account tokens are signed with. */
export async function writeApiServerSecrets(place: ClusterPlace, tokens: Tokens): Promise<void> {
  await mkdir(place.file('secrets'), { recursive: true, mode: 0o700 });
  const lines = Object.entries(tokens).map(([holder, token]) => {
    const { user, groups } = userOf(holder);
    return `${token},${user},${holder},"${groups.join(',')}"`;
  });
  await writeFile(place.file('secrets', 'tokens.csv'), `${lines.join('\n')}\n`, { mode: 0o600 });
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  await writeFile(place.file('secrets', 'service-accounts.key'), privateKey, { mode: 0o600 });
  await writeFile(place.file('secrets', 'service-accounts.pub'), publicKey);
}

function userOf(holder: TokenHolder): { user: string; groups: readonly string[] } {
  const known = (controlPlaneUsers as Record<string, { user: string; groups: readonly string[] }>)[holder];
  return known ?? { user: `system:node:${holder}`, groups: ['system:nodes'] };
}

export const authorityFile = (place: ClusterPlace): string => place.file('secrets', 'certificates', 'apiserver.crt');

export const kubeconfigFile = (place: ClusterPlace, holder: TokenHolder): string =>
  place.file('kubeconfigs', `${holder}.yaml`);

/** One for each holder of a token, with the authority inside: a file that works wherever it is copied. */
export async function writeKubeconfigs(place: ClusterPlace, { name, tokens, addresses }: ClusterState): Promise<void> {
  const authority = await readFile(authorityFile(place));
  await mkdir(place.file('kubeconfigs'), { recursive: true, mode: 0o700 });
  for (const [holder, token] of Object.entries(tokens)) {
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': name,
      contexts: [{ name, context: { cluster: name, user: holder } }],
      clusters: [
        {
          name,
          cluster: { server: serverUrl(addresses.gateway), 'certificate-authority-data': authority.toString('base64') },
        },
      ],
      users: [{ name: holder, user: { token } }],
    };
    // JSON is YAML.
    await writeFile(kubeconfigFile(place, holder), JSON.stringify(config, null, 2), { mode: 0o600 });
  }
}

export function adminClient(place: ClusterPlace, { tokens, addresses }: ClusterState): ApiClient {
  const server = serverUrl(addresses.gateway);
  return apiClient({ server, authorityFile: authorityFile(place), token: tokens['admin'] ?? '' });
}

export const apiPort = 6443;
export const serverUrl = (gateway: string): string => `https://${gateway}:${apiPort}`;

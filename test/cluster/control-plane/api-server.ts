import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { waitFor } from '../host/wait.ts';
import type { ApiClient } from '../api.ts';
import { programPath } from '../kubernetes/programs.ts';
import type { ClusterPlace, ClusterState } from '../state.ts';
import { auditFile, auditPolicy } from '../audit.ts';
import { adminClient, apiPort, authorityFile } from './credentials.ts';
import { etcdUrl } from './etcd.ts';

/** Starts it, or starts it again, and waits until it serves. */
export async function startApiServer(place: ClusterPlace, state: ClusterState): Promise<ApiClient> {
  const { addresses, etcdPort } = state;
  const policy = place.file('audit-policy.yaml');
  await writeFile(policy, JSON.stringify(auditPolicy));
  place.processes.launch({
    name: 'kube-apiserver',
    command: programPath('kube-apiserver'),
    args: [
      `--etcd-servers=${etcdUrl(etcdPort)}`,
      `--bind-address=${addresses.gateway}`,
      `--advertise-address=${addresses.gateway}`,
      `--secure-port=${apiPort}`,
      // Certificates for these addresses and their authority make themselves here.
      `--cert-dir=${place.file('secrets', 'certificates')}`,
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      `--token-auth-file=${place.file('secrets', 'tokens.csv')}`,
      `--service-account-key-file=${place.file('secrets', 'service-accounts.pub')}`,
      `--service-account-signing-key-file=${place.file('secrets', 'service-accounts.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-cluster-ip-range=${addresses.serviceSubnet}`,
      '--kubelet-preferred-address-types=InternalIP',
      '--allow-privileged=true',
      `--audit-policy-file=${policy}`,
      `--audit-log-path=${auditFile(place)}`,
    ],
  });
  const client = adminClient(place, state);
  await waitFor(
    'the API server',
    async () => existsSync(authorityFile(place)) && (await client.text('/readyz')) === 'ok',
    { withinMs: 120_000, giveUp: () => place.processes.mustRun('kube-apiserver') },
  );
  return client;
}

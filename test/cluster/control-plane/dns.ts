import { Resolver } from 'node:dns/promises';
import { writeFile } from 'node:fs/promises';
import { waitFor } from '../host/wait.ts';
import { programPath } from '../kubernetes/programs.ts';
import type { ClusterPlace, ClusterState } from '../state.ts';
import { kubeconfigFile } from './credentials.ts';

export const clusterDomain = 'cluster.local';

/** CoreDNS on the bridge. It knows the cluster's names only, and says at once that it knows no others. */
export async function startDns(place: ClusterPlace, { name, addresses }: ClusterState): Promise<void> {
  const corefile = place.file('Corefile');
  await writeFile(
    corefile,
    `${clusterDomain} in-addr.arpa {
  bind ${addresses.gateway}
  errors
  kubernetes ${clusterDomain} in-addr.arpa {
    kubeconfig ${kubeconfigFile(place, 'coredns')} ${name}
    ttl 1
  }
}
. {
  bind ${addresses.gateway}
  errors
  template ANY ANY . {
    rcode NXDOMAIN
  }
}
`,
  );
  place.processes.launch({
    name: 'coredns',
    command: programPath('coredns'),
    args: ['-conf', corefile],
  });
}

export async function waitForDns(place: ClusterPlace, { addresses }: ClusterState): Promise<void> {
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([addresses.gateway]);
  const resolves = async (): Promise<boolean> =>
    (await resolver.resolve4(`kubernetes.default.svc.${clusterDomain}`)).includes(addresses.apiService);
  await waitFor('names of the cluster', resolves, { giveUp: () => place.processes.mustRun('coredns') });
}

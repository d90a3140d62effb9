import { programPath } from '../kubernetes/programs.ts';
import type { ClusterPlace } from '../state.ts';
import { authorityFile, kubeconfigFile } from './credentials.ts';

export function startControllerManager(place: ClusterPlace): void {
  place.processes.launch({
    name: 'kube-controller-manager',
    command: programPath('kube-controller-manager'),
    args: [
      `--kubeconfig=${kubeconfigFile(place, 'kube-controller-manager')}`,
      '--secure-port=0',
      '--leader-elect=false',
      `--service-account-private-key-file=${place.file('secrets', 'service-accounts.key')}`,
      // Pods trust the API server by this.
      `--root-ca-file=${authorityFile(place)}`,
    ],
  });
}

import { programPath } from '../kubernetes/programs.ts';
import type { ClusterPlace } from '../state.ts';
import { kubeconfigFile } from './credentials.ts';

export function startScheduler(place: ClusterPlace): void {
  place.processes.launch({
    name: 'kube-scheduler',
    command: programPath('kube-scheduler'),
    args: [`--kubeconfig=${kubeconfigFile(place, 'kube-scheduler')}`, '--secure-port=0', '--leader-elect=false'],
  });
}

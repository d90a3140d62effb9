import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { failure } from '../../../failure.ts';

const serviceAccountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/**
 * The service account in a pod, else KUBECONFIG or ~/.kube/config. The library is loaded when it is needed: it takes a
 * second and sixty megabytes, which a worker on the local platform is spared.
 */
export async function loadKubeConfig(env: NodeJS.ProcessEnv = process.env): Promise<KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  if (env['KUBERNETES_SERVICE_HOST'] && existsSync(serviceAccountToken)) config.loadFromCluster();
  else if (env['KUBECONFIG'] || existsSync(join(homedir(), '.kube', 'config'))) config.loadFromDefault();
  else {
    throw failure(
      'PermissionDenied',
      'The worker does not know where the Kubernetes API is: it runs in no pod with a service account, and KUBECONFIG is not set',
    );
  }
  return config;
}

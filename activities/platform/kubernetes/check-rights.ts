import type { RightCheck } from '../platform.ts';
import { groups } from './api/resources.ts';
import { rights, type Right } from './api/rights.ts';
import { declared, knownInstance, type Cluster } from './instances.ts';

/** Asks the API server for every right of the platform, in the namespace of an instance, which is its store's as well. */
export async function checkRights(
  cluster: Cluster,
  instance: string,
  signal: AbortSignal,
): Promise<readonly RightCheck[]> {
  const settings = declared(cluster, instance) ?? (await knownInstance(cluster, instance, signal)).settings;
  const { password } = settings.login;
  const secret = 'secret' in password ? password.secret.name : null;
  const checks: RightCheck[] = [];
  for (const right of rights) {
    // An instance whose password is a file of the worker needs no Secret of the API.
    if (right.when === 'secret' && secret === null) continue;
    const wish = {
      namespace: settings.namespace,
      ...wishOf(right),
      ...(right.when === 'secret' && secret !== null && { name: secret }),
    };
    const { allowed, reason } = await cluster.api.mayI(wish, signal);
    checks.push({
      right: `${right.verb} ${right.resource}`,
      where: `namespace ${settings.namespace}`,
      essential: right.when !== 'target',
      allowed,
      why: reason,
    });
  }
  return checks;
}

function wishOf({ resource, verb }: Right): { verb: string; group: string; resource: string; subresource?: string } {
  return resource === 'pods/log'
    ? { verb, group: '', resource: 'pods', subresource: 'log' }
    : { verb, group: groups[resource], resource };
}

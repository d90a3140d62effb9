import type { DoctorActivities } from '../../workflows/contracts.ts';
import { failures } from '../../workflows/domain/failures.ts';
import { fail, ok, warn, type Finding } from '../../workflows/domain/finding.ts';
import type { ActivityDeps } from '../deps.ts';
import { failureType } from '../failure.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { RightCheck } from '../platform/platform.ts';

/** Asks the platform what it lets the worker do. */
export function checkPlatform(deps: ActivityDeps): DoctorActivities['checkPlatform'] {
  return ({ instance }) =>
    withHeartbeat(async ({ signal }) => {
      try {
        return platformFindings(await deps.platform.checkRights(instance, signal));
      } catch (error) {
        const type = failureType(error);
        if (type === null) throw error;
        return [fail('platform', (error as Error).message, failures[type].hint)];
      }
    });
}

export function platformFindings(checks: readonly RightCheck[]): Finding[] {
  if (checks.length === 0) return [ok('platform', 'On this host: no rights to ask for')];
  const refused = checks.filter(({ allowed }) => !allowed);
  if (refused.length === 0) return [ok('kubernetes.rights', `All ${checks.length} rights are there`)];
  return refused.map(({ right, where, essential, why }) => {
    const what = `The worker may not ${right} in ${where}${why === '' ? '' : ` (${why})`}`;
    const fix =
      'Let the chart make the Role (rbac.create), or grant what activities/platform/kubernetes/api/rights.ts lists.';
    return essential
      ? fail('kubernetes.rights', what, fix)
      : warn('kubernetes.rights', `${what}: only restores to new instances need it`, fix);
  });
}

import type { RetentionActivities } from '../../workflows/contracts.ts';
import { taskControl, type ActivityDeps } from '../deps.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { checkLeases } from './check-leases.ts';
import { retainBackups } from './retain-backups.ts';

export function createRetentionActivities(deps: ActivityDeps): RetentionActivities {
  return {
    checkLeases: checkLeases(deps),
    retainBackups: retainBackups(deps),
    freeLease: ({ source, restoreId }) =>
      withHeartbeat(async (pulse) => {
        const lease = { instance: source, restoreId };
        await deps.platform.runOnStore(source, 'freeLease', lease, taskControl(pulse));
      }),
    changeHolds: (input) =>
      withHeartbeat((pulse) => deps.platform.runOnStore(input.request.instance, 'holds', input, taskControl(pulse))),
  };
}

import type { Activities } from '../../workflows/contracts.ts';
import { taskControl, type ActivityDeps } from '../deps.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { stagingOfRestore } from '../sql-server/paths.ts';

export function cleanStaging(deps: ActivityDeps): Activities['cleanStaging'] {
  return ({ source, target, restoreId }) =>
    withHeartbeat(async (pulse) => {
      const folder = { path: stagingOfRestore(restoreId), recursive: true };
      await deps.platform.run(target, 'removeFolder', folder, taskControl(pulse));
      await deps.platform.runOnStore(source, 'freeLease', { instance: source, restoreId }, taskControl(pulse));
    });
}

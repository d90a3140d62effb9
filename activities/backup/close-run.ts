import { log } from '@temporalio/activity';
import type { Activities } from '../../workflows/contracts.ts';
import { taskControl, withServer, type ActivityDeps } from '../deps.ts';
import { failureType } from '../failure.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { stagingOfRun } from '../sql-server/paths.ts';
import { endSessions } from '../sql-server/sessions.ts';

/**
 * Ends what a cancelled run left going and removes its folder when it is empty. It runs last, whatever happened: while
 * the server or the volume is away it must not hold the run up, and the next run tidies what is left here.
 */
export function closeBackupRun(deps: ActivityDeps): Activities['closeBackupRun'] {
  return (run) =>
    withHeartbeat(async (pulse) => {
      await leavingFailures('end its sessions', () =>
        withServer(deps, run.instance, { session: `close ${run.run}` }, (server) =>
          endSessions(server, run.run, pulse),
        ),
      );
      const folder = { path: stagingOfRun(run.run), recursive: false };
      await leavingFailures('remove its staging folder', async () => {
        await deps.platform.run(run.instance, 'removeFolder', folder, taskControl(pulse));
      });
    });
}

async function leavingFailures(doing: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const type = failureType(error);
    if (type === null) throw error;
    log.warn(`A backup run could not ${doing}`, { type, message: (error as Error).message });
  }
}

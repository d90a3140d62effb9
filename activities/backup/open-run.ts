import type { Activities } from '../../workflows/contracts.ts';
import { checkBackupRequest, issuesText } from '../../workflows/domain/request.ts';
import { taskControl, withServer, type ActivityDeps } from '../deps.ts';
import { failure } from '../failure.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { databaseStates, selected } from '../sql-server/databases.ts';
import { serverFacts } from '../sql-server/facts.ts';
import { stagingOfRun } from '../sql-server/paths.ts';

/** What can be refused is refused here: instance, login, database names, a staging folder that cannot be made. */
export function openBackupRun(deps: ActivityDeps): Activities['openBackupRun'] {
  return ({ request, ...run }) =>
    withHeartbeat(async (pulse) => {
      const issues = checkBackupRequest(request);
      if (issues.length > 0) throw failure('InvalidInput', issuesText(issues), { details: [issues] });

      const facts = await withServer(deps, run.instance, { session: run.run }, async (connection) => {
        selected(await databaseStates(connection), request.databases, run.instance);
        return serverFacts(connection);
      });
      await deps.platform.run(run.instance, 'makeFolder', { path: stagingOfRun(run.run) }, taskControl(pulse));
      return { serverName: facts.serverName, edition: facts.edition };
    });
}

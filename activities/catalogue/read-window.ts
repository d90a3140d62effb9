import type { WindowPage } from '../../workflows/contracts.ts';
import { checkWindowRequest, type WindowRequest } from '../../workflows/domain/catalogue-request.ts';
import { decideBackup } from '../../workflows/domain/decide.ts';
import { issuesText } from '../../workflows/domain/request.ts';
import { now, taskControl, withServer, type ActivityDeps } from '../deps.ts';
import { failure, failureType } from '../failure.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { databaseStates } from '../sql-server/databases.ts';

const namedUnprotected = 200;

/** A page of windows. The first one also names the databases of the server that the store holds nothing of. */
export function readWindow(deps: ActivityDeps, request: WindowRequest): Promise<WindowPage> {
  return withHeartbeat(async (pulse) => {
    const issues = checkWindowRequest(request);
    if (issues.length > 0) throw failure('InvalidInput', issuesText(issues), { details: [issues] });
    const { instance, databases, after } = request;
    const nowMs = now(deps);
    const control = taskControl(pulse, ({ doneBytes, totalBytes }) => ({ done: doneBytes, of: totalBytes }));
    const ofAll = databases === undefined && after === undefined;
    const [page, server] = await Promise.all([
      deps.platform.runOnStore(instance, 'window', { ...request, nowMs }, control),
      ofAll ? serverDatabases(deps, instance) : noDatabases,
    ]);
    const stored = new Set(
      server.databases.length === 0
        ? []
        : page.next === null
          ? page.databases.map(({ database }) => database)
          : (await deps.platform.runOnStore(instance, 'storedDatabases', { instance }, control)).databases,
    );
    const unprotected = server.databases.filter((database) => !stored.has(database));
    return {
      instance,
      asOf: new Date(nowMs).toISOString(),
      ...page,
      unprotected: unprotected.slice(0, namedUnprotected),
      unprotectedCount: unprotected.length,
      serverProblem: server.problem,
    };
  });
}

interface ServerDatabases {
  /** Those that a backup run would take. */
  readonly databases: readonly string[];
  readonly problem: string | null;
}

const noDatabases: ServerDatabases = { databases: [], problem: null };

/** The window is asked for when a server is down, too: then it comes from the store alone, and says so. */
async function serverDatabases(deps: ActivityDeps, instance: string): Promise<ServerDatabases> {
  try {
    const states = await withServer(deps, instance, { session: 'window' }, databaseStates);
    const wanted = states.filter((state) => decideBackup('full', state, null).action !== 'skip');
    return { databases: wanted.map(({ name }) => name).sort(), problem: null };
  } catch (error) {
    if (failureType(error) === null) throw error;
    return { databases: [], problem: (error as Error).message };
  }
}

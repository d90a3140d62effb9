import type { Activities, Discarded, DiscardInput } from '../../workflows/contracts.ts';
import { fileToken } from '../../workflows/domain/move.ts';
import { quoteName } from '../../workflows/domain/quoting.ts';
import { taskControl, withServer, type ActivityDeps } from '../deps.ts';
import { withHeartbeat, type Pulse } from '../heartbeat.ts';
import { openMetrics } from '../metrics.ts';
import type { SqlConnection } from '../sql-server/connection.ts';
import { sqlFailure } from '../sql-server/map-error.ts';
import { stagingOfRestore } from '../sql-server/paths.ts';
import { endSessions } from '../sql-server/sessions.ts';
import { targetDatabases, type TargetDatabase } from '../sql-server/target-databases.ts';

const namedDatabases = 50;
/** master, tempdb, model and msdb. */
const lastSystemId = 4;

/**
 * Undoes what a restore made. An instance that it made goes as a whole, whether its server answers or not. On any other only those
 * databases are dropped whose every file carries the restore's token. Its lease on the backups ends with it.
 */
export function discardRestore(deps: ActivityDeps): Activities['discardRestore'] {
  return (input) =>
    withHeartbeat(async (pulse) => {
      const { source, restoreId } = input;
      const discarded = await undo(deps, input, pulse);
      await deps.platform.runOnStore(source, 'freeLease', { instance: source, restoreId }, taskControl(pulse));
      return discarded;
    });
}

async function undo(
  deps: ActivityDeps,
  { source, target, restoreId, removeTarget }: DiscardInput,
  pulse: Pulse,
): Promise<Discarded> {
  if (removeTarget && (await deps.platform.removeTarget(target, restoreId))) {
    openMetrics(deps).discarded(source);
    return { droppedDatabases: [], leftAlone: [], targetRemoved: true };
  }
  if (!(await deps.platform.exists(target))) return { droppedDatabases: [], leftAlone: [], targetRemoved: false };

  const outcome = await withServer(deps, target, { session: `discard ${restoreId}`, single: true }, async (server) => {
    await endSessions(server, restoreId, pulse);
    return dropOwned(server, fileToken(restoreId), pulse);
  });
  const folder = { path: stagingOfRestore(restoreId), recursive: true };
  await deps.platform.run(target, 'removeFolder', folder, taskControl(pulse));
  openMetrics(deps).discarded(source);
  return { ...outcome, targetRemoved: false };
}

async function dropOwned(
  server: SqlConnection,
  token: string,
  pulse: Pulse,
): Promise<Pick<Discarded, 'droppedDatabases' | 'leftAlone'>> {
  const databases = await targetDatabases(server, token);
  const owned = databases.filter((database) => database.owned);
  for (const [index, database] of owned.entries()) {
    pulse.report({ dropping: database.name, done: index, of: owned.length });
    await drop(server, database, pulse.signal);
  }
  const leftAlone = databases.filter((database) => !database.owned && database.databaseId > lastSystemId);
  return {
    droppedDatabases: owned.map((database) => database.name),
    leftAlone: leftAlone.slice(0, namedDatabases).map((database) => database.name),
  };
}

/** DROP DATABASE (Transact-SQL) wants nobody inside; a database that is RESTORING has nobody inside. */
async function drop(server: SqlConnection, { name, state }: TargetDatabase, signal: AbortSignal): Promise<void> {
  try {
    if (state === 'ONLINE') {
      const alone = `ALTER DATABASE ${quoteName(name)} SET SINGLE_USER WITH ROLLBACK IMMEDIATE`;
      await server.statement(alone, { signal });
    }
    await server.statement(`DROP DATABASE ${quoteName(name)}`, { signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw sqlFailure(error, `Drop ${name}`);
  }
}

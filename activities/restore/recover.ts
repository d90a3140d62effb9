import type { Activities, DatabaseInput, ReachedPoint } from '../../workflows/contracts.ts';
import { recoverStatement } from '../../workflows/domain/commands.ts';
import { fileToken } from '../../workflows/domain/move.ts';
import { now, taskControl, withServer, type ActivityDeps } from '../deps.ts';
import { failure } from '../failure.ts';
import { withHeartbeat, type Pulse } from '../heartbeat.ts';
import type { SqlConnection } from '../sql-server/connection.ts';
import { lockOf, takeLock } from '../sql-server/locks.ts';
import { serverErrors, sqlFailure } from '../sql-server/map-error.ts';
import { percentOf } from '../sql-server/percent.ts';
import { query } from '../sql-server/query.ts';
import { targetDatabase, type TargetDatabase } from '../sql-server/target-databases.ts';
import { readPlan } from './plan-reader.ts';

/** Brings a database ONLINE at the point it was rolled forward to, and says which point that is. */
export function recoverDatabase(deps: ActivityDeps): Activities['recoverDatabase'] {
  return (input) =>
    withHeartbeat(async (pulse) => {
      const plan = await readPlan(deps, input, [0, 1], taskControl(pulse));
      const name = plan.targetDatabase;
      const options = { session: input.restoreId, single: true };
      return withServer(deps, input.target, options, async (session): Promise<ReachedPoint> => {
        await takeLock(session, lockOf.restore(name), { mode: 'Exclusive', wait: pulse.signal });
        const before = await ownDatabase(session, name, input);
        if (before.state !== 'ONLINE') await recover(session, name, pulse);
        return {
          database: input.database,
          targetDatabase: name,
          lsn: (await forkPoint(session, name)) ?? before.redo.lsn ?? '',
          reach: plan.reach,
          recoveredAt: new Date(now(deps)).toISOString(),
        };
      });
    });
}

/** @throws failure NotOurs when it is not there, or not made by this restore */
export async function ownDatabase(
  connection: SqlConnection,
  name: string,
  { target, restoreId }: Pick<DatabaseInput, 'target' | 'restoreId'>,
): Promise<TargetDatabase> {
  const found = await targetDatabase(connection, name, fileToken(restoreId));
  if (found === null) throw failure('NotOurs', `The database ${name} is gone from ${target}`);
  if (!found.owned) throw failure('NotOurs', `${target} has a database ${name} that this restore did not make`);
  return found;
}

async function recover(session: SqlConnection, name: string, pulse: Pulse): Promise<void> {
  pulse.report({ recovering: name });
  try {
    await session.statement(recoverStatement(name), {
      signal: pulse.signal,
      onMessage: (message) => {
        const percent = percentOf(message);
        if (percent !== null) pulse.report({ recovering: name, percent });
      },
    });
  } catch (error) {
    if (pulse.signal.aborted) throw error;
    // 3153: the database is already fully recovered.
    const recovered = serverErrors(error).some((message) => message.number === 3153);
    if (!recovered) throw sqlFailure(error, `Recover ${name}`);
  }
}

/** sys.database_recovery_status (Transact-SQL): where the fork that recovery opened begins. */
const readForkPoint = query<{ readonly lsn: string | null }, { readonly name: string }>(
  'Read sys.database_recovery_status',
  `SELECT CAST(r.fork_point_lsn AS varchar(25)) AS lsn
     FROM sys.database_recovery_status AS r
     JOIN sys.databases AS d ON d.database_id = r.database_id
    WHERE d.name = @name`,
);

async function forkPoint(connection: SqlConnection, name: string): Promise<string | null> {
  const [row] = await connection.rows(readForkPoint, { name });
  return row?.lsn ?? null;
}

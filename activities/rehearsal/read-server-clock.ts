import { withHeartbeat } from '../heartbeat.ts';
import type { SqlConnection } from '../sql-server/connection.ts';
import { query } from '../sql-server/query.ts';
import { withServer, type ActivityDeps } from '../deps.ts';

const readClock = query<{ readonly now: string }>(
  'Read the clock',
  `SELECT CONVERT(varchar(33), SYSUTCDATETIME(), 126) AS now`,
);

/** The server's clock in UTC, cut off to milliseconds. */
export async function serverNow(connection: SqlConnection): Promise<string> {
  const [row] = await connection.rows(readClock, {});
  return `${(row?.now ?? '').slice(0, 23)}Z`;
}

export function readServerClock(deps: ActivityDeps, input: { readonly instance: string }): Promise<{ now: string }> {
  return withHeartbeat(() =>
    withServer(deps, input.instance, { session: 'rehearsal' }, async (connection) => ({
      now: await serverNow(connection),
    })),
  );
}

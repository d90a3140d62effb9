import { quoteName } from '../../workflows/domain/quoting.ts';
import type { Pulse } from '../heartbeat.ts';
import type { SqlConnection } from '../sql-server/connection.ts';
import { sqlFailure } from '../sql-server/map-error.ts';
import { query } from '../sql-server/query.ts';

/**
 * sys.database_principals and sys.server_principals (Transact-SQL): SQL users (type S) that authenticate through the instance
 * (authentication_type 1), whose SID no login has, while a login of the same name is there.
 */
const readOrphans = query<{ readonly name: string }>(
  'Look for users without a login',
  `SELECT u.name AS name
     FROM sys.database_principals AS u
     JOIN sys.server_principals AS l ON l.name = u.name AND l.type = 'S'
     LEFT JOIN sys.server_principals AS linked ON linked.sid = u.sid
    WHERE u.type = 'S' AND u.authentication_type = 1 AND u.principal_id > 4 AND linked.sid IS NULL
    ORDER BY u.name`,
);

/** Links users of the current database to the logins of their names (Troubleshoot orphaned users). */
export async function relinkUsers(session: SqlConnection, pulse: Pulse): Promise<string[]> {
  const orphans = await session.rows(readOrphans, {});
  for (const { name } of orphans) {
    pulse.report({ relinking: name });
    try {
      // ALTER USER (Transact-SQL)
      await session.statement(`ALTER USER ${quoteName(name)} WITH LOGIN = ${quoteName(name)}`, {
        signal: pulse.signal,
      });
    } catch (error) {
      if (pulse.signal.aborted) throw error;
      throw sqlFailure(error, `Link the user ${name} to its login`);
    }
  }
  return orphans.map((orphan) => orphan.name);
}

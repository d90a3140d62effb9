import type { PhaseCount } from '../../workflows/domain/rehearsal.ts';
import { quoteName } from '../../workflows/domain/quoting.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { databaseStates } from '../sql-server/databases.ts';
import { query } from '../sql-server/query.ts';
import { withServer, type ActivityDeps } from '../deps.ts';

const countRows = (database: string) =>
  query<{ readonly phase: string; readonly rows: number }>(
    `Count rows of ${database}`,
    `SELECT phase, COUNT(*) AS rows FROM ${quoteName(database)}.dbo.rehearsal GROUP BY phase`,
  );

/** Rows of each phase; a database that is not there or not ONLINE counts nothing and says so in its state. */
export function countPhases(
  deps: ActivityDeps,
  input: { readonly instance: string; readonly databases: readonly string[] },
): Promise<PhaseCount[]> {
  return withHeartbeat(({ signal }) =>
    withServer(deps, input.instance, { session: 'rehearsal' }, async (connection) => {
      const states = new Map((await databaseStates(connection)).map((each) => [each.name, each.state]));
      const counts: PhaseCount[] = [];
      for (const database of input.databases) {
        const state = states.get(database) ?? 'MISSING';
        const rows = state === 'ONLINE' ? await connection.rows(countRows(database), {}, signal) : [];
        counts.push({ database, state, phases: Object.fromEntries(rows.map((row) => [row.phase, row.rows])) });
      }
      return counts;
    }),
  );
}

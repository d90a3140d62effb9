import type { Activities, Verified } from '../../workflows/contracts.ts';
import { quoteString } from '../../workflows/domain/quoting.ts';
import { taskControl, withServer, type ActivityDeps } from '../deps.ts';
import { failure } from '../failure.ts';
import { withHeartbeat, type Pulse } from '../heartbeat.ts';
import type { SqlConnection } from '../sql-server/connection.ts';
import { mapSqlError } from '../sql-server/map-error.ts';
import { percentOf } from '../sql-server/percent.ts';
import { query } from '../sql-server/query.ts';
import { readPlan } from './plan-reader.ts';
import { ownDatabase } from './recover.ts';
import { relinkUsers } from './relink-users.ts';
import { validate } from './validate.ts';

/** Looks at a recovered database as its users will: is it there, can it be written, does it hold what it should? */
export function verifyDatabase(deps: ActivityDeps): Activities['verifyDatabase'] {
  return (input) =>
    withHeartbeat(async (pulse) => {
      const { targetDatabase: name } = await readPlan(deps, input, [0, 1], taskControl(pulse));
      const state = await withServer(deps, input.target, { session: input.restoreId }, async (server) => {
        await ownDatabase(server, name, input);
        const found = await databaseState(server, name);
        if (found.online && input.checkDb) await checkDb(server, name, pulse);
        return found;
      });
      const nothing = { validations: [], repairedUsers: [] };
      const inside = { session: input.restoreId, single: true, database: name, readOnlyIntent: true };
      const looked = !state.online
        ? nothing
        : await withServer(deps, input.target, inside, async (session) => ({
            repairedUsers: input.repairUsers ? await relinkUsers(session, pulse) : [],
            validations: await validate(session, input.validations, pulse),
          }));
      const verified: Verified = {
        database: input.database,
        targetDatabase: name,
        ...state,
        checkDb: state.online && input.checkDb ? 'clean' : 'not-asked',
        ...looked,
      };
      refuseMismatches(verified);
      return verified;
    });
}

/** DATABASEPROPERTYEX (Transact-SQL) */
const readState = query<
  { readonly status: string | null; readonly updateability: string | null },
  { readonly name: string }
>(
  'Read DATABASEPROPERTYEX',
  `SELECT CONVERT(nvarchar(128), DATABASEPROPERTYEX(@name, 'Status')) AS status,
          CONVERT(nvarchar(128), DATABASEPROPERTYEX(@name, 'Updateability')) AS updateability`,
);

async function databaseState(
  server: SqlConnection,
  name: string,
): Promise<{ readonly online: boolean; readonly writable: boolean }> {
  const [row] = await server.rows(readState, { name });
  return { online: row?.status === 'ONLINE', writable: row?.updateability === 'READ_WRITE' };
}

/** DBCC CHECKDB (Transact-SQL): every finding is an error message. */
async function checkDb(server: SqlConnection, name: string, pulse: Pulse): Promise<void> {
  pulse.report({ checking: name });
  try {
    await server.statement(`DBCC CHECKDB (${quoteString(name)}) WITH NO_INFOMSGS, ALL_ERRORMSGS`, {
      signal: pulse.signal,
      onMessage: (message) => {
        const percent = percentOf(message);
        if (percent !== null) pulse.report({ checking: name, percent });
      },
    });
  } catch (error) {
    if (pulse.signal.aborted) throw error;
    const mapped = mapSqlError(error);
    const type = mapped.type === 'SqlError' ? 'VerificationFailed' : mapped.type;
    throw failure(type, `DBCC CHECKDB of ${name}: ${mapped.text}`);
  }
}

function refuseMismatches({ targetDatabase, validations }: Verified): void {
  const wrong = validations.filter((validation) => !validation.ok);
  if (wrong.length === 0) return;
  const told = wrong.map(
    ({ query, expect, found }) => `${query} gave ${JSON.stringify(found)}, not ${JSON.stringify(expect)}`,
  );
  throw failure('VerificationFailed', `${targetDatabase}: ${told.join('; ')}`, { details: [wrong] });
}

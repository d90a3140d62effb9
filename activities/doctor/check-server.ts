import type { DoctorActivities } from '../../workflows/contracts.ts';
import type { DatabaseState } from '../../workflows/domain/decide.ts';
import { failures } from '../../workflows/domain/failures.ts';
import { clockFinding, fail, ok, warn, type Finding } from '../../workflows/domain/finding.ts';
import { names } from '../../workflows/domain/words.ts';
import { now, withServer, type ActivityDeps } from '../deps.ts';
import { failureType } from '../failure.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { SqlConnection } from '../sql-server/connection.ts';
import { databaseStates } from '../sql-server/databases.ts';
import { serverFacts, type ServerFacts } from '../sql-server/facts.ts';
import { query } from '../sql-server/query.ts';
import { readDatabaseRights, readServerRights, rightsFindings } from './rights.ts';

const readClock = query<{ readonly now: string }>(
  'Read the clock',
  `SELECT CONVERT(varchar(33), SYSUTCDATETIME(), 126) AS now`,
);

/** Looks at a server from the worker. What fails of its own vocabulary is a finding, with the vocabulary's advice. */
export function checkServer(deps: ActivityDeps): DoctorActivities['checkServer'] {
  return ({ instance }) =>
    withHeartbeat(async ({ signal }) => {
      try {
        const { tls } = await deps.platform.endpoint(instance);
        const transport = tls.encrypt && !tls.trustServerCertificate ? [] : [tlsFinding(tls.encrypt)];
        return await withServer(deps, instance, { session: 'doctor', signal }, async (server) => [
          ...(await look(deps, server)),
          ...transport,
        ]);
      } catch (error) {
        const type = failureType(error);
        if (type === null) throw error;
        return [fail('sql.login', (error as Error).message, failures[type].hint)];
      }
    });
}

async function look(deps: ActivityDeps, server: SqlConnection): Promise<Finding[]> {
  const facts = await serverFacts(server);
  const before = now(deps);
  const [clock] = await server.rows(readClock, {});
  const after = now(deps);
  const [rights] = await server.rows(readServerRights, {});
  if (rights === undefined) throw new Error('the rights of the login gave no row');
  return [
    ok('sql.login', `${facts.serverName} takes the login ${rights.login}`),
    versionFinding(facts),
    ...rightsFindings(rights, await server.rows(readDatabaseRights, {})),
    ...databaseFindings(await databaseStates(server)),
    clockFinding(
      'clock.server',
      "SQL Server's clock, against the worker's,",
      Date.parse(`${clock?.now.slice(0, 23)}Z`),
      [before, after],
    ),
  ];
}

/** Product versions: 15 is SQL Server 2019, 16 is 2022. */
export function versionFinding({ majorVersion, edition }: Pick<ServerFacts, 'majorVersion' | 'edition'>): Finding {
  const what = `SQL Server ${majorVersion}, ${edition}`;
  if (majorVersion === 15 || majorVersion === 16) return ok('sql.version', what);
  return warn(
    'sql.version',
    what,
    'SQL Server 2019 and 2022 (15 and 16) are what mssql-pitr is made for; try a restore before you rely on it.',
  );
}

/** What a backup run will leave out, and what has no log backups, told before it surprises somebody. */
export function databaseFindings(databases: readonly DatabaseState[]): Finding[] {
  const own = databases.filter((database) => database.databaseId > 4 && !database.isSnapshot);
  const away = own.filter(({ state }) => state !== 'ONLINE').map(({ name, state }) => `${name} (${state})`);
  const simple = own.filter(({ state, recoveryModel }) => state === 'ONLINE' && recoveryModel === 'SIMPLE');
  return [
    ok('sql.databases', `${own.length} databases`),
    ...(away.length === 0
      ? []
      : [
          warn(
            'sql.databases.away',
            `Not ONLINE, so not backed up: ${names(away, 5)}`,
            'Bring them online, or drop what is not needed.',
          ),
        ]),
    ...(simple.length === 0
      ? []
      : [
          warn(
            'sql.databases.simple',
            `No point in time, for lack of log backups (SIMPLE recovery model): ${names(
              simple.map(({ name }) => name),
              5,
            )}`,
            `Where it matters: ALTER DATABASE [${simple[0]?.name.replaceAll(']', ']]')}] SET RECOVERY FULL; the next log run starts the chain.`,
          ),
        ]),
  ];
}

function tlsFinding(encrypted: boolean): Finding {
  return encrypted
    ? warn(
        'sql.tls',
        'The certificate of the server is not verified',
        'Set tls.trustServerCertificate: false, with tls.caFile where it needs one.',
      )
    : warn('sql.tls', 'The connection is not encrypted after the login', 'Set tls.encrypt: true in temporal.yaml.');
}

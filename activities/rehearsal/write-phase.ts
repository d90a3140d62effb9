import type { PhaseInput } from '../../workflows/contracts.ts';
import { quoteName, quoteString } from '../../workflows/domain/quoting.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { query } from '../sql-server/query.ts';
import { withServer, type ActivityDeps } from '../deps.ts';
import { serverNow } from './read-server-clock.ts';

/** A second attempt finds database, table and row there and adds nothing. */
function createDatabase(database: string): string {
  return `IF DB_ID(${quoteString(database)}) IS NULL
          BEGIN
            CREATE DATABASE ${quoteName(database)};
            ALTER DATABASE ${quoteName(database)} SET RECOVERY FULL;
          END`;
}

function createTable(database: string): string {
  return `IF OBJECT_ID(${quoteString(`${quoteName(database)}.dbo.rehearsal`)}) IS NULL
            CREATE TABLE ${quoteName(database)}.dbo.rehearsal (
              id int IDENTITY(1, 1) PRIMARY KEY,
              phase nvarchar(40) NOT NULL,
              written_at datetime2(3) NOT NULL DEFAULT SYSUTCDATETIME()
            )`;
}

const insertPhase = (database: string) =>
  query<never, { readonly phase: string }>(
    `Insert into ${database}`,
    `IF NOT EXISTS (SELECT 1 FROM ${quoteName(database)}.dbo.rehearsal WHERE phase = @phase)
       INSERT INTO ${quoteName(database)}.dbo.rehearsal (phase) VALUES (@phase)`,
  );

export function writePhase(deps: ActivityDeps, input: PhaseInput): Promise<{ lastCommitAt: string }> {
  return withHeartbeat(({ signal, report }) =>
    withServer(deps, input.instance, { session: 'rehearsal' }, async (connection) => {
      for (const database of input.databases) {
        report({ database, phase: input.phase });
        await connection.statement(createDatabase(database), { signal });
        await connection.statement(createTable(database), { signal });
        await connection.rows(insertPhase(database), { phase: input.phase }, signal);
      }
      return { lastCommitAt: await serverNow(connection) };
    }),
  );
}

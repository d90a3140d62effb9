import type { DatabaseState } from '../../workflows/domain/decide.ts';
import { parseLsn } from '../../workflows/domain/lsn.ts';
import { failure } from '../failure.ts';
import type { SqlConnection } from './connection.ts';
import { query } from './query.ts';

interface StateRow {
  readonly name: string;
  readonly databaseId: number;
  readonly state: string;
  readonly recoveryModel: string;
  readonly snapshotOf: number | null;
  readonly isInStandby: boolean;
  readonly familyId: string | null;
  readonly recoveryForkId: string | null;
  readonly lastLogBackupLsn: string | null;
  readonly differentialBaseId: string | null;
}

/**
 * sys.databases, sys.database_recovery_status and sys.master_files (Transact-SQL). The primary file (file_id 1) speaks for the
 * database: full backups set the differential base of all files at once.
 */
const readStates = query<StateRow>(
  'Read sys.databases',
  `SELECT d.name AS name,
          d.database_id AS databaseId,
          d.state_desc AS state,
          d.recovery_model_desc AS recoveryModel,
          d.source_database_id AS snapshotOf,
          d.is_in_standby AS isInStandby,
          CONVERT(varchar(36), r.family_guid) AS familyId,
          CONVERT(varchar(36), r.recovery_fork_guid) AS recoveryForkId,
          CAST(r.last_log_backup_lsn AS varchar(25)) AS lastLogBackupLsn,
          CONVERT(varchar(36), f.differential_base_guid) AS differentialBaseId
     FROM sys.databases AS d
     LEFT JOIN sys.database_recovery_status AS r ON r.database_id = d.database_id
     LEFT JOIN sys.master_files AS f ON f.database_id = d.database_id AND f.file_id = 1
    ORDER BY d.name`,
);

export async function databaseStates(connection: SqlConnection): Promise<DatabaseState[]> {
  const rows = await connection.rows(readStates, {});
  return rows.map((row) => ({
    name: row.name,
    databaseId: row.databaseId,
    state: row.state,
    recoveryModel: recoveryModelOf(row.recoveryModel),
    isSnapshot: row.snapshotOf !== null,
    isInStandby: row.isInStandby,
    familyId: row.familyId?.toUpperCase() ?? null,
    recoveryForkId: row.recoveryForkId?.toUpperCase() ?? null,
    lastLogBackupLsn: row.lastLogBackupLsn === null ? null : parseLsn(row.lastLogBackupLsn),
    differentialBaseId: row.differentialBaseId?.toUpperCase() ?? null,
  }));
}

/** sys.databases says BULK_LOGGED, msdb and backup headers say BULK-LOGGED. */
export function recoveryModelOf(text: string): DatabaseState['recoveryModel'] {
  const model = text.trim().toUpperCase().replace('-', '_');
  if (model === 'FULL' || model === 'BULK_LOGGED' || model === 'SIMPLE') return model;
  throw new RangeError(`unknown recovery model ${JSON.stringify(text)}`);
}

/**
 * The databases that were asked for, by the names the server writes; all when none were named.
 * @throws failure UnknownDatabase, naming every one that is not there
 */
export function selected<T extends { readonly name: string }>(
  databases: readonly T[],
  asked: readonly string[] | undefined,
  instance: string,
): readonly T[] {
  if (asked === undefined) return databases;
  const byName = new Map(databases.map((database) => [database.name.toLowerCase(), database]));
  const missing = asked.filter((name) => !byName.has(name.toLowerCase()));
  if (missing.length > 0) throw failure('UnknownDatabase', `${instance} has no database ${missing.join(', ')}`);
  const wanted = new Set(asked.map((name) => name.toLowerCase()));
  return databases.filter((database) => wanted.has(database.name.toLowerCase()));
}

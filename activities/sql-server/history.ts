import type { SqlConnection } from './connection.ts';
import { query } from './query.ts';

/** A finished backup of a run, by the NAME it was taken with. */
export interface Finished {
  readonly name: string;
  readonly setId: number;
}

/** backupset (Transact-SQL): the clustered key, so that later look-ups read the newest rows only. */
const readNewestSet = query<{ readonly setId: number | null }>(
  'Read msdb.dbo.backupset',
  'SELECT MAX(backup_set_id) AS setId FROM msdb.dbo.backupset',
);

/** backupset (Transact-SQL): a row is there when the backup has finished. */
const readFinished = query<Finished, { readonly after: number; readonly name: string }>(
  'Look for finished backups in msdb',
  `SELECT s.name AS name, s.backup_set_id AS setId
     FROM msdb.dbo.backupset AS s
    WHERE s.backup_set_id > @after AND LEFT(s.name, LEN(@name)) = @name`,
);

/** Rows get their number before they are committed, so a lower number can appear after a higher one. */
const lateRows = 10_000;

/** A place in msdb's history from which rows that are written from now on are found. */
export async function historyMark(connection: SqlConnection): Promise<number> {
  const [row] = await connection.rows(readNewestSet, {});
  return Math.max(0, (row?.setId ?? 0) - lateRows);
}

/** Finished backups whose NAME begins so; `after` is a {@link historyMark}, or 0 for the whole history. */
export function finishedBackups(connection: SqlConnection, name: string, after: number): Promise<Finished[]> {
  return connection.rows(readFinished, { name, after });
}

/** One media family of a backup set: LSNs, GUIDs and times as text. */
export interface SetRow {
  readonly setId: number;
  readonly mediaSetId: number;
  readonly id: string;
  readonly name: string | null;
  readonly database: string;
  readonly serverName: string;
  readonly type: string;
  readonly position: number;
  readonly firstLsn: string;
  readonly lastLsn: string;
  readonly checkpointLsn: string;
  readonly databaseBackupLsn: string;
  readonly differentialBaseLsn: string | null;
  readonly differentialBaseId: string | null;
  readonly familyId: string;
  readonly firstRecoveryForkId: string;
  readonly recoveryForkId: string;
  readonly forkPointLsn: string | null;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly lastValidRestoreTime: string | null;
  readonly timeZone: number | null;
  readonly recoveryModel: string;
  readonly copyOnly: boolean;
  readonly bulkLogged: boolean;
  readonly beginsLogChain: boolean;
  readonly checksums: boolean;
  readonly damaged: boolean;
  readonly size: string;
  readonly majorVersion: number;
}

export interface FamilyRow extends SetRow {
  readonly device: string;
}

export interface FileRow {
  readonly setId: number;
  readonly fileId: number;
  readonly logicalName: string;
  readonly type: string;
  readonly physicalName: string;
  readonly size: string;
}

interface Folder {
  readonly folder: string;
  readonly [name: string]: string;
}

/** backupset and backupmediafamily (Transact-SQL); last_valid_restore_time came with SQL Server 2022. */
const readSets = (majorVersion: number): ReturnType<typeof query<FamilyRow, Folder>> =>
  query<FamilyRow, Folder>(
    'Read the staged backups from msdb',
    `SELECT s.backup_set_id AS setId,
            s.media_set_id AS mediaSetId,
            CONVERT(varchar(36), s.backup_set_uuid) AS id,
            s.name AS name,
            s.database_name AS [database],
            s.server_name AS serverName,
            s.type AS type,
            s.position AS position,
            CAST(s.first_lsn AS varchar(25)) AS firstLsn,
            CAST(s.last_lsn AS varchar(25)) AS lastLsn,
            CAST(s.checkpoint_lsn AS varchar(25)) AS checkpointLsn,
            CAST(s.database_backup_lsn AS varchar(25)) AS databaseBackupLsn,
            CAST(s.differential_base_lsn AS varchar(25)) AS differentialBaseLsn,
            CONVERT(varchar(36), s.differential_base_guid) AS differentialBaseId,
            CONVERT(varchar(36), s.family_guid) AS familyId,
            CONVERT(varchar(36), s.first_recovery_fork_guid) AS firstRecoveryForkId,
            CONVERT(varchar(36), s.last_recovery_fork_guid) AS recoveryForkId,
            CAST(s.fork_point_lsn AS varchar(25)) AS forkPointLsn,
            CONVERT(varchar(33), s.backup_start_date, 126) AS startedAt,
            CONVERT(varchar(33), s.backup_finish_date, 126) AS finishedAt,
            ${majorVersion >= 16 ? 'CONVERT(varchar(33), s.last_valid_restore_time, 126)' : 'NULL'} AS lastValidRestoreTime,
            s.time_zone AS timeZone,
            s.recovery_model AS recoveryModel,
            s.is_copy_only AS copyOnly,
            s.has_bulk_logged_data AS bulkLogged,
            s.begins_log_chain AS beginsLogChain,
            s.has_backup_checksums AS checksums,
            s.is_damaged AS damaged,
            CAST(s.backup_size AS varchar(20)) AS size,
            s.software_major_version AS majorVersion,
            f.physical_device_name AS device
       FROM msdb.dbo.backupset AS s
       JOIN msdb.dbo.backupmediafamily AS f ON f.media_set_id = s.media_set_id
      WHERE LEFT(f.physical_device_name, LEN(@folder)) = @folder
      ORDER BY s.backup_set_id, f.family_sequence_number`,
  );

/** backupfile (Transact-SQL); state 8 is a file that was dropped. */
const readFiles = query<FileRow, Folder>(
  'Read the files of the staged backups from msdb',
  `SELECT b.backup_set_id AS setId,
          CAST(b.file_number AS int) AS fileId,
          b.logical_name AS logicalName,
          b.file_type AS type,
          b.physical_name AS physicalName,
          CAST(b.file_size AS varchar(20)) AS size
     FROM msdb.dbo.backupfile AS b
    WHERE b.state <> 8
      AND b.backup_set_id IN (SELECT s.backup_set_id
                                FROM msdb.dbo.backupset AS s
                                JOIN msdb.dbo.backupmediafamily AS f ON f.media_set_id = s.media_set_id
                               WHERE LEFT(f.physical_device_name, LEN(@folder)) = @folder)
    ORDER BY b.backup_set_id, b.file_number`,
);

export interface History {
  readonly families: readonly FamilyRow[];
  readonly files: readonly FileRow[];
}

/** Every finished backup that was written into a folder of the server. */
export async function historyOf(connection: SqlConnection, folder: string, majorVersion: number): Promise<History> {
  const families = await connection.rows(readSets(majorVersion), { folder });
  const files = families.length === 0 ? [] : await connection.rows(readFiles, { folder });
  return { families, files };
}

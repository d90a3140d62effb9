import { quoteString } from '../../workflows/domain/quoting.ts';
import type { SqlConnection } from './connection.ts';
import type { FileRow, SetRow } from './history.ts';
import { query } from './query.ts';

/** A backup that was cut off has a header with holes. */
export type HeaderRow = { readonly [Column in keyof SetRow]: SetRow[Column] | null };

interface Device {
  readonly device: string;
  readonly [name: string]: string | number;
}

/** Columns of RESTORE HEADERONLY (Transact-SQL), in order; the last three came with SQL Server 2022. */
const headerColumns = `BackupName nvarchar(128), BackupDescription nvarchar(255), BackupType smallint, ExpirationDate datetime,
  Compressed tinyint, Position smallint, DeviceType tinyint, UserName nvarchar(128), ServerName nvarchar(128),
  DatabaseName nvarchar(128), DatabaseVersion int, DatabaseCreationDate datetime, BackupSize numeric(20,0),
  FirstLSN numeric(25,0), LastLSN numeric(25,0), CheckpointLSN numeric(25,0), DatabaseBackupLSN numeric(25,0),
  BackupStartDate datetime, BackupFinishDate datetime, SortOrder smallint, CodePage smallint, UnicodeLocaleId int,
  UnicodeComparisonStyle int, CompatibilityLevel tinyint, SoftwareVendorId int, SoftwareVersionMajor int,
  SoftwareVersionMinor int, SoftwareVersionBuild int, MachineName nvarchar(128), Flags int, BindingID uniqueidentifier,
  RecoveryForkID uniqueidentifier, Collation nvarchar(128), FamilyGUID uniqueidentifier, HasBulkLoggedData bit,
  IsSnapshot bit, IsReadOnly bit, IsSingleUser bit, HasBackupChecksums bit, IsDamaged bit, BeginsLogChain bit,
  HasIncompleteMetaData bit, IsForceOffline bit, IsCopyOnly bit, FirstRecoveryForkID uniqueidentifier,
  ForkPointLSN numeric(25,0), RecoveryModel nvarchar(60), DifferentialBaseLSN numeric(25,0),
  DifferentialBaseGUID uniqueidentifier, BackupTypeDescription nvarchar(128), BackupSetGUID uniqueidentifier,
  CompressedBackupSize bigint, Containment tinyint, KeyAlgorithm nvarchar(32), EncryptorThumbprint varbinary(20),
  EncryptorType nvarchar(32)`;
const headerColumns2022 = 'LastValidRestoreTime datetime, TimeZone smallint, CompressionAlgorithm nvarchar(32)';

/** RESTORE HEADERONLY through a table, since only there its numeric columns can be turned into text without loss. */
const readHeader = (majorVersion: number): ReturnType<typeof query<HeaderRow, Device>> =>
  query<HeaderRow, Device>(
    'Read the header of a staged backup',
    `CREATE TABLE #header (${headerColumns}${majorVersion >= 16 ? `, ${headerColumns2022}` : ''});
     INSERT INTO #header
       EXEC sp_executesql N'RESTORE HEADERONLY FROM DISK = @device', N'@device nvarchar(512)', @device = @device;
     SELECT 0 AS setId,
            0 AS mediaSetId,
            CONVERT(varchar(36), BackupSetGUID) AS id,
            BackupName AS name,
            DatabaseName AS [database],
            ServerName AS serverName,
            CASE BackupType WHEN 1 THEN 'D' WHEN 5 THEN 'I' WHEN 2 THEN 'L' ELSE '?' END AS type,
            CAST(Position AS int) AS position,
            CAST(FirstLSN AS varchar(25)) AS firstLsn,
            CAST(LastLSN AS varchar(25)) AS lastLsn,
            CAST(CheckpointLSN AS varchar(25)) AS checkpointLsn,
            CAST(DatabaseBackupLSN AS varchar(25)) AS databaseBackupLsn,
            CAST(DifferentialBaseLSN AS varchar(25)) AS differentialBaseLsn,
            CONVERT(varchar(36), DifferentialBaseGUID) AS differentialBaseId,
            CONVERT(varchar(36), FamilyGUID) AS familyId,
            CONVERT(varchar(36), FirstRecoveryForkID) AS firstRecoveryForkId,
            CONVERT(varchar(36), RecoveryForkID) AS recoveryForkId,
            CAST(ForkPointLSN AS varchar(25)) AS forkPointLsn,
            CONVERT(varchar(33), BackupStartDate, 126) AS startedAt,
            CONVERT(varchar(33), BackupFinishDate, 126) AS finishedAt,
            ${majorVersion >= 16 ? 'CONVERT(varchar(33), LastValidRestoreTime, 126)' : 'NULL'} AS lastValidRestoreTime,
            ${majorVersion >= 16 ? 'TimeZone' : 'NULL'} AS timeZone,
            RecoveryModel AS recoveryModel,
            IsCopyOnly AS copyOnly,
            HasBulkLoggedData AS bulkLogged,
            BeginsLogChain AS beginsLogChain,
            HasBackupChecksums AS checksums,
            IsDamaged AS damaged,
            CAST(BackupSize AS varchar(20)) AS size,
            SoftwareVersionMajor AS majorVersion
       FROM #header;
     DROP TABLE #header`,
  );

/** RESTORE FILELISTONLY (Transact-SQL) */
const readFileList = query<FileRow, Device & { readonly position: number }>(
  'Read the file list of a staged backup',
  `CREATE TABLE #files (LogicalName nvarchar(128), PhysicalName nvarchar(260), Type char(1), FileGroupName nvarchar(128),
     Size numeric(20,0), MaxSize numeric(20,0), FileID bigint, CreateLSN numeric(25,0), DropLSN numeric(25,0),
     UniqueID uniqueidentifier, ReadOnlyLSN numeric(25,0), ReadWriteLSN numeric(25,0), BackupSizeInBytes bigint,
     SourceBlockSize int, FileGroupID int, LogGroupGUID uniqueidentifier, DifferentialBaseLSN numeric(25,0),
     DifferentialBaseGUID uniqueidentifier, IsReadOnly bit, IsPresent bit, TDEThumbprint varbinary(20),
     SnapshotUrl nvarchar(360));
   INSERT INTO #files
     EXEC sp_executesql N'RESTORE FILELISTONLY FROM DISK = @device WITH FILE = @position',
       N'@device nvarchar(512), @position int', @device = @device, @position = @position;
   SELECT 0 AS setId,
          CAST(FileID AS int) AS fileId,
          LogicalName AS logicalName,
          Type AS type,
          PhysicalName AS physicalName,
          CAST(Size AS varchar(20)) AS size
     FROM #files;
   DROP TABLE #files`,
);

export interface Header {
  readonly sets: readonly HeaderRow[];
  readonly files: readonly FileRow[];
}

/**
 * What a backup file says of itself.
 * @throws failure FileDamaged when no finished backup lies there
 */
export async function headerOf(connection: SqlConnection, device: string, majorVersion: number): Promise<Header> {
  const sets = await connection.rows(readHeader(majorVersion), { device });
  const files = sets.length === 0 ? [] : await fileListOf(connection, device, 1);
  return { sets, files };
}

/** Every set in a file, in order; the first file of the media where there are several. */
export function headersOf(connection: SqlConnection, device: string, majorVersion: number): Promise<HeaderRow[]> {
  return connection.rows(readHeader(majorVersion), { device });
}

/** Files of the database in the set at a position. */
export function fileListOf(connection: SqlConnection, device: string, position: number): Promise<FileRow[]> {
  return connection.rows(readFileList, { device, position });
}

export interface Label {
  readonly MediaSetId: string;
  readonly FamilyCount: number;
  readonly FamilySequenceNumber: number;
}

/** RESTORE LABELONLY (Transact-SQL): which file of how many this one is. */
const readLabel = query<Label, Device>('Read the label of a backup file', 'RESTORE LABELONLY FROM DISK = @device');

export async function labelOf(connection: SqlConnection, device: string): Promise<Label | null> {
  const [label] = await connection.rows(readLabel, { device });
  return label ?? null;
}

/** RESTORE VERIFYONLY (Transact-SQL): reads the whole set. Asking for checksums where there are none fails with 3187. */
export function verifyOnly(device: string, checksums: boolean): string {
  return `RESTORE VERIFYONLY FROM DISK = ${quoteString(device)}${checksums ? ' WITH CHECKSUM' : ''}`;
}

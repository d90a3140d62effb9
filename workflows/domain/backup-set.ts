import type { Lsn } from './lsn.ts';

export type BackupKind = 'full' | 'differential' | 'log';

/** One media family of a set, as it lies in the backup store beside its manifest. */
export interface BackupFile {
  /** File name without a folder. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** A file of the database itself (RESTORE FILELISTONLY), which a restore has to MOVE. */
export interface DatabaseFile {
  readonly fileId: number;
  readonly logicalName: string;
  /** D data, L log, F full-text, S FILESTREAM or memory-optimised. */
  readonly type: 'D' | 'L' | 'F' | 'S';
  readonly physicalName: string;
  readonly sizeBytes: number;
}

/**
 * A backup set that exists: what its manifest in the store says. Everything a restore needs, so that the store alone is
 * enough. Field meanings: RESTORE HEADERONLY and msdb.dbo.backupset in the Microsoft documentation.
 *
 * Times are UTC, ISO 8601 with Z. SQL Server keeps them as whole seconds, cut off: the true moment lies in the
 * second that begins there.
 */
export interface BackupSet {
  readonly formatVersion: 1;
  /** backup_set_uuid, upper case. */
  readonly id: string;
  /** Instance name of temporal.yaml, and what the server calls itself. */
  readonly instance: string;
  readonly serverName: string;
  readonly database: string;
  readonly kind: BackupKind;
  readonly copyOnly: boolean;
  /** The NAME that the backup was taken with. */
  readonly name: string;
  /** FILE = n within the media set. */
  readonly position: number;
  readonly files: readonly BackupFile[];
  readonly firstLsn: Lsn;
  /** The LSN after the set: what the next log backup begins with. */
  readonly lastLsn: Lsn;
  readonly checkpointLsn: Lsn;
  /** Checkpoint of the full that was the newest then; 0 for a first full. Says nothing about which full a log needs. */
  readonly databaseBackupLsn: Lsn;
  readonly differentialBaseLsn: Lsn | null;
  /** Backup set id of the full that a differential stands on. */
  readonly differentialBaseId: string | null;
  /** Survives restores: the same for every copy of one database. */
  readonly familyId: string;
  /** Recovery fork at the beginning and at the end of the set; they differ only in a log that crosses a fork. */
  readonly firstRecoveryForkId: string;
  readonly recoveryForkId: string;
  readonly forkPointLsn: Lsn | null;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Time of the last log record inside; only log backups carry it, and only from SQL Server 2022 on. */
  readonly lastValidRestoreTime: string | null;
  /** Source's local time minus UTC when the set was taken, in minutes: STOPAT is written in local time. */
  readonly utcOffsetMinutes: number;
  readonly recoveryModel: 'FULL' | 'BULK_LOGGED' | 'SIMPLE';
  readonly hasBulkLoggedData: boolean;
  readonly beginsLogChain: boolean;
  readonly hasChecksums: boolean;
  readonly isDamaged: boolean;
  /** Uncompressed size that SQL Server reports. */
  readonly backupSizeBytes: number;
  readonly databaseFiles: readonly DatabaseFile[];
  /** e.g. 16; a set cannot be restored to an older major version. */
  readonly softwareMajorVersion: number;
  readonly takenBy: { readonly workflowId: string; readonly runId: string } | null;
  readonly committedAt: string;
}

/** Bytes in the store. */
export function storedBytes(set: BackupSet): number {
  return set.files.reduce((sum, file) => sum + file.sizeBytes, 0);
}

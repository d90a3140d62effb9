import type { BackupKind, BackupSet, DatabaseFile } from '../../workflows/domain/backup-set.ts';
import { parseLsn } from '../../workflows/domain/lsn.ts';
import type { StagedSet } from '../executor/tasks.ts';
import { recoveryModelOf } from '../sql-server/databases.ts';
import type { FileRow, SetRow } from '../sql-server/history.ts';
import { offsetAtBackup, toUtc } from '../sql-server/time.ts';

const kinds: Readonly<Record<string, BackupKind>> = { D: 'full', I: 'differential', L: 'log' };

export interface StagedOptions {
  readonly instance: string;
  readonly takenBy: BackupSet['takenBy'];
  /** The server's clock minus UTC, now. */
  readonly utcOffsetMinutes: number;
  /** Relative to the SQL root, in media-family order. */
  readonly stagedFiles: readonly string[];
}

/** @returns null for a kind of backup that is none of ours (file, partial) */
export function stagedSet(row: SetRow, files: readonly FileRow[], options: StagedOptions): StagedSet | null {
  const kind = kinds[row.type.trim()];
  if (kind === undefined) return null;
  const offset = offsetAtBackup(row.timeZone, kind === 'log', options.utcOffsetMinutes);
  const lsn = (text: string | null): BackupSet['forkPointLsn'] => (text === null ? null : parseLsn(text));
  return {
    stagedFiles: options.stagedFiles,
    set: {
      formatVersion: 1,
      id: row.id.toUpperCase(),
      instance: options.instance,
      serverName: row.serverName,
      database: row.database,
      kind,
      copyOnly: row.copyOnly,
      name: row.name ?? '',
      position: row.position,
      firstLsn: parseLsn(row.firstLsn),
      lastLsn: parseLsn(row.lastLsn),
      checkpointLsn: parseLsn(row.checkpointLsn),
      databaseBackupLsn: parseLsn(row.databaseBackupLsn),
      differentialBaseLsn: lsn(row.differentialBaseLsn),
      differentialBaseId: row.differentialBaseId?.toUpperCase() ?? null,
      familyId: row.familyId.toUpperCase(),
      firstRecoveryForkId: row.firstRecoveryForkId.toUpperCase(),
      recoveryForkId: row.recoveryForkId.toUpperCase(),
      forkPointLsn: lsn(row.forkPointLsn),
      startedAt: toUtc(row.startedAt, offset),
      finishedAt: toUtc(row.finishedAt, offset),
      lastValidRestoreTime: row.lastValidRestoreTime === null ? null : toUtc(row.lastValidRestoreTime, offset),
      utcOffsetMinutes: offset,
      recoveryModel: recoveryModelOf(row.recoveryModel),
      hasBulkLoggedData: row.bulkLogged,
      beginsLogChain: row.beginsLogChain,
      hasChecksums: row.checksums,
      isDamaged: row.damaged,
      backupSizeBytes: Number(row.size),
      databaseFiles: files.map(databaseFile),
      softwareMajorVersion: row.majorVersion,
      takenBy: options.takenBy,
    },
  };
}

function databaseFile(row: FileRow): DatabaseFile {
  return {
    fileId: row.fileId,
    logicalName: row.logicalName,
    type: fileType(row.type),
    physicalName: row.physicalName,
    sizeBytes: Number(row.size),
  };
}

/** backupfile (Transact-SQL), file_type: D data, L log, F full-text catalog, S FILESTREAM or memory-optimised. */
function fileType(text: string): DatabaseFile['type'] {
  const type = text.trim();
  if (type === 'D' || type === 'L' || type === 'F' || type === 'S') return type;
  throw new RangeError(`unknown type ${JSON.stringify(text)} of a database file`);
}

import type { Decimal, SqlMoment } from '../../contracts.ts';
import { lsnAt } from '../log/lsn.ts';
import { wholeSecond } from '../moment.ts';
import { BACKUP_TYPE } from './set.ts';
import type { BackupSet } from './set.ts';

/** SQL Server 2022: what headers say about the software and its defaults. */
export const SOFTWARE = {
  name: 'Microsoft SQL Server',
  vendor: 4608,
  major: 16,
  minor: 0,
  build: 4236,
  databaseVersion: 957,
  sortOrder: 52,
  locale: 1033,
  compareStyle: 196_609,
} as const;

/** DeviceType of a DISK path. */
export const DISK_DEVICE = 2;
export const PHYSICAL_BLOCK = 4096;

export function lsnValue(position: number | null | undefined): Decimal | null {
  return position == null ? null : { unscaled: lsnAt(position), scale: 0 };
}

export function count(value: number): Decimal {
  return { unscaled: BigInt(value), scale: 0 };
}

export function moment(ticks: bigint | null): SqlMoment | null {
  return ticks === null ? null : { ticks };
}

/** RESTORE HEADERONLY, column Flags. unknown: whether both tail bits are set by NORECOVERY. */
export function flagsOf(set: BackupSet): number {
  return (
    512 +
    (set.hasBulkLoggedData ? 1 : 0) +
    (set.isReadOnly ? 4 : 0) +
    (set.isSingleUser ? 8 : 0) +
    (set.hasChecksums ? 16 : 0) +
    (set.isDamaged ? 32 : 0) +
    (set.isTail ? 64 + 256 : 0) +
    (set.isCopyOnly ? 1024 : 0) +
    (set.type === BACKUP_TYPE.differential ? 2048 : 0)
  );
}

/** Only log backups know it, and it is the last commit in them: on an idle database it lags behind the backup. */
export function lastValidRestoreTime(set: BackupSet): SqlMoment | null {
  if (set.type !== BACKUP_TYPE.log || set.lastCommitTicks === null) return null;
  return wholeSecond({ ticks: set.lastCommitTicks });
}

export function compressionAlgorithm(set: BackupSet): string | null {
  return set.compressed ? 'MS_XPRESS' : null;
}

/** First-ever data backups say 0, not NULL. */
export function databaseBackupLsn(set: BackupSet): Decimal {
  return lsnValue(set.databaseBackup) ?? count(0);
}

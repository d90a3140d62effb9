import type { DifferentialBase, StoredFile } from '../boot.ts';
import type { RecoveryModel } from '../../contracts.ts';

/** RESTORE HEADERONLY, column BackupType. */
export const BACKUP_TYPE = { full: 1, log: 2, differential: 5 } as const;
export type BackupType = (typeof BACKUP_TYPE)[keyof typeof BACKUP_TYPE];

/** What is known when a backup set begins. Places in the log are positions, times are local ticks. */
export interface SetStart {
  readonly setGuid: string;
  readonly type: BackupType;
  readonly position: number;
  readonly name: string | null;
  readonly description: string | null;
  readonly expirationTicks: bigint | null;
  readonly userName: string;
  readonly serverName: string;
  readonly databaseName: string;
  readonly databaseCreationTicks: bigint;
  readonly databaseGuid: string;
  readonly familyGuid: string;
  readonly firstForkGuid: string;
  readonly forkGuid: string;
  readonly forkPoint: number | null;
  readonly recoveryModel: RecoveryModel;
  readonly collation: string;
  readonly compatibilityLevel: number;
  readonly compressed: boolean;
  readonly hasChecksums: boolean;
  readonly isCopyOnly: boolean;
  readonly isReadOnly: boolean;
  readonly isSingleUser: boolean;
  /** A log backup that leaves the database RESTORING. */
  readonly isTail: boolean;
  readonly beginsChain: boolean;
  readonly startTicks: bigint;
  /** Local minus UTC, in quarters of an hour. */
  readonly timeZone: number;
  readonly first: number;
  readonly checkpoint: number;
  /** Checkpoint of the full backup that was newest then; null for none. */
  readonly databaseBackup: number | null;
  /** What a differential is based on. */
  readonly base: DifferentialBase | null;
  /** The base that the database itself had: a restored copy-only full backup carries it on. */
  readonly databaseBase: DifferentialBase | null;
  readonly files: readonly (StoredFile & { readonly sizeBytes: number })[];
  readonly ballastCount: number;
  readonly snapshotBytes: number;
}

/** What is known when it ends. */
export interface SetEnd {
  readonly last: number;
  readonly finishTicks: bigint;
  /** The moment at which `last` was the end of the log, not rounded. */
  readonly endTicks: bigint;
  /** Last commit up to `last`; null when there was none ever. */
  readonly lastCommitTicks: bigint | null;
  readonly hasBulkLoggedData: boolean;
  readonly isDamaged: boolean;
  readonly rawBytes: number;
  readonly storedBytes: number;
  readonly dataPages: number;
  readonly logPages: number;
}

export interface BackupSet extends SetStart, SetEnd {}

export interface MediaHeader {
  readonly mediaSetGuid: string;
  readonly familyCount: number;
  /** 1 for the first stripe. */
  readonly familyNumber: number;
  readonly familyGuid: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly dateTicks: bigint;
  readonly compressed: boolean;
}

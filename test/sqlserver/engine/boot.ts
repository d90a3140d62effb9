import type { RecoveryModel } from '../contracts.ts';
import type { Run } from './files/runs.ts';

export interface DifferentialBase {
  readonly position: number;
  readonly setGuid: string;
  /** Local ticks of the base backup's start. */
  readonly ticks: bigint;
}

/** How far a restore sequence has come. */
export interface RestoreProgress {
  /** 'data' or 'log': a backup set was begun and not finished; only that set (or a new sequence) can go on. */
  readonly phase: 'ready' | 'data' | 'log';
  /** The set of an unfinished phase. */
  readonly setGuid: string;
  /** Redo has to go on from here. */
  readonly redo: number;
  readonly redoFork: string;
  /** Differentials fit on this full backup. */
  readonly baseGuid: string;
  readonly logRestored: boolean;
  /** Local ticks up to which everything is applied: no stop point can lie before it. */
  readonly earliestStop: bigint;
  /** Where a log backup of the recovered database will start. */
  readonly chainStart: number;
  readonly standbyFile: string | null;
}

export interface StoredFile {
  readonly fileId: number;
  readonly type: 'ROWS' | 'LOG';
  readonly logicalName: string;
  readonly physicalName: string;
  readonly uniqueId: string;
  /** Position in the log. */
  readonly created: number;
}

/** The boot page: what the data file itself says about its database. */
export interface Boot {
  databaseGuid: string;
  familyGuid: string;
  forkGuid: string;
  firstForkGuid: string;
  forkPoint: number | null;
  recoveryModel: RecoveryModel;
  collation: string;
  compatibilityLevel: number;
  isReadOnly: boolean;
  files: readonly StoredFile[];
  /** null: ONLINE or STANDBY without a sequence behind it. */
  restore: RestoreProgress | null;
  /** The snapshot holds everything before this. */
  checkpoint: number;
  snapshot: { readonly runs: readonly Run[]; readonly bytes: number };
  ballast: { readonly count: number; readonly runs: readonly Run[] };
  /** null: a log backup is impossible. */
  logBackup: number | null;
  logBackupTicks: bigint | null;
  /** The next log backup begins a chain. */
  beginsChain: boolean;
  base: DifferentialBase | null;
  /** Checkpoint of the newest full backup that was not copy-only. */
  lastFull: number | null;
  lastCommitTicks: bigint | null;
  /** The last CHECKDB that found nothing. */
  lastGoodCheckTicks: bigint | null;
}

import type { BackupKind } from '../domain/backup-set.ts';
import type { Decision, PromotionReason } from '../domain/decide.ts';
import type { Mend } from '../domain/mends.ts';
import type { BackupRequest } from '../domain/request.ts';
import type { StandingSummary } from '../domain/standing.ts';
import type { DatabaseFailure, RunRef } from './run.ts';

export interface CommittedSet {
  readonly database: string;
  readonly kind: BackupKind;
  /** Path of the manifest below the store. */
  readonly manifest: string;
  readonly sizeBytes: number;
}

export interface Inspection {
  /** Databases to back up; skipped ones only as a count per reason, and by name up to 50. */
  readonly work: readonly Exclude<Decision, { action: 'skip' }>[];
  readonly skipped: readonly Extract<Decision, { action: 'skip' }>[];
  readonly skippedCount: number;
  /** Chains that a later run makes whole, the most exposed first, at most 50. Absent from runs of earlier versions. */
  readonly waiting?: readonly Mend[];
  readonly waitingCount?: number;
}

export interface BackUpOutcome {
  /** How many databases have a finished backup of this run, adopted ones included. */
  readonly done: number;
  /** Found finished in msdb, taken by an earlier attempt. */
  readonly adopted: number;
  readonly failed: readonly DatabaseFailure[];
}

export interface CommitOutcome {
  readonly count: number;
  readonly sizeBytes: number;
  /** At most 100. */
  readonly sets: readonly CommittedSet[];
  /** Staged files that no finished backup stands behind (a backup that was cut off); they are removed. */
  readonly torn: number;
  readonly failed: readonly DatabaseFailure[];
}

/** Exposure: seconds between now and the latest restorable time. */
export interface DatabaseExposure {
  readonly database: string;
  readonly latestRestorable: string | null;
  readonly exposureSeconds: number | null;
}

export interface RunReport {
  /** Path of the full report below the store. */
  readonly report: string;
  /** Databases whose chain in the store is not whole after this run. */
  readonly broken: readonly DatabaseFailure[];
  /** The most exposed databases first, at most 100. */
  readonly exposure: readonly DatabaseExposure[];
  readonly maxExposureSeconds: number | null;
  /** Of all databases. Absent from reports of earlier versions. */
  readonly standing?: StandingSummary;
}

export interface BackupActivities {
  /** Refuses an unknown instance or database at once; makes the staging folder. */
  openBackupRun(
    input: RunRef & { readonly request: BackupRequest },
  ): Promise<{ readonly serverName: string; readonly edition: string }>;
  /** Copies every finished backup that is staged on the instance to the store, whichever run took it. */
  commitStaged(input: RunRef): Promise<CommitOutcome>;
  inspectInstance(input: RunRef & { readonly request: BackupRequest }): Promise<Inspection>;
  backUpDatabases(input: RunRef & { readonly work: Inspection['work'] }): Promise<BackUpOutcome>;
  /** Checks the chains in the store, writes the run's report and records metrics. */
  recordRun(
    input: RunRef & {
      readonly kind: BackupKind;
      readonly startedAt: string;
      readonly databases: readonly string[];
      readonly failed: readonly DatabaseFailure[];
      /** Databases that got another kind of backup than asked for, by reason. */
      readonly mended?: Readonly<Partial<Record<PromotionReason, number>>>;
    },
  ): Promise<RunReport>;
  /** Removes the run's empty staging folder, and stops what a cancelled run left going. */
  closeBackupRun(input: RunRef): Promise<void>;
}

/**
 * The activities that workflows call: the port between orchestration and the world. Implemented in activities/, whose
 * factory is checked against {@link Activities}. Every type here is plain JSON and stays small: what grows with the
 * number of databases or logs lives in the store and is passed by reference.
 */
import type { BackupKind } from './domain/backup-set.ts';
import type { Decision } from './domain/decide.ts';
import type { FailureType } from './domain/failures.ts';
import type { Reach } from './domain/plan-types.ts';
import type { PhaseCount } from './domain/rehearsal.ts';
import type { BackupRequest, RestoreRequest, Validation } from './domain/request.ts';

/** Identifies a backup run: in backup names, staging folders and manifests. */
export interface RunRef {
  readonly instance: string;
  /** From naming.runName: unique, sortable, safe as a folder name. */
  readonly run: string;
  readonly workflowId: string;
  readonly runId: string;
}

export interface DatabaseFailure {
  readonly database: string;
  readonly type: FailureType;
  readonly message: string;
}

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
}

export interface RestoreRef {
  /** Names the restore: its plan folder in the store, its staging folder, the token in its file names. */
  readonly restoreId: string;
  readonly source: string;
  readonly target: string;
}

export interface PlannedSet {
  /** Manifest path below the store. */
  readonly manifest: string;
  readonly kind: BackupKind;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly sizeBytes: number;
}

export interface PlannedDatabase {
  readonly database: string;
  readonly targetDatabase: string;
  readonly base: PlannedSet;
  readonly differential: PlannedSet | null;
  readonly logCount: number;
  readonly firstLog: PlannedSet | null;
  readonly lastLog: PlannedSet | null;
  readonly totalBytes: number;
  readonly reach: Reach;
  /** Half-open ranges over the steps (base, differential, logs): one activity each. */
  readonly slices: readonly (readonly [number, number])[];
}

/** The whole plan lies in the store under {@link planPath}; this is what the workflow needs of it. */
export interface RestorePlan {
  readonly planPath: string;
  /** SHA-256 of the plan file: a later activity refuses a plan that was changed. */
  readonly planDigest: string;
  /** The common moment, UTC with milliseconds. */
  readonly targetTime: string;
  readonly databases: readonly PlannedDatabase[];
  readonly totalBytes: number;
  readonly fileCount: number;
  /** How many databases are restored at the same time (limit of temporal.yaml). */
  readonly parallel: number;
  /** T-SQL that will run, in order; only in mode `plan`, cut at 200 lines. */
  readonly commands: readonly string[];
}

export interface TargetReady {
  /** True when this restore made the instance; only then may it remove it again. */
  readonly created: boolean;
  readonly address: string;
}

export interface StepsInput extends RestoreRef {
  readonly planPath: string;
  readonly planDigest: string;
  readonly database: string;
  readonly from: number;
  readonly to: number;
}

export interface StepsOutcome {
  readonly applied: number;
  /** Already contained in the database: an earlier attempt had applied them. */
  readonly skipped: number;
  readonly bytes: number;
  /** The stop point lies inside a log that was applied; later logs are not needed. */
  readonly stopReached: boolean;
  readonly copySeconds: number;
  readonly restoreSeconds: number;
}

export interface DatabaseInput extends RestoreRef {
  readonly planPath: string;
  readonly planDigest: string;
  readonly database: string;
}

export interface ReachedPoint {
  readonly database: string;
  readonly targetDatabase: string;
  /** LSN at which the new recovery fork begins: the last one that was recovered. */
  readonly lsn: string;
  readonly reach: Reach;
  readonly recoveredAt: string;
}

export interface Verified {
  readonly database: string;
  readonly targetDatabase: string;
  readonly online: boolean;
  readonly writable: boolean;
  readonly checkDb: 'clean' | 'not-asked';
  readonly validations: readonly {
    readonly query: string;
    readonly expect: string | number | null;
    readonly found: string | number | null;
    readonly ok: boolean;
  }[];
  readonly repairedUsers: readonly string[];
}

export interface VerifyInput extends DatabaseInput {
  readonly checkDb: boolean;
  readonly repairUsers: boolean;
  readonly validations: readonly Validation[];
}

export interface CertificateInput extends DatabaseRefs {
  readonly requested: string;
  readonly requestedAt: string;
  readonly startedAt: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly reached: readonly ReachedPoint[];
  readonly verified: readonly Verified[];
}

export interface DatabaseRefs extends RestoreRef {
  readonly planPath: string;
  readonly planDigest: string;
}

/** What a restore proves. The full form, with every file and hash, lies in the store. */
export interface Certificate {
  readonly path: string;
  readonly targetTime: string;
  readonly completedAt: string;
  /** How long the target moment stayed unprotected: finish of the log backup that covers it minus the target; the worst database. */
  readonly rpoSeconds: number;
  /** From the first staged file to the last verification. */
  readonly rtoJobSeconds: number;
  /** From the request to the end. */
  readonly rtoEndToEndSeconds: number;
  readonly databases: readonly ReachedPoint[];
}

export interface DiscardInput extends RestoreRef {
  readonly planPath: string | null;
  readonly planDigest: string | null;
  /** Remove the instance: this restore made it. */
  readonly removeTarget: boolean;
}

export interface Discarded {
  readonly droppedDatabases: readonly string[];
  readonly leftAlone: readonly string[];
  readonly targetRemoved: boolean;
}

export interface Activities {
  // ---- backup run
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
    },
  ): Promise<RunReport>;
  /** Removes the run's empty staging folder, and stops what a cancelled run left going. */
  closeBackupRun(input: RunRef): Promise<void>;

  // ---- restore
  planRestore(
    input: RestoreRef & { readonly request: RestoreRequest; readonly requestedAt: string },
  ): Promise<RestorePlan>;
  prepareTarget(input: DatabaseRefs): Promise<TargetReady>;
  restoreSteps(input: StepsInput): Promise<StepsOutcome>;
  recoverDatabase(input: DatabaseInput): Promise<ReachedPoint>;
  verifyDatabase(input: VerifyInput): Promise<Verified>;
  writeCertificate(input: CertificateInput): Promise<Certificate>;
  /** Removes the staged files. */
  cleanStaging(input: RestoreRef): Promise<void>;
  /** Undoes what the restore made: only databases whose files carry its token, and the target when it made it. */
  discardRestore(input: DiscardInput): Promise<Discarded>;
}

/** What only the runtime rehearsal (workflow runtimeE2E) needs: a workload, and evidence of what happened. */
export interface RehearsalActivities {
  /** Inserts one row with this phase into every database, making databases and table when absent; a second call adds nothing. */
  writePhase(input: PhaseInput): Promise<{ readonly lastCommitAt: string }>;
  /** The server's clock, UTC with milliseconds. */
  readServerClock(input: { readonly instance: string }): Promise<{ readonly now: string }>;
  countPhases(input: {
    readonly instance: string;
    readonly databases: readonly string[];
  }): Promise<readonly PhaseCount[]>;
  /** One line a file: size, hash, path below the store. */
  listStore(input: { readonly instance: string }): Promise<{ readonly text: string; readonly files: number }>;
  /** What is left on the instances' volumes: staging folders, staged files. */
  listLeftovers(input: {
    readonly instances: readonly string[];
  }): Promise<{ readonly text: string; readonly files: number }>;
  /** Puts text files into the run's evidence folder in the store and returns its path below the store. */
  writeEvidence(input: {
    readonly instance: string;
    readonly folder: string;
    readonly files: readonly EvidenceFile[];
  }): Promise<{ readonly path: string }>;
}

export interface PhaseInput {
  readonly instance: string;
  readonly databases: readonly string[];
  /** `seed`, `wave1`, `wave2` */
  readonly phase: string;
}

export interface EvidenceFile {
  readonly name: string;
  readonly text: string;
}

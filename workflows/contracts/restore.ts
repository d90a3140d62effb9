import type { BackupKind } from '../domain/backup-set.ts';
import type { Reach } from '../domain/plan-types.ts';
import type { RestoreRequest, Validation } from '../domain/request.ts';

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
  /** From the request until all is verified: the databases are there to be used. Clean-up is not part of it. */
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

export interface RestoreActivities {
  planRestore(
    input: RestoreRef & { readonly request: RestoreRequest; readonly requestedAt: string },
  ): Promise<RestorePlan>;
  prepareTarget(input: DatabaseRefs): Promise<TargetReady>;
  restoreSteps(input: StepsInput): Promise<StepsOutcome>;
  recoverDatabase(input: DatabaseInput): Promise<ReachedPoint>;
  verifyDatabase(input: VerifyInput): Promise<Verified>;
  writeCertificate(input: CertificateInput): Promise<Certificate>;
  /** Removes the staged files, and ends the lease on the backups. */
  cleanStaging(input: RestoreRef): Promise<void>;
  /** Undoes what the restore made: only databases whose files carry its token, and the target when it made it. */
  discardRestore(input: DiscardInput): Promise<Discarded>;
}

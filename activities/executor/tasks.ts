import type { BackupSet } from '../../workflows/domain/backup-set.ts';
import type { FailureType } from '../../workflows/domain/failures.ts';
import type { Reach, RestoreStep, StoreChain } from '../../workflows/domain/plan-types.ts';
import type { RestoreRequest } from '../../workflows/domain/request.ts';
import type { RestorePlan } from '../../workflows/contracts.ts';
import type { RootsCheck } from './check-roots.ts';
import type { CatalogueTasks } from './catalogue-tasks.ts';
import type { ImportTasks } from './import/tasks.ts';
import type { VerifyTasks } from './verify/tasks.ts';
import type { Holder, RetentionTasks } from './retention/tasks.ts';

/**
 * The executor's work: everything that touches files. It runs where the backup store and the instance's volume are both
 * mounted: inside the worker on the local platform, in a Job on Kubernetes. Tasks and results are JSON, and small; what
 * grows lies in the store. All paths in tasks are relative to one of the two roots, and never leave it.
 */
export interface Roots {
  /** The backup store (`/backup-store` in a pod). */
  readonly store: string;
  /** The instance's volume, which SQL Server sees as /var/opt/mssql. */
  readonly sql: string;
}

/** A finished backup on the instance's volume, described by msdb or its header; hashes are added while copying. */
export interface StagedSet {
  /** One path for each media family, relative to the SQL root, e.g. `backup-mssql/<run>/<file>`. */
  readonly stagedFiles: readonly string[];
  /** Names in the store, as many; those of the staged files when absent. */
  readonly storeNames?: readonly string[];
  readonly set: Omit<BackupSet, 'files' | 'committedAt'>;
}

export interface Tasks extends CatalogueTasks, VerifyTasks, ImportTasks, RetentionTasks, RootsCheck {
  /** Makes a folder below the SQL root that SQL Server can write to (owned like the root itself). */
  makeFolder: { input: { readonly path: string }; output: Record<string, never> };
  listStaged: {
    input: { readonly path: string };
    /** `modifiedAt` as epoch milliseconds. */
    output: {
      readonly files: readonly { readonly path: string; readonly sizeBytes: number; readonly modifiedAt: number }[];
    };
  };
  /**
   * Copy under a temporary name while hashing, fsync, rename, fsync of the folder, manifest last; then the staged file
   * is deleted. A set whose manifest exists already only loses its staged file. Never overwrites.
   */
  commit: {
    input: { readonly instance: string; readonly sets: readonly StagedSet[] };
    output: {
      readonly committed: readonly {
        readonly setId: string;
        readonly database: string;
        readonly manifest: string;
        readonly sizeBytes: number;
      }[];
      readonly failed: readonly {
        readonly setId: string;
        readonly database: string;
        readonly type: Extract<
          FailureType,
          'StorageFull' | 'FileMissing' | 'StoreUnavailable' | 'FileDamaged' | 'AccessDenied' | 'InvalidInput'
        >;
        readonly message: string;
      }[];
    };
  };
  /** Deletes staged files that no finished backup stands behind. */
  removeStaged: { input: { readonly paths: readonly string[] }; output: { readonly removed: number } };
  /** Removes a folder below the SQL root when it is empty, or whole when `recursive`. Nothing there is fine. */
  removeFolder: { input: { readonly path: string; readonly recursive: boolean }; output: Record<string, never> };
  /** What the store holds, per database; all of the instance when no names are given. */
  chains: {
    input: {
      readonly instance: string;
      readonly databases?: readonly string[];
      /**
       * False spares looking at each file again, moments after it was done: a file that is gone is noticed all the same, one of another
       * size only by the next look. Default true.
       */
      readonly look?: boolean;
    };
    output: {
      readonly chains: readonly StoreChain[];
      readonly problems: readonly { readonly database: string; readonly message: string }[];
    };
  };
  /** Reads the catalogue, plans purely, writes the plan into the store and answers with its summary. */
  plan: {
    input: {
      readonly request: RestoreRequest;
      readonly restoreId: string;
      /** Who holds a lease on what is planned with; absent where only a plan is asked for. */
      readonly holder?: Holder;
      readonly requestedAt: string;
      readonly logsPerSlice: number;
      readonly parallel: number;
      /** For the commands shown by mode `plan` and the MOVE clauses. */
      readonly targetDataPath: string;
      readonly targetLogPath: string;
    };
    output: RestorePlan;
  };
  /** Copies steps [from, to) of one database of the plan from the store to the staging folder, checking every hash. */
  stage: {
    input: {
      readonly planPath: string;
      readonly planDigest: string;
      readonly database: string;
      readonly from: number;
      readonly to: number;
      readonly stagingPath: string;
    };
    output: { readonly steps: readonly StagedStep[]; readonly bytes: number; readonly seconds: number };
  };
  /** Reads one database of a plan. */
  readPlan: {
    input: {
      readonly planPath: string;
      readonly planDigest: string;
      readonly database: string;
      readonly from: number;
      readonly to: number;
    };
    output: {
      readonly targetTime: string;
      readonly targetDatabase: string;
      readonly stepCount: number;
      readonly reach: Reach;
      /** Steps [from, to). */
      readonly steps: readonly RestoreStep[];
    };
  };
  /** The backup files of an instance, as their manifests name them. */
  listStore: {
    input: { readonly instance: string };
    output: {
      readonly files: readonly { readonly path: string; readonly sizeBytes: number; readonly sha256: string }[];
    };
  };
  /** Writes a small text file below the store, atomically and durably. */
  writeFile: { input: TextFile; output: Record<string, never> };
  /** As writeFile, one after the other: on Kubernetes it is one Job instead of many. */
  writeFiles: { input: { readonly files: readonly TextFile[] }; output: Record<string, never> };
}

export interface TextFile {
  readonly path: string;
  readonly text: string;
}

export interface StagedStep extends RestoreStep {
  readonly index: number;
  /** Relative to the SQL root, in media-family order. */
  readonly files: readonly string[];
}

export type TaskName = keyof Tasks;

/** Progress of a task, for heartbeats. */
export interface TaskProgress {
  readonly file?: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface TaskControl {
  readonly signal: AbortSignal;
  progress(progress: TaskProgress): void;
}

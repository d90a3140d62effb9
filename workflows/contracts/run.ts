import type { FailureType } from '../domain/failures.ts';

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

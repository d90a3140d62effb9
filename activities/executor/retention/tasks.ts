import type { Hold, RetentionOutcome } from '../../../workflows/contracts.ts';
import type { HoldRequest } from '../../../workflows/domain/retention-request.ts';
import type { RetentionPolicy } from '../../../workflows/domain/retention.ts';

/** The workflow that a lease belongs to: it lasts as long as that runs. */
export interface Holder {
  readonly namespace: string;
  readonly workflowId: string;
  /** The run that took it; runs that carry on from it hold it as well. */
  readonly runId: string;
}

export interface RetentionTasks {
  /** Who holds leases on backups of an instance. */
  listLeases: {
    input: { readonly instance: string };
    output: { readonly leases: readonly { readonly restoreId: string; readonly holder: Holder }[] };
  };
  /** Ends the lease of a restore; one that is not there is fine. */
  freeLease: {
    input: { readonly instance: string; readonly restoreId: string };
    output: Record<string, never>;
  };
  /** Decides what the policy lets go of, and removes it. */
  retain: {
    input: {
      readonly instance: string;
      /** All that the store knows when absent. */
      readonly databases?: readonly string[];
      readonly run: string;
      readonly mode: 'plan' | 'apply';
      readonly policy: RetentionPolicy;
      /** Epoch milliseconds. */
      readonly nowMs: number;
      /** Restores that have ended without freeing their leases. */
      readonly endedLeases: readonly string[];
    };
    output: RetentionOutcome;
  };
  /** Adds, lists or ends holds of one instance. */
  holds: {
    input: { readonly request: HoldRequest; readonly holdId: string; readonly at: string };
    output: { readonly holds: readonly Hold[] };
  };
}

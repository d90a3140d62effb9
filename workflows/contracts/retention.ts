import type { BackupKind } from '../domain/backup-set.ts';
import type { HoldRequest } from '../domain/retention-request.ts';
import type { RestoreRef } from './restore.ts';

/** Sets of one kind that stay, or go, for the same reason. */
export interface RetainedGroup {
  readonly removed: boolean;
  readonly kind: BackupKind;
  readonly sets: number;
  readonly bytes: number;
  /** When the first and the last of them were finished. */
  readonly from: string;
  readonly to: string;
  readonly why: string;
}

export interface RetainedDatabase {
  readonly database: string;
  readonly removed: { readonly sets: number; readonly bytes: number };
  readonly kept: { readonly sets: number; readonly bytes: number };
  readonly groups: readonly RetainedGroup[];
  /** Why nothing of it was removed, whatever the policy says. */
  readonly uncertain: readonly string[];
}

export interface RetentionOutcome {
  readonly databases: readonly RetainedDatabase[];
  /** Sets that a run which was killed had begun to remove, and whose files are gone now. */
  readonly finished: number;
  /** Path below the store; null when nothing was to be changed. */
  readonly report: string | null;
  readonly problems: readonly string[];
}

/** What became of the leases that restores hold. */
export interface LeaseCheck {
  /** Of restores that run no more. */
  readonly ended: readonly string[];
  readonly held: number;
  /** Nobody can be asked whether these still run, so they count as held. */
  readonly unknown: readonly string[];
}

/** A restore point that a person keeps. */
export interface Hold {
  readonly id: string;
  readonly instance: string;
  readonly database: string;
  /** The moment, or the backup, that it keeps. */
  readonly what: string;
  /** ISO 8601; null for a data backup. */
  readonly at: string | null;
  readonly reason: string;
  readonly createdAt: string;
  readonly sets: number;
  readonly sizeBytes: number;
}

export interface RetentionInput {
  readonly instance: string;
  readonly databases?: readonly string[];
  readonly run: string;
  readonly mode: 'plan' | 'apply';
  readonly endedLeases: readonly string[];
}

export interface RetentionActivities {
  /** Which leases belong to restores that have ended. */
  checkLeases(input: { readonly instance: string }): Promise<LeaseCheck>;
  /** Removes what the instance's policy lets go of; with mode `plan` only says what. */
  retainBackups(input: RetentionInput): Promise<RetentionOutcome & { readonly policy: RetentionPolicyText }>;
  /** Ends the lease of a restore that made nothing, or whose work is kept. */
  freeLease(input: RestoreRef): Promise<void>;
  changeHolds(input: {
    readonly request: HoldRequest;
    readonly holdId: string;
    readonly at: string;
  }): Promise<{ readonly holds: readonly Hold[] }>;
}

export interface RetentionPolicyText {
  /** e.g. `14d` */
  readonly window: string;
  /** Where the window began when this was decided. */
  readonly from: string;
  readonly minFulls: number;
}

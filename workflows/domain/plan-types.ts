import type { BackupSet } from './backup-set.ts';
import type { Lsn } from './lsn.ts';

/**
 * Why the state at the target time is what recovery will give.
 *
 * `stops-inside`: the last log holds records from after the target, so the engine stops inside it.
 * `nothing-between`: the last log's backup started at or after the target and it may hold no record from after it; every
 * commit up to the target is inside, so its end is the state at the target even when the engine answers 4322.
 */
export type Reach = 'stops-inside' | 'nothing-between';

/** What restores one database to the target: base, at most one differential, then logs in order. */
export interface DatabasePlan {
  readonly database: string;
  /** Epoch milliseconds. */
  readonly targetMs: number;
  readonly base: BackupSet;
  readonly differential: BackupSet | null;
  readonly logs: readonly BackupSet[];
  readonly reach: Reach;
}

/** The nearest reachable times on both sides of a target that is not reachable; epoch milliseconds. */
export interface Refusal {
  readonly database: string;
  readonly code: 'no-backup' | 'before-first' | 'after-last' | 'gap' | 'bulk-logged' | 'damaged' | 'encrypted';
  /** One sentence: why. */
  readonly reason: string;
  readonly nearestBeforeMs: number | null;
  readonly nearestAfterMs: number | null;
}

export type PlanOutcome =
  { readonly ok: true; readonly plan: DatabasePlan } | { readonly ok: false; readonly refusal: Refusal };

/** Both ends can be restored to; epoch milliseconds. */
export interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Where a chain of the store ends: what the next log backup must continue. */
export interface ChainHead {
  readonly familyId: string;
  readonly recoveryForkId: string;
  readonly lastLsn: Lsn;
  /** Latest restorable time of the chain, epoch milliseconds; null when only data backups are there. */
  readonly latestRestorableMs: number | null;
  readonly lastSetId: string;
}

/** What a backup run has to know of the store about one database. */
export interface StoreChain {
  readonly database: string;
  readonly head: ChainHead | null;
  /** Ids of the fulls that a differential may stand on (not copy-only, not damaged), newest first, at most 8. */
  readonly differentialBases: readonly string[];
}

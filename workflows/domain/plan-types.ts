import type { BackupSet } from './backup-set.ts';
import type { Lsn } from './lsn.ts';

/**
 * Why the state at the target time is what recovery will give.
 *
 * `stops-inside`: the last log holds records from after the target, so the engine stops inside it.
 * `nothing-between`: the last log's backup started at or after the target, or its last record is of the target's very moment,
 * and it may hold no record from after it; every commit up to the target is inside, so its end is the state at the target
 * even when the engine answers 4322.
 *
 * `end-of-backups`: only where `latest` was asked for. All that the store holds is applied, without STOPAT. Every commit up
 * to the target is inside, and so is what the last backup holds beyond it: its times are known to the second only.
 */
export type Reach = 'stops-inside' | 'nothing-between' | 'end-of-backups';

/** What restores one database to the target: base, at most one differential, then logs in order. */
export interface DatabasePlan {
  readonly database: string;
  /** Epoch milliseconds. */
  readonly targetMs: number;
  readonly base: BackupSet;
  readonly differential: BackupSet | null;
  /** The last one may turn out to be contained already: then it only proves that nothing happened (4326). */
  readonly logs: readonly BackupSet[];
  /**
   * Ids of logs that lie wholly before the target and are restored without STOPAT: bulk-logged ones, and those during
   * which the source's clock was set forward or back (STOPAT is local time and would be ambiguous).
   */
  readonly whole: readonly string[];
  readonly reach: Reach;
}

/** One RESTORE statement of a plan; see restoreSteps in restore-plan.ts. */
export interface RestoreStep {
  readonly set: BackupSet;
  /** STOPAT in the local time of the source; null on data backups and on logs that are restored whole. */
  readonly stopAt: string | null;
}

/** The nearest reachable times on both sides of a target that is not reachable; epoch milliseconds. */
export interface Refusal {
  readonly database: string;
  readonly code:
    'no-backup' | 'before-first' | 'after-last' | 'gap' | 'bulk-logged' | 'clock-change' | 'damaged' | 'encrypted';
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
  /** End of the newest log backup on this fork that moved the server's archive point; null when there is none. */
  readonly lastLogLsn: Lsn | null;
  /** Id of the newest full that a differential may stand on, if it was taken after all those log backups. */
  readonly fullSinceLog: string | null;
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
  /** The chain as it would be, had no file been lost; null when none of those that matter is. */
  readonly lost: LostChain | null;
}

export interface LostChain extends Pick<StoreChain, 'head' | 'differentialBases'> {
  /** The first few files, each with what is wrong. */
  readonly files: readonly string[];
}

/** Sets whose files the store no longer has whole, each with what is wrong. They count as damaged. */
export type LostSets = ReadonlyMap<BackupSet, string>;

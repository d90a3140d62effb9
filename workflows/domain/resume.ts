import type { BackupSet } from './backup-set.ts';
import { compareLsn, type Lsn } from './lsn.ts';

/** How far the server has rolled a RESTORING database forward (sys.master_files, the lowest of its files). */
export interface RedoPoint {
  /** redo_start_lsn; null while the database is not there, or its state on disk is unknown. */
  readonly lsn: Lsn | null;
  /** redo_start_fork_guid */
  readonly forkId: string | null;
}

/**
 * Index of the step with which a restore goes on; `steps.length` when everything is in.
 *
 * sys.master_files (Transact-SQL): roll forward continues from redo_start_lsn; where it is NULL the files must be restored from
 * a full backup. A redo point on a fork that the plan does not touch is no place to go on from either.
 */
export function nextStep(steps: readonly BackupSet[], redo: RedoPoint): number {
  const { lsn, forkId } = redo;
  if (lsn === null) return 0;
  if (forkId !== null && !steps.some((set) => set.firstRecoveryForkId === forkId || set.recoveryForkId === forkId)) {
    return 0;
  }
  const next = steps.findIndex((set, index) => index > 0 && compareLsn(set.lastLsn, lsn) > 0);
  return next === -1 ? steps.length : next;
}

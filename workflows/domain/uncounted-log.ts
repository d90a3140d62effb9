import type { BackupSet } from './backup-set.ts';
import { isOrdinaryLog } from './lineage.ts';
import { compareLsn, type Lsn } from './lsn.ts';

/** A backup that is not in the store yet. */
type Described = Omit<BackupSet, 'files' | 'committedAt'>;

/**
 * A log backup whose file is complete, and which the server does not count: it died before it moved the archive point, so the
 * next log backup begins where this one did and holds all of it. In the store, both together would look like two histories.
 * @param set a backup that msdb has no record of
 * @param archivePoint where the database's next log backup begins; null when it is not known
 * @param recorded backups that msdb has a record of
 */
export function isUncounted(set: Described, archivePoint: Lsn | null, recorded: readonly Described[]): boolean {
  if (!isOrdinaryLog(set) || compareLsn(set.firstLsn, set.lastLsn) >= 0) return false;
  if (archivePoint !== null && compareLsn(archivePoint, set.firstLsn) === 0) return true;
  return recorded.some(
    (other) =>
      isOrdinaryLog(other) &&
      other.database === set.database &&
      other.familyId === set.familyId &&
      other.recoveryForkId === set.recoveryForkId &&
      compareLsn(other.firstLsn, set.firstLsn) === 0 &&
      compareLsn(other.lastLsn, set.lastLsn) >= 0,
  );
}

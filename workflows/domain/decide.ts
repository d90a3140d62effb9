import type { BackupKind } from './backup-set.ts';
import { compareLsn, type Lsn } from './lsn.ts';
import type { StoreChain } from './plan-types.ts';

/** One database as the server describes it (sys.databases, sys.database_recovery_status, sys.master_files). */
export interface DatabaseState {
  readonly name: string;
  readonly databaseId: number;
  /** sys.databases.state_desc */
  readonly state: string;
  readonly recoveryModel: 'FULL' | 'BULK_LOGGED' | 'SIMPLE';
  readonly isSnapshot: boolean;
  readonly isInStandby: boolean;
  /** Null while the database is not open, like the GUIDs below. */
  readonly familyId: string | null;
  readonly recoveryForkId: string | null;
  /** First LSN of the next log backup; null when a log backup is impossible. */
  readonly lastLogBackupLsn: Lsn | null;
  /** Backup set id of the full that a differential would stand on. */
  readonly differentialBaseId: string | null;
}

export type SkipReason =
  | 'system-database'
  | 'database-snapshot'
  | 'not-online'
  | 'standby'
  | 'simple-recovery-model'
  | 'not-selected'
  | 'mend-waits';

export type PromotionReason =
  | 'first-backup'
  | 'no-differential-base'
  | 'base-not-in-store'
  | 'log-chain-not-started'
  | 'log-taken-elsewhere'
  | 'new-recovery-fork'
  | 'recreated'
  | 'store-ahead-of-server'
  | 'file-lost';

/** What a run does with one database. `reason` is there when it differs from what was asked for. */
export type Decision =
  | { readonly database: string; readonly action: BackupKind; readonly reason?: PromotionReason }
  | { readonly database: string; readonly action: 'skip'; readonly reason: SkipReason; readonly state?: string };

const systemDatabases = new Set(['master', 'model', 'msdb', 'tempdb', 'distribution', 'resource']);

/**
 * Decides what to back up: what was asked for where that continues the chain in the store, else the cheapest backup that makes the
 * chain whole again.
 * @param chain what the store holds of this database; null when it holds nothing
 */
export function decideBackup(asked: BackupKind, database: DatabaseState, chain: StoreChain | null): Decision {
  const decision = decide(asked, database, chain);
  if (decision.action === 'skip' || decision.reason === undefined || !chain?.lost) return decision;
  // Where all would be well with the files that are gone, their loss is the reason.
  const before = decide(asked, database, { ...chain, ...chain.lost, lost: null });
  const isWell = before.action === asked && before.reason === undefined;
  return isWell ? { ...decision, reason: 'file-lost' } : decision;
}

function decide(asked: BackupKind, database: DatabaseState, chain: StoreChain | null): Decision {
  const name = database.name;
  const skip = (reason: SkipReason): Decision => ({ database: name, action: 'skip', reason, state: database.state });
  const take = (action: BackupKind, reason?: PromotionReason): Decision =>
    action === asked || reason === undefined ? { database: name, action } : { database: name, action, reason };

  if (systemDatabases.has(name.toLowerCase())) return skip('system-database');
  if (database.isSnapshot) return skip('database-snapshot');
  if (database.state !== 'ONLINE') return skip('not-online');
  if (database.isInStandby) return skip('standby');
  if (asked === 'full') return take('full');
  if (asked === 'log' && database.recoveryModel === 'SIMPLE') return skip('simple-recovery-model');

  const head = chain?.head ?? null;
  if (head === null) return take('full', 'first-backup');
  if (head.familyId !== database.familyId) return take('full', 'recreated');
  if (head.recoveryForkId !== database.recoveryForkId) return take('full', 'new-recovery-fork');

  // A log backup moves the archive point to its end. A server whose archive point lies before the end of a log backup that
  // the store holds was put back to an earlier state without a restore: what it logs now takes LSNs that are used already.
  // A full that the server knows, and that is newer than those logs, was taken since and begins the new history.
  const archivePoint = database.lastLogBackupLsn;
  const base = database.differentialBaseId;
  const behind = archivePoint !== null && head.lastLogLsn !== null && compareLsn(archivePoint, head.lastLogLsn) < 0;
  if (behind && (base === null || base !== head.fullSinceLog)) return take('full', 'store-ahead-of-server');

  if (asked === 'differential') {
    if (base === null) return take('full', 'no-differential-base');
    return chain?.differentialBases.includes(base) ? take('differential') : take('full', 'base-not-in-store');
  }
  /** A differential on a base that the store has bridges any hole in the logs. */
  const rearm = (reason: PromotionReason): Decision =>
    base !== null && chain?.differentialBases.includes(base) ? take('differential', reason) : take('full', reason);

  if (archivePoint === null) return rearm('log-chain-not-started');
  if (compareLsn(archivePoint, head.lastLsn) > 0) return rearm('log-taken-elsewhere');
  return take('log');
}

const sentences: Record<SkipReason | PromotionReason, string> = {
  'system-database': 'system databases are left out',
  'database-snapshot': 'a database snapshot cannot be backed up',
  'not-online': 'it is not ONLINE',
  standby: 'it is in STANDBY; its primary is the one to back up',
  'simple-recovery-model': 'it uses the SIMPLE recovery model, which has no log backups',
  'not-selected': 'it was not asked for',
  'first-backup': 'the store holds no backup of it yet',
  'no-differential-base': 'it has no full backup to stand on',
  'base-not-in-store': 'its last full backup is not in the store',
  'log-chain-not-started': 'its log chain was interrupted or never started (recovery model, or no full backup yet)',
  'log-taken-elsewhere': 'a log backup was taken that the store does not hold',
  'new-recovery-fork': 'it was restored and is on a new recovery fork',
  recreated: 'it was dropped and made anew',
  'store-ahead-of-server': 'the server is at an earlier point than the store',
  'file-lost': 'a backup file that its chain needs is gone from the store or damaged',
  'mend-waits': 'its chain is not whole, and this run mends others first (limits.mendsPerRun)',
};

/** The reason of a decision in words, for results and the UI. */
export function reasonText(reason: SkipReason | PromotionReason): string {
  return sentences[reason];
}

import type { Database } from '../contracts.ts';
import { lsnAt } from './log/lsn.ts';
import type { Storage } from './storage.ts';

export type LogStats = ReturnType<Database['logStats']>;

function reuseWait(storage: Storage, backupRunning: boolean): string {
  const { boot, log } = storage;
  if (backupRunning || storage.pins.size > 0) return 'ACTIVE_BACKUP_OR_RESTORE';
  const chain = boot.recoveryModel === 'SIMPLE' ? null : boot.logBackup;
  if (chain !== null && log.end > chain) return 'LOG_BACKUP';
  if ([...storage.open].some((undo) => undo.length > 0)) return 'ACTIVE_TRANSACTION';
  return 'NOTHING';
}

/** Of a database in a restore sequence only the redo point is known: its log belongs to the restore. */
function waiting(redo: number): LogStats {
  const at = lsnAt(redo);
  return {
    minLsn: at,
    endLsn: at,
    logBackupTime: null,
    logBackupLsn: null,
    sinceLastLogBackupBytes: 0,
    reuseWait: 'NOTHING',
  };
}

/** sys.dm_db_log_stats */
export function logStats(storage: Storage, backupRunning: boolean): LogStats {
  const { boot } = storage;
  const chain = boot.recoveryModel === 'SIMPLE' ? null : boot.logBackup;
  if (boot.restore !== null) return waiting(boot.restore.redo);
  const { log } = storage;
  return {
    minLsn: lsnAt(Math.max(storage.needed, log.base)),
    endLsn: lsnAt(log.end),
    logBackupTime: boot.logBackupTicks === null ? null : { ticks: boot.logBackupTicks },
    logBackupLsn: chain === null ? null : lsnAt(chain),
    sinceLastLogBackupBytes: chain === null ? 0 : log.end - chain,
    reuseWait: reuseWait(storage, backupRunning),
  };
}

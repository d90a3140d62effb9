import type { Database } from '../contracts.ts';
import type { Boot } from './boot.ts';
import { lsnAt } from './log/lsn.ts';

/** sys.database_recovery_status and its relatives. */
export function recoveryView(boot: Boot | undefined): Database['recovery'] {
  const restore = boot?.restore ?? null;
  const at = (position: number | null | undefined) => (position == null ? null : lsnAt(position));
  return {
    databaseGuid: boot?.databaseGuid ?? '',
    familyGuid: boot?.familyGuid ?? '',
    recoveryForkGuid: boot?.forkGuid ?? '',
    firstRecoveryForkGuid: boot?.firstForkGuid ?? '',
    forkPointLsn: at(boot?.forkPoint),
    lastLogBackupLsn: boot?.recoveryModel === 'SIMPLE' ? null : at(boot?.logBackup),
    differentialBaseLsn: at(boot?.base?.position),
    differentialBaseGuid: boot?.base?.setGuid ?? null,
    differentialBaseTime: boot?.base == null ? null : { ticks: boot.base.ticks },
    redoStartLsn: at(restore?.redo),
    redoStartForkGuid: restore?.redoFork ?? null,
    redoTargetLsn: null,
  };
}

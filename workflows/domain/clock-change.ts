import type { BackupSet } from './backup-set.ts';
import { isOrdinaryLog, type SetLineage } from './lineage.ts';

/**
 * Logs during which the source's clock changed its offset. They cannot be stopped inside: their records carry local times of
 * both offsets, and in the hour that is run through twice STOPAT would hit the wrong one. What a log holds began when
 * its predecessor ended, or, for the first one, with the data backups before it; a log that crosses a fork may go back
 * further. Between logs the offsets of data backups do not count (backupset (Transact-SQL), time_zone: real servers were seen
 * to fill it in for log backups only).
 */
export function clockChanges(entries: readonly SetLineage[]): Set<BackupSet> {
  const changed = new Set<BackupSet>();
  const known = new Map<string, Offsets>();
  for (const { set, from, to } of entries) {
    const isLog = set.kind === 'log';
    const offset = set.utcOffsetMinutes;
    if (!isLog && known.get(to)?.fromLogs === true) continue;
    const before = [...new Set([from, to])].map((key) => known.get(key)).filter((offsets) => offsets !== undefined);
    const everUniform = before.every((offsets) => offsets.everUniform && offsets.last === offset);
    const uniform = from === to ? before.every((offsets) => offsets.uniform && offsets.last === offset) : everUniform;
    if (isLog && !uniform) changed.add(set);
    known.set(to, { last: offset, uniform: uniform || isOrdinaryLog(set), everUniform, fromLogs: isLog });
  }
  return changed;
}

interface Offsets {
  readonly last: number;
  /** No change since the log backup before. */
  readonly uniform: boolean;
  readonly everUniform: boolean;
  readonly fromLogs: boolean;
}

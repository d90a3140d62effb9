import type { BackupSet } from './backup-set.ts';
import { newestClosure } from './closure.ts';
import { intervalsOf } from './coverage.ts';
import { readHistory } from './history.ts';
import { isOrdinaryLog } from './lineage.ts';
import { maxLsn, type Lsn } from './lsn.ts';
import type { ChainHead, StoreChain } from './plan-types.ts';

const mostBases = 8;

/** What the store holds of one database, for deciding what to back up next. */
export function storeChain(database: string, sets: readonly BackupSet[]): StoreChain {
  const bases = sets.filter((set) => set.kind === 'full' && !set.copyOnly && !set.isDamaged);
  const newestFirst = bases.toSorted((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt));
  return {
    database,
    head: chainHead(sets),
    differentialBases: [...new Set(newestFirst.map((set) => set.id))].slice(0, mostBases),
  };
}

/** The end of the newest unbroken chain; null when nothing in the store can be restored. */
export function chainHead(sets: readonly BackupSet[]): ChainHead | null {
  const history = readHistory(sets);
  const newest = newestClosure(history);
  if (newest === null) return null;
  const { end, endSet, lineage } = newest;
  const logs = [...lineage.logs, ...lineage.crossings].filter((log) => isOrdinaryLog(log.set));
  const lastLogMs = logs.reduce((last, log) => Math.max(last, log.startMs), -Infinity);
  const fulls = lineage.starts.filter((start) => start.differential === null && !start.base.copyOnly);
  return {
    familyId: endSet.familyId,
    recoveryForkId: endSet.recoveryForkId,
    lastLsn: end,
    lastLogLsn: logs.reduce<Lsn | null>(
      (last, { set }) => (last === null ? set.lastLsn : maxLsn(last, set.lastLsn)),
      null,
    ),
    fullSinceLog: fulls.findLast((start) => start.completeMs > lastLogMs)?.base.id ?? null,
    latestRestorableMs: intervalsOf(history, newest).at(-1)?.toMs ?? null,
    lastSetId: endSet.id,
  };
}

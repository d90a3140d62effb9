import type { BackupSet } from './backup-set.ts';
import { newestClosure, type Closure } from './closure.ts';
import { intervalsOf } from './coverage.ts';
import { readHistory, type History } from './history.ts';
import { isOrdinaryLog } from './lineage.ts';
import { compareLsn, maxLsn, type Lsn } from './lsn.ts';
import type { ChainHead, LostChain, LostSets, StoreChain } from './plan-types.ts';
import { findRoute } from './route.ts';

const mostBases = 8;
const namedFiles = 3;

/**
 * What the store holds of one database, for deciding what to back up next.
 * @param lost sets that are damaged in the store only
 */
export function storeChain(database: string, sets: readonly BackupSet[], lost: LostSets = new Map()): StoreChain {
  return readChain(database, sets, lost).chain;
}

export interface ReadChain {
  readonly chain: StoreChain;
  /** What the chain stands on: the data backups and logs of its newest state, and the fulls that a differential may stand on. */
  readonly used: readonly BackupSet[];
}

export function readChain(database: string, sets: readonly BackupSet[], lost: LostSets = new Map()): ReadChain {
  const history = readHistory(sets);
  const newest = newestClosure(history);
  const bases = basesOf(sets);
  const head = newest === null ? null : headOf(history, newest);
  const differentialBases = bases.map((set) => set.id);
  const chain = { database, head, differentialBases, lost: lostChain(sets, lost, { head, differentialBases }) };
  return { chain, used: [...new Set([...(newest === null ? [] : routeTo(history, newest)), ...bases])] };
}

/** The end of the newest unbroken chain; null when nothing in the store can be restored. */
export function chainHead(sets: readonly BackupSet[]): ChainHead | null {
  const history = readHistory(sets);
  const newest = newestClosure(history);
  return newest === null ? null : headOf(history, newest);
}

function headOf(history: History, newest: Closure): ChainHead {
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

/** Newest first. */
function basesOf(sets: readonly BackupSet[]): readonly BackupSet[] {
  const bases = sets.filter((set) => set.kind === 'full' && !set.copyOnly && !set.isDamaged);
  const newestFirst = bases.toSorted((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt));
  return [...new Map(newestFirst.map((set) => [set.id, set])).values()].slice(0, mostBases);
}

function routeTo(history: History, newest: Closure): readonly BackupSet[] {
  const route = findRoute(history, newest.lineage, {
    targetMs: Infinity,
    arrived: (lsn) => compareLsn(lsn, newest.end) >= 0,
    arrivesWith: () => false,
  });
  if (route === null) return [];
  const { base, differential } = route.start;
  return [base, ...(differential === null ? [] : [differential]), ...route.logs.map((log) => log.set)];
}

/** Null when the chain is the same without what was lost. */
function lostChain(
  sets: readonly BackupSet[],
  lost: LostSets,
  left: Pick<StoreChain, 'head' | 'differentialBases'>,
): LostChain | null {
  if (lost.size === 0) return null;
  const whole = sets.map((set) => (lost.has(set) ? { ...set, isDamaged: false } : set));
  const head = chainHead(whole);
  const differentialBases = basesOf(whole).map((set) => set.id);
  const same =
    head?.lastLsn === left.head?.lastLsn &&
    head?.recoveryForkId === left.head?.recoveryForkId &&
    differentialBases.join() === left.differentialBases.join();
  return same ? null : { head, differentialBases, files: [...lost.values()].slice(0, namedFiles) };
}

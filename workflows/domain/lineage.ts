import type { BackupSet } from './backup-set.ts';
import { compareLsn, maxLsn, type Lsn } from './lsn.ts';

/**
 * A set and the stretch of log that it belongs to. LSNs may be compared within one lineage only: a database that is dropped
 * and made anew gets a new family, one that is restored over gets a new recovery fork.
 */
export interface SetLineage {
  readonly set: BackupSet;
  /** Epoch milliseconds of the header's times. */
  readonly startMs: number;
  readonly finishMs: number;
  /** Lineage at the beginning of the set and at its end; they differ only in a log that crosses a fork. */
  readonly from: string;
  readonly to: string;
}

interface Entry {
  readonly set: BackupSet;
  readonly startMs: number;
  readonly finishMs: number;
  epoch: number;
}

/**
 * Puts every set into its lineage. A set that is there twice counts once. The result is in the order of start times.
 *
 * A third thing rewinds the log without leaving a mark in it: the server's volume is put back to an earlier snapshot. The
 * same fork then holds two different histories under the same LSNs. It shows when an ordinary log backup covers LSNs that an
 * earlier one has covered, or a data backup ends below a set that had finished before it began. From there on it is a
 * lineage of its own; so is it from the full backup that such a log names as the newest one of its history. What leaves no
 * such trace (a second rewind before the next log backup) is left to the server, which cannot redo a log of another history.
 */
export function lineages(sets: readonly BackupSet[]): SetLineage[] {
  const entries = unique(sets).map(entryOf).sort(byTime);
  const forks = Map.groupBy(entries, ({ set }) => forkOf(set.familyId, set.recoveryForkId));
  for (const fork of forks.values()) numberRewinds(fork);

  return entries.map(({ set, startMs, finishMs, epoch }) => {
    const to = nameOf(forkOf(set.familyId, set.recoveryForkId), epoch);
    if (set.firstRecoveryForkId === set.recoveryForkId) return { set, startMs, finishMs, from: to, to };
    const before = forkOf(set.familyId, set.firstRecoveryForkId);
    const last = forks.get(before)?.findLast((other) => other.startMs <= startMs);
    return { set, startMs, finishMs, from: nameOf(before, last?.epoch ?? 0), to };
  });
}

function entryOf(set: BackupSet): Entry {
  const startMs = Date.parse(set.startedAt);
  // A clock that is set back during a backup lets it finish before it began.
  return { set, startMs, finishMs: Math.max(startMs, Date.parse(set.finishedAt)), epoch: 0 };
}

function forkOf(familyId: string, forkId: string): string {
  return `${familyId}/${forkId}`;
}

function nameOf(fork: string, epoch: number): string {
  return epoch === 0 ? fork : `${fork}#${epoch}`;
}

function unique(sets: readonly BackupSet[]): BackupSet[] {
  const byId = new Map<string, BackupSet>();
  for (const set of sets) {
    const known = byId.get(set.id);
    if (known === undefined || (known.isDamaged && !set.isDamaged)) byId.set(set.id, set);
  }
  return [...byId.values()];
}

function byTime(a: Entry, b: Entry): number {
  return a.startMs - b.startMs || a.finishMs - b.finishMs || compareLsn(a.set.lastLsn, b.set.lastLsn);
}

/** Numbers the histories of one fork; `fork` is in order of time. */
function numberRewinds(fork: readonly Entry[]): void {
  const byFinish = fork.toSorted((a, b) => a.finishMs - b.finishMs);
  let epoch = 0;
  let next = 0;
  let endOfFinished: Lsn | null = null;
  let logs: BackupSet[] = [];
  let endOfLogs: Lsn | null = null;
  for (const [index, entry] of fork.entries()) {
    const { set } = entry;
    for (let other = byFinish[next]; other && other.finishMs < entry.startMs; other = byFinish[(next += 1)]) {
      if (other.epoch === epoch) endOfFinished = further(endOfFinished, other.set.lastLsn);
    }
    const ordinaryLog = isOrdinaryLog(set) && compareLsn(set.firstLsn, set.lastLsn) < 0;
    const rewound =
      set.kind === 'log'
        ? ordinaryLog && isBelow(set.firstLsn, endOfLogs) && logs.some((log) => overlap(log, set))
        : isBelow(set.lastLsn, endOfFinished);
    if (rewound) {
      epoch += 1;
      endOfFinished = endOfLogs = null;
      logs = [];
      for (const own of sinceItsFull(fork.slice(0, index), set)) own.epoch = epoch;
    }
    entry.epoch = epoch;
    if (ordinaryLog) {
      logs.push(set);
      endOfLogs = further(endOfLogs, set.lastLsn);
    }
  }
}

/**
 * What was taken before a log and after all older logs, from the full on that it names. RESTORE HEADERONLY (Transact-SQL),
 * DatabaseBackupLSN: the checkpoint of the newest full backup.
 */
function sinceItsFull(earlier: readonly Entry[], log: BackupSet): readonly Entry[] {
  if (log.kind !== 'log') return [];
  const sinceLogs = earlier.slice(earlier.findLastIndex(({ set }) => isOrdinaryLog(set)) + 1);
  const full = sinceLogs.findIndex(
    ({ set }) => set.kind === 'full' && !set.copyOnly && set.checkpointLsn === log.databaseBackupLsn,
  );
  return full === -1 ? [] : sinceLogs.slice(full);
}

/** A log backup that moved the server's archive point, so that the next one begins where it ends. */
export function isOrdinaryLog(set: Pick<BackupSet, 'kind' | 'copyOnly'>): boolean {
  return set.kind === 'log' && !set.copyOnly;
}

function overlap(a: BackupSet, b: BackupSet): boolean {
  return compareLsn(a.firstLsn, b.lastLsn) < 0 && compareLsn(b.firstLsn, a.lastLsn) < 0;
}

function isBelow(lsn: Lsn, end: Lsn | null): boolean {
  return end !== null && compareLsn(lsn, end) < 0;
}

function further(end: Lsn | null, lsn: Lsn): Lsn {
  return end === null ? lsn : maxLsn(end, lsn);
}

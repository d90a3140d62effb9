import type { BackupSet } from './backup-set.ts';
import { clockChanges } from './clock-change.ts';
import { dataStarts, type DataStart } from './data-start.ts';
import { lineages } from './lineage.ts';
import { linkOf, type LogLink } from './log-link.ts';
import { compareLsn, type Lsn } from './lsn.ts';
import { witnesses, type Witness } from './witness.ts';

/** What the store holds of one lineage. */
export interface Lineage {
  readonly key: string;
  /** By LSN. */
  readonly starts: readonly DataStart[];
  /** Logs that begin and end here, by first LSN. */
  readonly logs: readonly LogLink[];
  /** Logs that cross a fork into this lineage, by last LSN. */
  readonly crossings: readonly LogLink[];
}

/** All sets of one database, put in order. */
export interface History {
  readonly lineages: ReadonlyMap<string, Lineage>;
  readonly witnesses: readonly Witness[];
}

/** What may be overlooked to find out why something cannot be restored. */
export interface Leniency {
  readonly damaged?: boolean;
  readonly bulkLogged?: boolean;
  readonly clockChanges?: boolean;
}

export function readHistory(sets: readonly BackupSet[], lenient: Leniency = {}): History {
  const entries = lineages(sets.filter(makesSense));
  const usable = entries.filter(({ set }) => lenient.damaged === true || !set.isDamaged);
  const changed = lenient.clockChanges === true ? new Set<BackupSet>() : clockChanges(entries);
  const links = usable
    .filter(({ set }) => set.kind === 'log')
    .map((entry) =>
      linkOf(entry, (lenient.bulkLogged === true || !entry.set.hasBulkLoggedData) && !changed.has(entry.set)),
    );
  const starts = dataStarts(usable);

  const keys = new Set(entries.flatMap(({ from, to }) => [from, to]));
  const crosses = (link: LogLink): boolean => link.from !== link.to;
  const inner = Map.groupBy(
    links.filter((link) => !crosses(link)),
    (link) => link.to,
  );
  const crossing = Map.groupBy(links.filter(crosses), (link) => link.to);
  const lineageOf = (key: string): Lineage => ({
    key,
    starts: (starts.get(key) ?? []).sort((a, b) => compareLsn(a.lsn, b.lsn)),
    logs: (inner.get(key) ?? []).sort(
      (a, b) => compareLsn(a.set.firstLsn, b.set.firstLsn) || compareLsn(a.set.lastLsn, b.set.lastLsn),
    ),
    crossings: (crossing.get(key) ?? []).sort((a, b) => compareLsn(a.set.lastLsn, b.set.lastLsn)),
  });
  return { lineages: new Map([...keys].map((key) => [key, lineageOf(key)])), witnesses: witnesses(entries) };
}

/** No server writes a header that breaks these; what does is not used for anything. */
function makesSense(set: BackupSet): boolean {
  const { firstLsn, lastLsn, forkPointLsn } = set;
  if (compareLsn(firstLsn, lastLsn) > 0) return false;
  if (set.firstRecoveryForkId === set.recoveryForkId) return true;
  return set.kind === 'log' && forkPointLsn !== null && isBetween(forkPointLsn, firstLsn, lastLsn);
}

function isBetween(lsn: Lsn, from: Lsn, to: Lsn): boolean {
  return compareLsn(from, lsn) <= 0 && compareLsn(lsn, to) <= 0;
}

/** Lineages that the database may have been on at a moment, by the newest backup that had begun before it. */
export function lineagesAt(history: History, ms: number): readonly Lineage[] {
  const { witnesses } = history;
  let low = 0;
  let high = witnesses.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((witnesses[middle] as Witness).fromMs <= ms) low = middle + 1;
    else high = middle;
  }
  const keys = witnesses[low - 1]?.keys ?? [];
  return keys.flatMap((key) => history.lineages.get(key) ?? []);
}

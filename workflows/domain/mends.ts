import type { BackupKind } from './backup-set.ts';
import type { Decision, PromotionReason } from './decide.ts';
import type { StoreChain } from './plan-types.ts';

/** A backup of another kind than asked for, which makes a chain whole again. */
export interface Mend {
  readonly database: string;
  readonly action: BackupKind;
  readonly reason: PromotionReason;
}

export interface MendsLimited {
  readonly work: readonly Exclude<Decision, { action: 'skip' }>[];
  /** Mends that a later run takes, the most exposed first. */
  readonly waiting: readonly Mend[];
}

/**
 * Lets through so many mends: a broken chain may cost a full backup of a large database, and an event that breaks many chains must not
 * turn a log run of seconds into hours. The most exposed databases come first: those that cannot be restored at all, then those
 * whose latest restorable time is the earliest. The others wait for the next run.
 */
export function limitMends(
  work: MendsLimited['work'],
  chains: ReadonlyMap<string, StoreChain>,
  most: number,
): MendsLimited {
  const mends = work.flatMap((item): Mend[] =>
    item.reason === undefined ? [] : [{ database: item.database, action: item.action, reason: item.reason }],
  );
  const latest = ({ database }: Mend): number => chains.get(database)?.head?.latestRestorableMs ?? -Infinity;
  const waiting = mends
    .map((mend) => ({ mend, latestMs: latest(mend) }))
    .sort((a, b) => (a.latestMs === b.latestMs ? byName(a.mend, b.mend) : a.latestMs - b.latestMs))
    .slice(most)
    .map(({ mend }) => mend);
  const later = new Set(waiting.map(({ database }) => database));
  return { work: work.filter(({ database }) => !later.has(database)), waiting };
}

function byName(a: Mend, b: Mend): number {
  return a.database < b.database ? -1 : 1;
}

import type { BackupSet } from './backup-set.ts';
import { headerSecondMs } from './log-link.ts';
import type { Interval } from './plan-types.ts';
import { readStore, readsTheSame, type StoreReading } from './retention-check.ts';
import { needs } from './retention-needs.ts';

/** A recovery window: how far back every moment stays restorable, and how many full backups stay in any case. */
export interface RetentionPolicy {
  readonly windowMs: number;
  readonly minFulls: number;
}

/** A backup set that somebody asked to keep: a running restore, or a person. */
export interface Protection {
  readonly setId: string;
  /** e.g. `the restore 20260210T065434Z-restore-1f2e3d4c reads it` */
  readonly reason: string;
}

export interface RetentionInput {
  /** Everything that the store holds of one database; what it has lost is marked as damaged. */
  readonly sets: readonly BackupSet[];
  readonly policy: RetentionPolicy;
  readonly nowMs: number;
  readonly protections?: readonly Protection[];
  /** Moments outside of the window that must stay restorable: those of holds. */
  readonly heldMs?: readonly number[];
}

export type KeepReason =
  | 'in-window'
  | 'reachable'
  | 'before-window'
  | 'newest-chain'
  | 'newest-fulls'
  | 'differential-base'
  | 'repairable'
  | 'protected'
  | 'evidence'
  | 'nothing-usable'
  /** Not by the policy: see the executor's reading of the catalogue. */
  | 'uncertain';

export interface RetentionVerdict {
  readonly set: BackupSet;
  /** Null: it goes. */
  readonly keptFor: KeepReason | null;
  /** In words. */
  readonly why: string;
}

/**
 * Decides which backups of one database stay. A set goes when it was finished before the window began and nothing needs it.
 * Exactly these are needed, where *reachable* means that planDatabase has a plan, and *plan* is the one that it prefers:
 *
 * 1. for every reachable moment inside [now − window, now]: the sets of its plan
 * 2. where no moment of the window is reachable (no log backups): the newest state from before the window
 * 3. the plan for `latest`: the newest chain, however old it is
 * 4. the newest `minFulls` usable fulls, each with the logs that lead on from it on its fork: were every newer data backup lost,
 *    this chain would still be there
 * 5. the newest full that the server's next differential may stand on
 * 6. 1 to 5 once more as if damaged and lost files were whole: a good copy may be brought back
 * 7. what leases and holds name
 * 8. evidence: sets without which the others would be read differently, such as the log that shows that the server was put
 *    back to a snapshot. The newest of what would go stay, until the rest gives the same lineages, the same clock
 *    changes, the same window, the same `latest`, and no moment that was not reachable before.
 *
 * Nothing that was finished inside the window goes, needed or not: a log behind a hole is needed again when the log
 * that is missing is imported. Where no usable full is left, nothing goes at all.
 */
export function decideRetention(input: RetentionInput): RetentionVerdict[] {
  const verdicts = decideOnce(input);
  // By these two a set may stay for the sake of one that goes: they are asked again about what is left.
  if (!verdicts.some(({ keptFor }) => keptFor === 'evidence' || keptFor === 'before-window')) return verdicts;
  const left = verdicts.flatMap(({ set, keptFor }) => (keptFor === null ? [] : [set]));
  if (left.length === verdicts.length) return verdicts;
  const later = new Map(decideRetention({ ...input, sets: left }).map((verdict) => [verdict.set, verdict]));
  return verdicts.map((verdict) => later.get(verdict.set) ?? verdict);
}

function decideOnce({ sets, policy, nowMs, protections = [], heldMs = [] }: RetentionInput): RetentionVerdict[] {
  const span: Interval = { fromMs: nowMs - policy.windowMs, toMs: nowMs };
  const old = sets.filter((set) => endMs(set) <= span.fromMs);
  if (old.length === 0) return sets.map(inWindow);
  if (!sets.some((set) => set.kind === 'full' && !set.isDamaged)) {
    return sets.map((set) => ({
      set,
      keptFor: 'nothing-usable',
      why: 'no usable full backup is left: nothing is removed',
    }));
  }
  const reading = readStore(sets);
  const found = new Map<string, Omit<RetentionVerdict, 'set'>>();
  const note = (id: string, keptFor: KeepReason, why: string): void => {
    if (!found.has(id)) found.set(id, { keptFor, why });
  };
  for (const set of sets) if (endMs(set) > span.fromMs) note(set.id, 'in-window', inWindow(set).why);
  for (const { setId, reason } of protections) note(setId, 'protected', reason);
  for (const need of needs(reading, policy, span)) note(need.setId, need.keptFor, need.why);
  if (sets.some((set) => set.isDamaged)) {
    const whole = sets.map((set) => ({ ...set, isDamaged: false }));
    for (const { setId, why } of needs(readStore(whole), policy, span)) {
      note(setId, 'repairable', `should a good copy of what is damaged come back: ${why}`);
    }
  }
  for (const set of evidence(reading, found, [span, ...heldMs.map((ms) => ({ fromMs: ms, toMs: ms }))])) {
    note(set.id, 'evidence', 'shows how the backups that stay have to be read');
  }
  const gone = { keptFor: null, why: 'nothing needs it' };
  return sets.map((set) => ({ set, ...(found.get(set.id) ?? gone) }));
}

/** Nothing of the set is from this moment or later. */
function endMs(set: BackupSet): number {
  const times = [set.startedAt, set.finishedAt, set.lastValidRestoreTime ?? set.startedAt];
  return Math.max(...times.map((time) => Date.parse(time))) + headerSecondMs;
}

function inWindow(set: BackupSet): RetentionVerdict {
  return { set, keptFor: 'in-window', why: 'finished inside the window' };
}

/** The fewest of the newest sets which have to stay beside the needed ones, so that these are read as before. */
function evidence(
  before: StoreReading,
  kept: ReadonlyMap<string, unknown>,
  spans: readonly Interval[],
): readonly BackupSet[] {
  const { sets } = before;
  const going = sets
    .filter((set) => !kept.has(set.id))
    .sort((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt) || (a.id < b.id ? -1 : 1));
  if (going.length === 0) return [];
  const suffices = (count: number): boolean => {
    const gone = new Set(going.slice(count).map((set) => set.id));
    return readsTheSame(before, readStore(sets.filter((set) => !gone.has(set.id))), spans);
  };
  if (suffices(0)) return [];
  let [low, high] = [0, going.length];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (suffices(middle)) high = middle;
    else low = middle;
  }
  return going.slice(0, high);
}

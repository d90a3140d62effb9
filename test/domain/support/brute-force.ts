import type { BackupSet } from '../../../workflows/domain/backup-set.ts';

interface State {
  readonly family: string;
  readonly fork: string;
  readonly lsn: bigint;
}

/**
 * Whether the state at a moment can be had for certain, by trying every order of restores: the engine's rules for what fits, and the
 * reading of whole-second times that is safe.
 */
export function reachable(sets: readonly BackupSet[], ms: number): boolean {
  const usable = sets.filter((set) => !set.isDamaged);
  const states = new Map<string, State>();
  const queue: State[] = [];
  const enter = (state: State): void => {
    const key = `${state.family} ${state.fork} ${state.lsn}`;
    if (states.has(key)) return;
    states.set(key, state);
    queue.push(state);
  };
  const before = (time: string): boolean => Date.parse(time) + 1000 <= ms;
  const finishedBefore = (set: BackupSet): boolean => before(set.finishedAt) && before(set.startedAt);
  const fulls = usable.filter((set) => set.kind === 'full' && finishedBefore(set));
  for (const set of fulls) enter(after(set));
  for (const set of usable.filter((each) => each.kind === 'differential' && finishedBefore(each))) {
    const base = fulls.find((each) => each.id === set.differentialBaseId && !each.copyOnly);
    if (base?.recoveryForkId === set.recoveryForkId) enter(after(set));
  }
  for (let state = queue.pop(); state !== undefined; state = queue.pop()) {
    for (const set of usable) {
      if (set.kind !== 'log' || !fits(set, state)) continue;
      const crosses = set.firstRecoveryForkId !== set.recoveryForkId;
      const wholeBefore = set.lastValidRestoreTime === null ? finishedBefore(set) : before(set.lastValidRestoreTime);
      if (crosses && !before(set.startedAt)) continue;
      if (BigInt(set.lastLsn) >= state.lsn && arrives(set, ms, crosses, wholeBefore)) return true;
      if (BigInt(set.lastLsn) > state.lsn && (!set.hasBulkLoggedData || wholeBefore)) enter(after(set));
    }
  }
  return false;
}

function arrives(set: BackupSet, ms: number, crosses: boolean, wholeBefore: boolean): boolean {
  const begun = Date.parse(set.startedAt) >= ms && !crosses;
  if (set.hasBulkLoggedData) return begun && wholeBefore;
  return begun || (set.lastValidRestoreTime !== null && Date.parse(set.lastValidRestoreTime) >= ms);
}

function fits(set: BackupSet, state: State): boolean {
  if (set.familyId !== state.family || set.firstRecoveryForkId !== state.fork) return false;
  if (set.recoveryForkId !== state.fork && !(set.forkPointLsn !== null && state.lsn <= BigInt(set.forkPointLsn))) {
    return false;
  }
  return BigInt(set.firstLsn) <= state.lsn;
}

function after(set: BackupSet): State {
  return { family: set.familyId, fork: set.recoveryForkId, lsn: BigInt(set.lastLsn) };
}

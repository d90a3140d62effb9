import type { DatabasePlan, RestoreStep } from '../../../workflows/domain/plan-types.ts';
import { restoreSteps } from '../../../workflows/domain/restore-plan.ts';
import type { Commit, ModelServer, TrueBackup } from './model-server.ts';

/** A RESTORING database. */
export interface Restoring {
  readonly content: Commit | null;
  readonly lsn: number;
  readonly fork: string;
  readonly family: string;
  /** STOPAT was met: no later log fits any more (4305). */
  readonly stopped: boolean;
}

/** Restores a plan as the server would, and fails where the server would, or where it would build nonsense. */
export function restore(server: ModelServer, plan: DatabasePlan): Restoring {
  return restoreSteps(plan).reduce<Restoring | null>((state, step) => apply(server, state, step), null) as Restoring;
}

export function apply(server: ModelServer, state: Restoring | null, step: RestoreStep): Restoring {
  const { set } = step;
  const backup = server.backups.get(set.id);
  if (backup === undefined || set.isDamaged || !server.store.some((each) => each.id === set.id)) {
    throw new Error(`the store has no usable ${set.id}`);
  }
  if (set.kind === 'log') {
    if (state === null) throw new Error('3118: a log cannot create a database');
    return applyLog(state, backup, step.stopAt);
  }
  if (set.kind === 'differential' && server.backups.get(set.differentialBaseId ?? '')?.last !== state?.lsn) {
    throw new Error('3136: the differential does not stand on what was restored');
  }
  return { content: backup.content, lsn: backup.last, fork: set.recoveryForkId, family: set.familyId, stopped: false };
}

function applyLog(state: Restoring, backup: TrueBackup, stopAt: string | null): Restoring {
  const { set, first, last, forkPoint } = backup;
  if (set.familyId !== state.family) throw new Error('3154: another database');
  if (state.stopped) return state;
  if (set.firstRecoveryForkId !== state.fork || (forkPoint !== null && state.lsn > forkPoint)) {
    throw new Error('4330: another recovery path');
  }
  if (first > state.lsn) throw new Error(`4305: begins at ${first}, the database is at ${state.lsn}`);
  if (last <= state.lsn) return state;

  const stopMs = stopAt === null ? Infinity : Date.parse(`${stopAt}Z`);
  const records = recordsBetween(state, backup);
  const beyond = records.findIndex((record) => record.localMs > stopMs);
  if (set.hasBulkLoggedData && stopAt !== null) throw new Error('4341: bulk-logged changes');
  if (beyond === -1) {
    return { ...state, content: records.at(-1) ?? state.content, lsn: last, fork: set.recoveryForkId };
  }
  const content = records[beyond - 1] ?? state.content;
  return { ...state, content, lsn: records[beyond]?.lsn ?? last, stopped: true };
}

/** What the log adds, oldest first; its history must go through the state that the database is in. */
function recordsBetween(state: Restoring, { content }: TrueBackup): Commit[] {
  const records: Commit[] = [];
  let at = content;
  for (; at !== null && at.lsn >= state.lsn; at = at.previous) records.unshift(at);
  if (at !== state.content) throw new Error('3456: the log is of another history than the database');
  return records;
}

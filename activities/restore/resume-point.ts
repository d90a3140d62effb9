import type { RestoreStep } from '../../workflows/domain/plan-types.ts';
import { compareLsn } from '../../workflows/domain/lsn.ts';
import { nextStep, type RedoPoint } from '../../workflows/domain/resume.ts';

export interface SliceOfPlan {
  readonly base: RestoreStep;
  /** Steps [from, to) of the plan. */
  readonly steps: readonly RestoreStep[];
  readonly from: number;
}

/**
 * Index within the plan of the step to go on with, seen from one slice of it; `to` when the slice is in.
 * `unknown`: the database stands before this slice, so only the whole plan can tell.
 */
export function resumePoint({ base, steps, from }: SliceOfPlan, redo: RedoPoint): number | 'unknown' {
  if (redo.lsn === null) return 0;
  if (from === 0) {
    return nextStep(
      steps.map((step) => step.set),
      redo,
    );
  }
  const [first] = steps;
  if (first !== undefined && compareLsn(first.set.firstLsn, redo.lsn) > 0) return 'unknown';
  // The base stands for what comes before the slice; it is never restored twice on the way.
  const next = nextStep([base.set, ...steps.map((step) => step.set)], redo);
  return next === 0 ? 0 : from + next - 1;
}

/** True when the engine stopped inside of one of these steps: then the log that follows it is refused (4305). */
export function stoppedInside(steps: readonly RestoreStep[], redo: RedoPoint): boolean {
  const { lsn } = redo;
  if (lsn === null) return false;
  return steps.some(
    ({ set, stopAt }) => stopAt !== null && compareLsn(set.firstLsn, lsn) <= 0 && compareLsn(lsn, set.lastLsn) < 0,
  );
}

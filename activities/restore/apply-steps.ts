import type { StepsOutcome } from '../../workflows/contracts.ts';
import type { RestoreStep } from '../../workflows/domain/plan-types.ts';
import { taskControl } from '../deps.ts';
import type { StagedStep } from '../executor/tasks.ts';
import { failure } from '../failure.ts';
import { targetDatabase } from '../sql-server/target-databases.ts';
import { applyStep, type Applied } from './apply-step.ts';
import { chunksOf } from './chunks.ts';
import type { DatabaseRestore } from './database-restore.ts';
import { readPlan } from './plan-reader.ts';
import { stoppedInside } from './resume-point.ts';
import { openStaging } from './staging.ts';

/** Restores the steps from `start` to the end of the slice, or to the stop point. */
export async function applySteps(restore: DatabaseRestore, start: number): Promise<StepsOutcome | 'interrupted'> {
  const { deps, input, plan, pulse } = restore;
  const steps = await stepsFrom(restore, start);
  const show = progressOf(restore);
  const staging = openStaging({
    deps,
    input,
    chunks: chunksOf(steps, start),
    signal: pulse.signal,
    progress: ({ file, doneBytes, totalBytes }) => show({ copying: `${file ?? ''} ${percent(doneBytes, totalBytes)}` }),
  });
  const counts = { applied: 0, skipped: Math.max(0, start - input.from), restoreSeconds: 0 };
  let stopReached = false;
  let last: Applied | null = null;

  chunks: for await (const chunk of staging) {
    for (const step of chunk) {
      const began = performance.now();
      last = await apply(restore, step, show);
      counts.restoreSeconds += (performance.now() - began) / 1000;
      if (last === 'interrupted') return last;
      if (last === 'contained') counts.skipped += 1;
      else if (last !== 'beyond') counts.applied += 1;
      stopReached = last === 'reached' || last === 'beyond';
      if (stopReached) break chunks;
    }
  }
  if (!stopReached && input.to === plan.stepCount) refuseShortChain(restore);
  return { ...counts, bytes: staging.bytes, stopReached, copySeconds: staging.seconds };
}

async function stepsFrom(restore: DatabaseRestore, start: number): Promise<readonly RestoreStep[]> {
  const { deps, input, plan, pulse } = restore;
  if (start >= input.from) return plan.steps.slice(start - input.from);
  return (await readPlan(deps, input, [start, input.to], taskControl(pulse))).steps;
}

interface Shown {
  readonly step?: number;
  readonly kind?: string;
  readonly percent?: number;
  readonly lsn?: string;
  readonly copying?: string;
}

/** Restoring and copying go on side by side; each tells its part. */
function progressOf({ plan, pulse }: DatabaseRestore): (change: Shown) => void {
  let shown: Shown = {};
  return (change) => {
    shown = { ...shown, ...change };
    pulse.report({ database: plan.targetDatabase, of: plan.stepCount, ...shown });
  };
}

async function apply(restore: DatabaseRestore, step: StagedStep, show: (change: Shown) => void): Promise<Applied> {
  const { base, plan, pulse } = restore;
  show({ step: step.index + 1, kind: step.set.kind, percent: 0, lsn: step.set.lastLsn });
  const applied = await applyStep(step, {
    ...restore,
    targetDatabase: plan.targetDatabase,
    base: base.set,
    signal: pulse.signal,
    onPercent: (done) => show({ percent: done }),
  });
  if (applied === 'beyond') await refuseGap(restore, step);
  return applied;
}

/** 4305 says that the database waits for an earlier point: rightly so when the engine stopped at the target, else there is a hole. */
async function refuseGap(
  { deps, input, plan, pulse, session, token }: DatabaseRestore,
  step: StagedStep,
): Promise<void> {
  const found = await targetDatabase(session, plan.targetDatabase, token);
  const { steps } = await readPlan(deps, input, [0, step.index], taskControl(pulse));
  if (found !== null && stoppedInside(steps, found.redo)) return;
  throw failure(
    'ChainBroken',
    `${plan.targetDatabase} stands at LSN ${found?.redo.lsn ?? '?'}, and the next log backup begins at ${step.set.firstLsn}`,
  );
}

/** 4322 on the last log: the target lies behind it. Only where the plan has proved that nothing lies in between is that fine. */
function refuseShortChain({ plan }: DatabaseRestore): void {
  if (plan.reach !== 'stops-inside') return;
  throw failure(
    'StopPointNotReached',
    `The last log backup of ${plan.targetDatabase} ends before ${plan.targetTime} (4322)`,
  );
}

function percent(done: number, of: number): string {
  return of === 0 ? '' : `${Math.floor((100 * done) / of)} %`;
}

import { readSteps } from './store/plan-document.ts';
import type { Roots, Tasks } from './tasks.ts';

export async function readPlan(input: Tasks['readPlan']['input'], roots: Roots): Promise<Tasks['readPlan']['output']> {
  const { plan, planned, steps } = await readSteps(roots.store, input);
  return {
    targetTime: plan.targetTime,
    targetDatabase: planned.targetDatabase,
    stepCount: planned.stepCount,
    reach: planned.reach,
    steps: steps.map(({ set, stopAt }) => ({ set, stopAt })),
  };
}

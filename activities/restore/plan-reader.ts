import type { DatabaseInput } from '../../workflows/contracts.ts';
import type { ActivityDeps } from '../deps.ts';
import type { TaskControl, Tasks } from '../executor/tasks.ts';

export type PlanSlice = Tasks['readPlan']['output'];

/** Steps [from, to) of one database of the plan, which lies in the source's store. */
export function readPlan(
  deps: ActivityDeps,
  { source, planPath, planDigest, database }: DatabaseInput,
  [from, to]: readonly [number, number],
  control: TaskControl,
): Promise<PlanSlice> {
  return deps.platform.runOnStore(source, 'readPlan', { planPath, planDigest, database, from, to }, control);
}

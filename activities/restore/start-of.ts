import { nextStep } from '../../workflows/domain/resume.ts';
import { taskControl } from '../deps.ts';
import { failure } from '../failure.ts';
import { targetDatabase } from '../sql-server/target-databases.ts';
import type { DatabaseRestore } from './database-restore.ts';
import { readPlan } from './plan-reader.ts';
import { resumePoint } from './resume-point.ts';

/**
 * Index within the plan of the step to begin with, by what the server says of the database.
 * @throws failure NotOurs for a database that this restore did not make
 */
export async function startOf(restore: DatabaseRestore): Promise<number | 'recovered'> {
  const { input, plan, session, token } = restore;
  const name = plan.targetDatabase;
  const found = await targetDatabase(session, name, token);
  if (found === null) return 0;
  if (!found.owned) throw failure('NotOurs', `${input.target} has a database ${name} that this restore did not make`);
  switch (found.state) {
    case 'ONLINE':
      return 'recovered';
    case 'RESTORING':
      break;
    case 'RECOVERING':
      throw failure('ServerUnavailable', `${name} is being recovered`);
    default:
      throw failure('SqlError', `${name} is ${found.state}, not RESTORING`);
  }

  const slice = { base: restore.base, steps: plan.steps, from: input.from };
  const seen = resumePoint(slice, found.redo);
  const start = seen === 'unknown' ? nextStep(await allSets(restore), found.redo) : seen;
  return start === input.to && asksForStop(restore) ? start - 1 : start;
}

/** Everything before the end of this slice. */
async function allSets({ deps, input, pulse }: DatabaseRestore) {
  const { steps } = await readPlan(deps, input, [0, input.to], taskControl(pulse));
  return steps.map((step) => step.set);
}

/** Whether the engine stopped inside the last log is known only from restoring it; an attempt that died took that with it. */
function asksForStop({ input, plan }: DatabaseRestore): boolean {
  return plan.reach === 'stops-inside' && input.to === plan.stepCount && plan.steps.at(-1)?.set.kind === 'log';
}

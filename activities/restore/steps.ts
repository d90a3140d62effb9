import type { Activities, StepsInput, StepsOutcome } from '../../workflows/contracts.ts';
import { fileToken } from '../../workflows/domain/move.ts';
import { taskControl, type ActivityDeps } from '../deps.ts';
import { failure } from '../failure.ts';
import { withHeartbeat, type Pulse } from '../heartbeat.ts';
import { connect } from '../sql-server/connection.ts';
import { serverFacts } from '../sql-server/facts.ts';
import { lockOf, takeLock } from '../sql-server/locks.ts';
import { applySteps } from './apply-steps.ts';
import { readPlan, type PlanSlice } from './plan-reader.ts';
import type { DatabaseRestore } from './database-restore.ts';
import { startOf } from './start-of.ts';

/**
 * Brings one database to the end of a slice of its plan, without recovering it. What the database holds already is not restored
 * again, so an attempt that follows one that died goes on where that one was.
 */
export function restoreSteps(deps: ActivityDeps): Activities['restoreSteps'] {
  return (input) =>
    withHeartbeat(async (pulse) => {
      const plan = await readPlan(deps, input, [input.from, input.to], taskControl(pulse));
      const { targetDatabase } = plan;
      const session = await connect(await deps.platform.endpoint(input.target), {
        session: input.restoreId,
        single: true,
      });
      try {
        pulse.report({ database: targetDatabase, waitingFor: 'another restore of it' });
        await takeLock(session, lockOf.restore(targetDatabase), { mode: 'Exclusive', wait: pulse.signal });
        const base = await baseOf(deps, input, plan, pulse);
        const { dataPath, logPath } = await serverFacts(session);
        const restore: DatabaseRestore = {
          deps,
          input,
          plan,
          base,
          session,
          token: fileToken(input.restoreId),
          dataPath,
          logPath,
          pulse,
        };
        return await bringToEnd(restore);
      } finally {
        await session.close().catch(() => undefined);
      }
    });
}

async function bringToEnd(restore: DatabaseRestore): Promise<StepsOutcome> {
  const { input, plan } = restore;
  const start = await startOf(restore);
  if (start === 'recovered') return { ...nothingToDo(input), stopReached: true };
  if (start >= input.to) return nothingToDo(input);

  const outcome = await applySteps(restore, start);
  if (outcome !== 'interrupted') return outcome;
  // 4319: the restore of a data backup was cut off. The database is ours, so it is begun anew.
  const again = await applySteps(restore, 0);
  if (again !== 'interrupted') return again;
  throw failure('SqlError', `${plan.targetDatabase} stays in the middle of an interrupted restore (4319)`);
}

function nothingToDo({ from, to }: StepsInput): StepsOutcome {
  return { applied: 0, skipped: to - from, bytes: 0, stopReached: false, copySeconds: 0, restoreSeconds: 0 };
}

async function baseOf(
  deps: ActivityDeps,
  input: StepsInput,
  plan: PlanSlice,
  pulse: Pulse,
): Promise<DatabaseRestore['base']> {
  const { steps } = input.from === 0 ? plan : await readPlan(deps, input, [0, 1], taskControl(pulse));
  const [base] = steps;
  if (base === undefined) throw failure('InvalidInput', `The plan ${input.planPath} has no base for ${input.database}`);
  return base;
}

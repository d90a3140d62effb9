import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { LeaseCheck, RetentionActivities } from '../../workflows/contracts.ts';
import { taskControl, type ActivityDeps } from '../deps.ts';
import type { Holder } from '../executor/retention/tasks.ts';
import { withHeartbeat } from '../heartbeat.ts';

type Standing = 'held' | 'ended' | 'unknown';

/** Asks Temporal whether those who hold leases still run. Whoever cannot be asked about holds his lease. */
export function checkLeases(deps: ActivityDeps): RetentionActivities['checkLeases'] {
  return ({ instance }) =>
    withHeartbeat(async (pulse): Promise<LeaseCheck> => {
      const { leases } = await deps.platform.runOnStore(instance, 'listLeases', { instance }, taskControl(pulse));
      const ask = deps.isRunning ?? askTemporal();
      const found: { readonly restoreId: string; readonly standing: Standing }[] = [];
      for (const { restoreId, holder } of leases) found.push({ restoreId, standing: await standingOf(ask, holder) });
      const those = (standing: Standing): string[] =>
        found.filter((one) => one.standing === standing).map(({ restoreId }) => restoreId);
      return { ended: those('ended'), held: found.length - those('ended').length, unknown: those('unknown') };
    });
}

async function standingOf(ask: (holder: Holder) => Promise<boolean>, holder: Holder): Promise<Standing> {
  try {
    return (await ask(holder)) ? 'held' : 'ended';
  } catch {
    return 'unknown';
  }
}

/**
 * By the worker's own connection. Runs that carry on from one another (continue-as-new), and a run that was reset, are of one chain,
 * which the server names by its first run.
 */
function askTemporal(): (holder: Holder) => Promise<boolean> {
  const context = Context.current();
  const describe = async (workflowId: string, runId?: string) => {
    const { raw, runId: id, status } = await context.client.workflow.getHandle(workflowId, runId).describe();
    return { runId: id, firstRunId: raw.workflowExecutionInfo?.firstRunId || id, open: isOpen(status.name) };
  };
  return async ({ namespace, workflowId, runId }) => {
    const own = context.info.workflowNamespace ?? context.info.namespace;
    if (namespace !== own) throw new Error(`the worker is in the namespace ${own}, and the holder in ${namespace}`);
    const latest = await orNotThere(() => describe(workflowId));
    if (latest === null || !latest.open) return false;
    if (latest.runId === runId || latest.firstRunId === runId) return true;
    const holder = await orNotThere(() => describe(workflowId, runId));
    return holder !== null && holder.firstRunId === latest.firstRunId;
  };
}

function isOpen(status: string): boolean {
  return !['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT'].includes(status);
}

async function orNotThere<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

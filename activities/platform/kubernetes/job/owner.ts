import { Context } from '@temporalio/activity';

/** On whose behalf a Job runs. */
export interface Owner {
  readonly workflowId: string;
  readonly runId: string;
  /** The same for every attempt of one activity. */
  readonly activityId: string;
  readonly activity: string;
}

/** Null outside of an activity. */
export function currentOwner(): Owner | null {
  let context: Context;
  try {
    context = Context.current();
  } catch {
    return null;
  }
  const { workflowExecution, activityId, activityType } = context.info;
  const { workflowId = '', runId = '' } = workflowExecution ?? {};
  return { workflowId, runId, activityId, activity: activityType };
}

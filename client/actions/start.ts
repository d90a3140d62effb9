import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdReusePolicy,
  type Workflow,
  type WorkflowHandle,
} from '@temporalio/client';
import { TypedSearchAttributes, type SearchAttributePair } from '@temporalio/common';
import type { Session } from './session.ts';

export interface Start<W extends Workflow> {
  /** Name of the workflow function: its type. */
  readonly type: string;
  readonly workflowId: string;
  readonly args: Parameters<W>;
  readonly taskQueue: string;
  readonly summary: string;
  /** Markdown for the Temporal UI. */
  readonly details: string;
  readonly attributes: SearchAttributePair[];
  /** False: this id was never used and must never be used again. */
  readonly idMayReturn: boolean;
}

export interface Started {
  readonly handle: WorkflowHandle;
  /** The run was there before this command. */
  readonly alreadyRunning: boolean;
}

/**
 * Starts a run, or finds the one that is going on under its id. Asking Temporal to fail on a conflict and then taking that
 * run (instead of the policy USE_EXISTING, which does not say what happened) is how the user gets to know which it was.
 */
export async function start<W extends Workflow>({ client }: Session, spec: Start<W>): Promise<Started> {
  try {
    const handle = await client.workflow.start<Workflow>(spec.type, {
      workflowId: spec.workflowId,
      taskQueue: spec.taskQueue,
      args: spec.args,
      staticSummary: spec.summary,
      staticDetails: spec.details,
      typedSearchAttributes: new TypedSearchAttributes(spec.attributes),
      workflowIdReusePolicy: spec.idMayReturn
        ? WorkflowIdReusePolicy.ALLOW_DUPLICATE
        : WorkflowIdReusePolicy.REJECT_DUPLICATE,
      workflowIdConflictPolicy: 'FAIL',
    });
    return { handle, alreadyRunning: false };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError && spec.idMayReturn)) throw error;
    return { handle: client.workflow.getHandle(spec.workflowId), alreadyRunning: true };
  }
}

/**
 * A run without a worker waits in silence; say so at once.
 * @param what waits, e.g. `the run`
 */
export async function noteMissingWorker(session: Session, taskQueue: string, what: string): Promise<void> {
  if (await hasWorker(session, taskQueue)) return;
  session.screen.note(
    `No worker listens on task queue ${taskQueue}: ${what} waits for one. Start it with npm run dev or npm run worker.`,
  );
}

async function hasWorker({ client, namespace }: Session, taskQueue: string): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: workflowTaskQueue,
  });
  return (pollers ?? []).length > 0;
}

/** temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW */
const workflowTaskQueue = 1;

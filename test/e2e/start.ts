import type { Client, WorkflowHandle } from '@temporalio/client';
import type { RehearsalResult } from '../../workflows/runtime-e2e.ts';
import type { RehearsalRequest } from '../../workflows/domain/rehearsal-request.ts';

export type RehearsalHandle = WorkflowHandle<(request: RehearsalRequest) => Promise<RehearsalResult>>;

export function startRehearsal(
  stack: { readonly client: Client; readonly taskQueue: string },
  options: { readonly rpoGoal: number },
): Promise<RehearsalHandle> {
  const request: RehearsalRequest = {
    source: 'mssql-rt',
    target: 'mssql-rt-target',
    rpoGoalSeconds: options.rpoGoal,
    checkDb: true,
  };
  return stack.client.workflow.start<(request: RehearsalRequest) => Promise<RehearsalResult>>('runtimeE2E', {
    workflowId: 'runtime-e2e/mssql-rt',
    taskQueue: stack.taskQueue,
    args: [request],
    staticSummary: 'Runtime rehearsal mssql-rt → mssql-rt-target',
    staticDetails:
      'Seed, full, wave1, log 1, **target time**, wave2, log 2, restore to a new instance, validate, measure, decide.',
  });
}

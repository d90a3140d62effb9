import type { applyRetention, RetentionResult } from '../../workflows/apply-retention.ts';
import { workflowIds } from '../../workflows/domain/naming.ts';
import type { RetentionRequest } from '../../workflows/domain/retention-request.ts';
import { instanceAttributes } from '../../workflows/steps/search-attributes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { showRetentionResult } from '../show/retention-result.ts';
import { questionId } from './ask.ts';
import { requireInstance } from './instances.ts';
import { launch, type LaunchOptions } from './launch.ts';
import { settingsHere, taskQueueOf } from './session.ts';

/** Only one run removes at a time: while one does, the command watches that one. Plans are as many as are asked for. */
export async function retention(request: RetentionRequest, options: LaunchOptions): Promise<ExitCode> {
  const settings = settingsHere(options);
  requireInstance(settings, request.instance);
  const { instance, databases, mode } = request;
  const plans = mode === 'plan';
  return launch<typeof applyRetention>(
    {
      type: 'applyRetention',
      workflowId: plans ? workflowIds.retentionPlan(instance, questionId()) : workflowIds.retention(instance),
      args: [request],
      taskQueue: taskQueueOf(settings),
      summary: `${plans ? 'Plan: retention' : 'Retention'} of ${instance}`,
      details: `Asked for on the command line.\n\nDatabases: ${databases ? databases.join(', ') : 'all in the store'}`,
      attributes: instanceAttributes(instance, databases),
      idMayReturn: !plans,
    },
    options,
    (screen, result) => showRetentionResult(screen, result as RetentionResult),
  );
}

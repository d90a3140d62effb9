import { randomBytes } from 'node:crypto';
import { timeStamp, workflowIds } from '../../workflows/domain/naming.ts';
import type { RestoreRequest } from '../../workflows/domain/request.ts';
import type { restoreToPointInTime, RestoreResult } from '../../workflows/restore-to-point-in-time.ts';
import { restoreAttributes } from '../../workflows/steps/search-attributes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { showRestoreResult } from '../show/restore-result.ts';
import { requireInstance, requireTarget } from './instances.ts';
import { launch, type LaunchOptions } from './launch.ts';
import { settingsHere, taskQueueOf } from './session.ts';

export async function restore(request: RestoreRequest, options: LaunchOptions): Promise<ExitCode> {
  const settings = settingsHere(options);
  requireInstance(settings, request.source);
  requireTarget(settings, request);
  const { source, target, to, databases, mode } = request;
  const requestId = `${timeStamp(new Date().toISOString())}-${randomBytes(3).toString('hex')}`;
  return launch<typeof restoreToPointInTime>(
    {
      type: 'restoreToPointInTime',
      workflowId: workflowIds.restore(target, requestId),
      args: [request],
      taskQueue: taskQueueOf(settings),
      summary: `${mode === 'plan' ? 'Plan: restore' : 'Restore'} ${source} to ${to} on ${target}`,
      details: `Asked for on the command line.\n\nDatabases: ${databases ? databases.join(', ') : 'all in the store'}`,
      attributes: restoreAttributes(request),
      idMayReturn: false,
    },
    options,
    (screen, result) => showRestoreResult(screen, result as RestoreResult),
  );
}

import type { BackupsPage } from '../../workflows/contracts.ts';
import { checkBackupsRequest, type BackupsRequest } from '../../workflows/domain/catalogue-request.ts';
import { issuesText } from '../../workflows/domain/request.ts';
import { taskControl, type ActivityDeps } from '../deps.ts';
import { failure } from '../failure.ts';
import { withHeartbeat } from '../heartbeat.ts';

const defaultLimit = 100;

export function readBackups(deps: ActivityDeps, request: BackupsRequest): Promise<BackupsPage> {
  return withHeartbeat(async (pulse) => {
    const issues = checkBackupsRequest(request);
    if (issues.length > 0) throw failure('InvalidInput', issuesText(issues), { details: [issues] });
    const { instance, since, limit = defaultLimit, ...rest } = request;
    const input = { instance, limit, ...rest, ...(since === undefined ? {} : { sinceMs: Date.parse(since) }) };
    return { instance, ...(await deps.platform.runOnStore(instance, 'listBackups', input, taskControl(pulse))) };
  });
}

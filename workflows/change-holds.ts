import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { Hold } from './contracts.ts';
import { shortHash } from './domain/naming.ts';
import { checkHoldRequest, holdId, type HoldRequest } from './domain/retention-request.ts';
import { count } from './domain/words.ts';
import { quickly } from './steps/proxies.ts';
import { refuseIfWrong } from './steps/refuse.ts';
import { openRunbook } from './steps/runbook.ts';
import { instanceAttributes } from './steps/search-attributes.ts';

const titles = { hold: 'Hold a restore point of', list: 'Holds of', release: 'Release a hold of' } as const;

/** Holds all that a restore point needs until it is released, lists holds, or releases one; answers with those it is about. */
export async function changeHolds(request: HoldRequest): Promise<{ readonly holds: readonly Hold[] }> {
  refuseIfWrong(checkHoldRequest(request, Date.now()));
  const { action, instance } = request;
  const info = workflowInfo();
  upsertSearchAttributes(instanceAttributes(instance, action === 'hold' ? [request.database] : undefined));
  const title = `${titles[action]} ${instance}`;
  const input = { request, holdId: holdId(instance, shortHash(info.runId)), at: info.startTime.toISOString() };
  const step = 'Read and change the holds';
  return openRunbook(title, [step]).step(
    step,
    () => quickly('changeHolds', title, input),
    ({ holds }) => count(holds.length, 'hold'),
  );
}

import { upsertSearchAttributes } from '@temporalio/workflow';
import type { WindowPage } from './contracts.ts';
import { checkWindowRequest, type WindowRequest } from './domain/catalogue-request.ts';
import { count } from './domain/words.ts';
import { quickly } from './steps/proxies.ts';
import { refuseIfWrong } from './steps/refuse.ts';
import { openRunbook } from './steps/runbook.ts';
import { instanceAttributes } from './steps/search-attributes.ts';

const step = 'Read the catalogue';

/**
 * Which moments the databases of an instance can be restored to, where the holes are and why, and how much would be lost now. A page
 * of them: where `next` is not null, ask again with it as `after`.
 */
export async function restorableWindow(request: WindowRequest): Promise<WindowPage> {
  refuseIfWrong(checkWindowRequest(request));
  upsertSearchAttributes(instanceAttributes(request.instance, request.databases));
  const book = openRunbook(`Restorable window of ${request.instance}`, [step]);
  return book.step(step, () => quickly('readWindow', `window of ${request.instance}`, request), pageText);
}

function pageText(page: WindowPage): string {
  const exposures = page.databases.flatMap(({ exposureSeconds }) => exposureSeconds ?? []);
  const largest = exposures.length === 0 ? '' : `, largest exposure ${Math.max(...exposures).toFixed(0)} s`;
  const none = page.unprotectedCount > 0 ? `, ${page.unprotectedCount} without any backup` : '';
  return `${count(page.databases.length, 'database')}${largest}${none}`;
}

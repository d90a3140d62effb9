import { upsertSearchAttributes } from '@temporalio/workflow';
import type { BackupsPage } from './contracts.ts';
import { checkBackupsRequest, type BackupsRequest } from './domain/catalogue-request.ts';
import { count, megabytes } from './domain/words.ts';
import { quickly } from './steps/proxies.ts';
import { refuseIfWrong } from './steps/refuse.ts';
import { openRunbook } from './steps/runbook.ts';
import { instanceAttributes } from './steps/search-attributes.ts';

const step = 'Read the catalogue';

/** The backup sets of an instance, the newest first. Where `next` is not null, ask again with it as `after`. */
export async function listBackups(request: BackupsRequest): Promise<BackupsPage> {
  refuseIfWrong(checkBackupsRequest(request));
  upsertSearchAttributes(instanceAttributes(request.instance, request.databases));
  const book = openRunbook(`Backups of ${request.instance}`, [step]);
  return book.step(
    step,
    () => quickly('readBackups', `backups of ${request.instance}`, request),
    (page) => `${count(page.count, 'set')}, ${megabytes(page.sizeBytes)}`,
  );
}

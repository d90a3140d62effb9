import type { BackupsPage, ListedBackup } from '../../workflows/contracts.ts';
import type { BackupsRequest } from '../../workflows/domain/catalogue-request.ts';
import { workflowIds } from '../../workflows/domain/naming.ts';
import type { listBackups } from '../../workflows/list-backups.ts';
import { instanceAttributes } from '../../workflows/steps/search-attributes.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { showBackups } from '../show/backups-result.ts';
import { ask, questionId } from './ask.ts';
import { requireInstance } from './instances.ts';
import { settingsHere, withTemporal, taskQueueOf, type Session, type SessionOptions } from './session.ts';
import { noteMissingWorker } from './start.ts';

export function backups(
  request: BackupsRequest & { readonly limit: number },
  options: SessionOptions,
): Promise<ExitCode> {
  const settings = settingsHere(options);
  requireInstance(settings, request.instance);
  const taskQueue = taskQueueOf(settings);
  return withTemporal(options, async (session) => {
    await noteMissingWorker(session, taskQueue, 'the answer');
    const first = await readPage(session, taskQueue, request);
    const all: ListedBackup[] = [...first.backups];
    for (let { next } = first; next !== null && all.length < request.limit;) {
      const page = await readPage(session, taskQueue, { ...request, limit: request.limit - all.length, after: next });
      all.push(...page.backups);
      next = page.next;
    }
    const { next: _next, ...facts } = first;
    const result = { ...facts, backups: all };
    showBackups(session.screen, result);
    session.screen.data(result);
    return exitCodes.ok;
  });
}

function readPage(session: Session, taskQueue: string, request: BackupsRequest): Promise<BackupsPage> {
  const { instance, databases } = request;
  return ask<typeof listBackups>(session, {
    type: 'listBackups',
    workflowId: workflowIds.backups(instance, questionId()),
    args: [request],
    taskQueue,
    summary: `Backups of ${instance}`,
    attributes: instanceAttributes(instance, databases),
  });
}

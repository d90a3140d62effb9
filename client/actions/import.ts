import type { ImportRequest } from '../../workflows/domain/import-request.ts';
import { workflowIds } from '../../workflows/domain/naming.ts';
import type { importBackups as workflow, ImportResult } from '../../workflows/import-backups.ts';
import { instanceAttributes } from '../../workflows/steps/search-attributes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { showImportResult } from '../show/import-result.ts';
import { questionId } from './ask.ts';
import { requireInstance } from './instances.ts';
import { launch, type LaunchOptions } from './launch.ts';
import { settingsHere, taskQueueOf } from './session.ts';

export async function importBackups(request: ImportRequest, options: LaunchOptions): Promise<ExitCode> {
  const settings = settingsHere(options);
  const { instance, folder, databases, mode } = request;
  requireInstance(settings, instance);
  return launch<typeof workflow>(
    {
      type: 'importBackups',
      workflowId: workflowIds.import(instance, questionId()),
      args: [request],
      taskQueue: taskQueueOf(settings),
      summary: `${mode === 'plan' ? 'Plan the import of' : 'Import'} ${folder} into ${instance}`,
      details: 'Asked for on the command line.',
      attributes: instanceAttributes(instance, databases),
      idMayReturn: false,
    },
    options,
    (screen, result) => showImportResult(screen, result as ImportResult),
  );
}

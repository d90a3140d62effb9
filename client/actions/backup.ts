import type { backupInstance, BackupResult } from '../../workflows/backup-instance.ts';
import { workflowIds } from '../../workflows/domain/naming.ts';
import type { BackupRequest } from '../../workflows/domain/request.ts';
import { backupAttributes } from '../../workflows/steps/search-attributes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { showBackupResult } from '../show/backup-result.ts';
import { requireInstance } from './instances.ts';
import { launch, type LaunchOptions } from './launch.ts';
import { settingsHere, taskQueueOf } from './session.ts';

export async function backup(request: BackupRequest, options: LaunchOptions): Promise<ExitCode> {
  const settings = settingsHere(options);
  requireInstance(settings, request.instance);
  const { instance, kind, databases } = request;
  const what = databases ? databases.join(', ') : 'all user databases';
  return launch<typeof backupInstance>(
    {
      type: 'backupInstance',
      workflowId: workflowIds.backup(instance, kind),
      args: [request],
      taskQueue: taskQueueOf(settings),
      summary: `${kind} backup of ${instance}`,
      details: `Asked for on the command line.\n\nDatabases: ${what}`,
      attributes: backupAttributes(request),
      idMayReturn: true,
    },
    options,
    (screen, result) => showBackupResult(screen, result as BackupResult),
  );
}

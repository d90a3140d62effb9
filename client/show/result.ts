import { showBackupResult } from './backup-result.ts';
import { showImportResult } from './import-result.ts';
import { showRestoreResult } from './restore-result.ts';
import { showRetentionResult } from './retention-result.ts';
import type { Screen } from './screen.ts';
import { showVerifyResult } from './verify-result.ts';

type Shown<F extends (screen: Screen, result: never) => void> = Parameters<F>[1];

/** What a run came to, as the command that starts such runs shows it; as JSON where there is no such command. */
export function showResult(screen: Screen, workflowType: string, result: unknown): void {
  switch (workflowType) {
    case 'backupInstance':
      return showBackupResult(screen, result as Shown<typeof showBackupResult>);
    case 'restoreToPointInTime':
      return showRestoreResult(screen, result as Shown<typeof showRestoreResult>);
    case 'verifyStore':
      return showVerifyResult(screen, result as Shown<typeof showVerifyResult>);
    case 'importBackups':
      return showImportResult(screen, result as Shown<typeof showImportResult>);
    case 'applyRetention':
      return showRetentionResult(screen, result as Shown<typeof showRetentionResult>);
    default:
      screen.print(JSON.stringify(result, null, 2));
  }
}

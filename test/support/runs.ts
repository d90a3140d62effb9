import { randomUUID } from 'node:crypto';
import type { WorkflowHandleWithStartDetails } from '@temporalio/client';
import type { BackupResult } from '../../workflows/backup-instance.ts';
import type { BackupRequest, RestoreRequest } from '../../workflows/domain/request.ts';
import type { RestoreResult } from '../../workflows/restore-to-point-in-time.ts';
import type { Stack } from './stack.ts';

/** Where runs are started. */
type Place = Pick<Stack, 'client' | 'taskQueue'>;

export type BackupHandle = WorkflowHandleWithStartDetails<(request: BackupRequest) => Promise<BackupResult>>;
export type RestoreHandle = WorkflowHandleWithStartDetails<(request: RestoreRequest) => Promise<RestoreResult>>;

export function startBackup(stack: Place, request: Omit<BackupRequest, 'instance'>): Promise<BackupHandle> {
  return stack.client.workflow.start<(request: BackupRequest) => Promise<BackupResult>>('backupInstance', {
    workflowId: `test-backup/${randomUUID()}`,
    taskQueue: stack.taskQueue,
    args: [{ instance: 'mssql-rt', ...request }],
  });
}

export async function backUp(
  stack: Place,
  kind: BackupRequest['kind'],
  databases?: readonly string[],
): Promise<BackupResult> {
  return (await startBackup(stack, { kind, ...(databases ? { databases } : {}) })).result();
}

export function startRestore(stack: Place, request: Omit<RestoreRequest, 'source'>): Promise<RestoreHandle> {
  return stack.client.workflow.start<(request: RestoreRequest) => Promise<RestoreResult>>('restoreToPointInTime', {
    workflowId: `test-restore/${randomUUID()}`,
    taskQueue: stack.taskQueue,
    args: [{ source: 'mssql-rt', ...request }],
  });
}

export async function restore(
  stack: Place,
  request: Omit<RestoreRequest, 'source'>,
): Promise<Extract<RestoreResult, { mode: 'restore' }>> {
  const result = await (await startRestore(stack, request)).result();
  if (result.mode !== 'restore') throw new Error('a restore was asked for, and a plan was made');
  return result;
}

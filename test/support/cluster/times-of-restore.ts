import { dirname } from 'node:path/posix';
import type { RestoreResult } from '../../../workflows/restore-to-point-in-time.ts';
import { recordOf } from './activities-of.ts';
import { restoreTimes, type RestoreTimes } from './restore-times.ts';
import type { Site } from './site.ts';

/** Of a restore that has ended well. */
export async function timesOfRestore({ client, journal }: Site, workflowId: string): Promise<RestoreTimes> {
  const restored = (await client.workflow.getHandle(workflowId).result()) as RestoreResult;
  if (restored.mode !== 'restore') throw new Error(`${workflowId} has only planned`);
  const run = await recordOf(client, workflowId);
  const restoreId = dirname(restored.certificate.path).split('/').at(-1) ?? '';
  return restoreTimes({ run, jobs: journal.jobs(), pods: journal.pods(), restoreId });
}

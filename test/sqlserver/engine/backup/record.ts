import { recordBackup } from '../msdb/backup.ts';
import type { BackupJob } from './backup.ts';
import type { OpenedMedia } from './stripes.ts';
import type { BackupSet } from './set.ts';

/** A backup that stands is not undone: whoever asked for it may be gone by now. */
const nobodyStopsIt = new AbortController().signal;

/**
 * Writes the history of a backup whose file is complete and whose archive point or base has moved. That it comes last is
 * what error 3009 tells: the history could not be written, the backup was successful all the same.
 */
export async function recordFinished(
  { instance, database }: BackupJob,
  set: BackupSet,
  media: OpenedMedia,
): Promise<void> {
  await instance.faults.pass('before-history', database.name, 100, nobodyStopsIt);
  await recordBackup(instance, set, media, nobodyStopsIt);
  await instance.faults.pass('after-history', database.name, 100, nobodyStopsIt);
}

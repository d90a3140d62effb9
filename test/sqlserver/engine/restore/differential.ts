import type { RestoreProgress } from '../boot.ts';
import { DataFile } from '../files/data-file.ts';
import { LogFile } from '../log/log-file.ts';
import { sqlError } from '../messages.ts';
import { Storage } from '../storage.ts';
import { DataFill } from './fill.ts';
import { checkDataStop } from './full.ts';
import { interrupted, restoringDatabase } from './job.ts';
import type { Restored, RestoreJob } from './job.ts';
import { createAddedFiles, planAddedFiles } from './places.ts';
import { wrongFamily } from './log.ts';

/** @throws SqlError 4319, 3136 */
function checkState(job: RestoreJob, progress: RestoreProgress): void {
  const { set } = job;
  const database = restoringDatabase(job);
  if (progress.phase !== 'ready' && progress.setGuid !== set.setGuid) throw interrupted(database);
  const fits = progress.baseGuid === set.base?.setGuid && !progress.logRestored && set.last >= progress.redo;
  if (fits) return;
  throw sqlError(
    3136,
    'This differential backup cannot be restored because the database has not been restored to the correct earlier state.',
  );
}

/** Lays the changed extents over the full backup; rows and log are replaced as a whole. */
export async function restoreDifferential(job: RestoreJob): Promise<Restored> {
  const { instance, set } = job;
  const database = restoringDatabase(job);
  const { boot } = database.storage;
  const progress = boot.restore!;
  wrongFamily(job, boot.familyGuid);
  checkState(job, progress);
  checkDataStop(job);
  const added = planAddedFiles(instance, job.statement, set, database);
  database.running.restore = true;
  try {
    const file = new DataFile(database.realPath('ROWS'), instance.pool);
    file.readBoot();
    boot.restore = { ...progress, phase: 'data', setGuid: set.setGuid, standbyFile: null };
    file.writeBoot(boot);
    const log = LogFile.create(database.realPath('LOG'), instance.pool, set.first);
    const storage = new Storage(file, database.realPath('LOG'), boot, instance.pool);
    await new DataFill(job, database, storage, log).run();
    createAddedFiles(instance, database, boot, added);
    boot.checkpoint = set.checkpoint;
    boot.recoveryModel = set.recoveryModel;
    boot.lastCommitTicks = set.lastCommitTicks;
    boot.restore = {
      ...boot.restore,
      phase: 'ready',
      redo: set.last,
      redoFork: set.forkGuid,
      earliestStop: set.endTicks,
      chainStart: set.first,
    };
    file.writeBoot(boot);
  } finally {
    database.running.restore = false;
    database.forget();
  }
  return { database, dataPages: set.dataPages, logPages: set.logPages, waitsForMore: undefined };
}

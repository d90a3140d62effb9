import { SqlError } from '../../contracts.ts';
import type { DatabaseState } from '../../contracts.ts';
import type { BackupSet } from '../backup/set.ts';
import type { Boot, StoredFile } from '../boot.ts';
import { createFiles, newBoot, removeFiles } from '../create.ts';
import type { EngineDatabase } from '../database.ts';
import { DataFile } from '../files/data-file.ts';
import { EMPTY_SNAPSHOT } from '../files/snapshot-file.ts';
import { newGuid } from '../ids.ts';
import type { EngineInstance } from '../instance.ts';
import { LogFile } from '../log/log-file.ts';
import { failure, sqlError } from '../messages.ts';
import { momentNow, toDatetime } from '../moment.ts';
import { Storage } from '../storage.ts';
import { DataFill } from './fill.ts';
import type { Restored, RestoreJob } from './job.ts';
import { planPlaces } from './places.ts';

const OPEN_STATES: readonly DatabaseState[] = ['ONLINE', 'EMERGENCY'];

/** @throws SqlError 3154, 3141, 3159: what REPLACE is there to override (RESTORE Statements - Arguments, "REPLACE") */
function checkReplace(job: RestoreJob, existing: EngineDatabase): void {
  const { statement, set } = job;
  if (statement.replace) return;
  const { boot } = existing;
  if (boot !== undefined && boot.familyGuid !== set.familyGuid) {
    throw sqlError(
      3154,
      `The backup set holds a backup of a database other than the existing '${existing.name}' database.`,
      4,
    );
  }
  // unknown: which of these checks meet a database that is RESTORING. Here only the family does.
  if (boot === undefined || !OPEN_STATES.includes(existing.state) || existing.isInStandby) return;
  if (set.databaseName.toLowerCase() !== existing.name.toLowerCase()) {
    throw sqlError(
      3141,
      `The database to be restored was named '${set.databaseName}'. Reissue the statement using the WITH REPLACE option to overwrite the '${existing.name}' database.`,
    );
  }
  const chain = boot.recoveryModel === 'SIMPLE' ? null : boot.logBackup;
  const stops = statement.stopAt !== undefined || statement.stopMark !== undefined;
  if (chain === null || stops || existing.storage.log.end <= chain) return;
  throw sqlError(
    3159,
    `The tail of the log for the database "${existing.name}" has not been backed up. Use BACKUP LOG WITH NORECOVERY to backup the log if it contains work you do not want to lose. Use the WITH REPLACE or WITH STOPAT clause of the RESTORE statement to just overwrite the contents of the log.`,
  );
}

/** A data backup is restored whole: STOPAT on it is only a check. @throws SqlError 3145, 4338 */
export function checkDataStop({ statement, set }: RestoreJob): void {
  if (statement.stopAt === undefined) return;
  if (set.recoveryModel === 'SIMPLE') {
    throw sqlError(3145, 'The STOPAT option is not supported for databases that use the SIMPLE recovery model.');
  }
  if (toDatetime(statement.stopAt).ticks >= set.endTicks) return;
  throw new SqlError(
    failure(
      4338,
      'The STOPAT clause specifies a point too early to allow this backup set to be restored. Choose a different stop point or use RESTORE DATABASE WITH RECOVERY to recover at the current point.',
    ),
  );
}

function bootOf(set: BackupSet, files: readonly StoredFile[], databaseGuid: string): Boot {
  const boot = newBoot({ model: set.recoveryModel, collation: set.collation, files });
  return {
    ...boot,
    databaseGuid,
    familyGuid: set.familyGuid,
    forkGuid: set.forkGuid,
    firstForkGuid: set.forkGuid,
    compatibilityLevel: set.compatibilityLevel,
    isReadOnly: set.isReadOnly,
    checkpoint: set.checkpoint,
    snapshot: EMPTY_SNAPSHOT,
    beginsChain: false,
    base: set.isCopyOnly ? set.databaseBase : { position: set.checkpoint, setGuid: set.setGuid, ticks: set.startTicks },
    lastFull: set.isCopyOnly ? set.databaseBackup : set.checkpoint,
    lastCommitTicks: set.lastCommitTicks,
    restore: {
      phase: 'data',
      setGuid: set.setGuid,
      redo: set.first,
      redoFork: set.forkGuid,
      baseGuid: set.setGuid,
      logRestored: false,
      earliestStop: 0n,
      chainStart: set.first,
      standbyFile: null,
    },
  };
}

/** The database as it stands before the first byte: RESTORING, with this set unfinished. */
function prepare(instance: EngineInstance, job: RestoreJob, files: readonly StoredFile[]): EngineDatabase {
  const { set, statement, context } = job;
  const existing = instance.database(statement.database);
  const boot = bootOf(set, files, existing?.boot?.databaseGuid ?? newGuid());
  if (existing !== undefined) {
    const old = existing.entry.files;
    existing.forget();
    removeFiles(old, instance);
  }
  createFiles(boot, instance);
  if (existing === undefined) {
    return instance.addDatabase({
      id: instance.freeDatabaseId(),
      name: statement.database,
      createTicks: momentNow(instance.clock).ticks,
      ownerSid: context.login.sid,
      mode: 'normal',
      userAccess: 'MULTI_USER',
      files,
    });
  }
  instance.changeEntry(existing, { mode: 'normal', userAccess: 'MULTI_USER', files });
  return existing;
}

export async function restoreFull(job: RestoreJob): Promise<Restored> {
  const { instance, set, statement } = job;
  const existing = instance.database(statement.database);
  if (existing !== undefined) checkReplace(job, existing);
  checkDataStop(job);
  const files = planPlaces(instance, statement, set, existing);
  const database = prepare(instance, job, files);
  database.running.restore = true;
  try {
    const { boot } = database.storage;
    const file = new DataFile(database.realPath('ROWS'), instance.pool);
    const log = LogFile.create(database.realPath('LOG'), instance.pool, set.first);
    file.readBoot();
    const storage = new Storage(file, database.realPath('LOG'), boot, instance.pool);
    await new DataFill(job, database, storage, log).run();
    boot.restore = { ...boot.restore!, phase: 'ready', redo: set.last, earliestStop: set.endTicks };
    file.writeBoot(boot);
  } finally {
    database.running.restore = false;
    database.forget();
  }
  return { database, dataPages: set.dataPages, logPages: set.logPages, waitsForMore: undefined };
}

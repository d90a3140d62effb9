import type { RestoreStatement, StatementContext } from '../../contracts.ts';
import type { EngineDatabase } from '../database.ts';
import { newGuid } from '../ids.ts';
import type { EngineInstance } from '../instance.ts';
import { noSuchDatabase, sqlError } from '../messages.ts';
import { interrupted } from './job.ts';
import { writeStandbyFile } from './standby.ts';

export interface Recovery {
  readonly instance: EngineInstance;
  readonly context: StatementContext;
  readonly database: EngineDatabase;
  readonly restrictedUser: boolean;
}

/** Ends the restore sequence: a new recovery fork begins where redo stands. */
export async function recover(recovery: Recovery): Promise<void> {
  const { instance, context, database } = recovery;
  const { storage } = database;
  const { boot } = storage;
  const progress = boot.restore;
  if (progress === null) throw new Error(`database ${database.name} is not being restored`);
  storage.unload();
  database.running.recovering = true;
  try {
    await instance.faults.pass('recover', database.name, 0, context.signal);
    const chained = boot.recoveryModel !== 'SIMPLE';
    const fork = newGuid();
    boot.forkGuid = fork;
    boot.firstForkGuid = chained ? progress.redoFork : fork;
    boot.forkPoint = chained ? progress.redo : null;
    boot.logBackup = chained ? progress.chainStart : null;
    // What was not applied must not be found behind the redo point.
    storage.log.cut();
    boot.restore = null;
    storage.saveBoot();
    if (recovery.restrictedUser) instance.changeEntry(database, { userAccess: 'RESTRICTED_USER' });
  } finally {
    database.running.recovering = false;
  }
  instance.errorLog.write('spid', `Recovery completed for database ${database.name} (database ID ${database.id}).`);
}

/** Readable between two log restores; nothing of the sequence is decided. */
export function setStandby(instance: EngineInstance, database: EngineDatabase, file: string): void {
  writeStandbyFile(instance, file);
  const { storage } = database;
  storage.boot.restore = { ...storage.boot.restore!, standbyFile: instance.paths.normalize(file) };
  storage.saveBoot();
}

/** RESTORE DATABASE … WITH RECOVERY without FROM. @throws SqlError 911, 3153, 4333, 4319 */
export async function recoverOnly(
  instance: EngineInstance,
  statement: RestoreStatement,
  context: StatementContext,
): Promise<void> {
  const database = instance.database(statement.database);
  if (database === undefined) throw noSuchDatabase(statement.database);
  const progress = database.boot?.restore;
  if (progress == null) throw sqlError(3153, 'The database is already fully recovered.');
  if (progress.phase === 'data') {
    throw sqlError(4333, 'The database cannot be recovered because the log was not restored.');
  }
  if (progress.phase === 'log') throw interrupted(database);
  if (statement.recovery === 'norecovery') return;
  if (statement.recovery === 'recovery') {
    await recover({ instance, context, database, restrictedUser: statement.restrictedUser });
  } else setStandby(instance, database, statement.recovery.standby);
}

import { SqlError } from '../../contracts.ts';
import type { RestoreStatement, StatementContext } from '../../contracts.ts';
import { deviceInformation } from '../backup/error-log.ts';
import { conflicting } from '../backup/backup.ts';
import { LogDamage } from '../backup/log-stream.ts';
import { doneText, sayProcessed } from '../backup/progress.ts';
import { BACKUP_TYPE } from '../backup/set.ts';
import type { BackupSet } from '../backup/set.ts';
import type { EngineDatabase } from '../database.ts';
import type { EngineInstance } from '../instance.ts';
import { lsnAt, lsnText } from '../log/lsn.ts';
import { failure, info, inTransaction, sqlError, terminating } from '../messages.ts';
import { errorLogDate } from '../moment.ts';
import { recordRestore } from '../msdb/restore.ts';
import { checkRestoreRight } from '../security.ts';
import { restoreDifferential } from './differential.ts';
import { restoreFull } from './full.ts';
import type { Restored, RestoreJob } from './job.ts';
import { restoreLog } from './log.ts';
import { damage, MediaSet } from './media-set.ts';
import { recover, recoverOnly, setStandby } from './recover.ts';

const CREATED_BY = {
  [BACKUP_TYPE.full]: 'BACKUP DATABASE',
  [BACKUP_TYPE.differential]: 'BACKUP DATABASE WITH DIFFERENTIAL',
  [BACKUP_TYPE.log]: 'BACKUP LOG',
};

function checkStatement(statement: RestoreStatement): void {
  if (statement.stopAt !== undefined && statement.stopMark !== undefined) {
    throw conflicting('stopat', statement.stopMark.before ? 'stopbeforemark' : 'stopatmark');
  }
  switch (statement.database.toLowerCase()) {
    case 'tempdb':
      throw sqlError(3147, 'Backup and restore operations are not allowed on database tempdb.');
    case 'master':
      throw sqlError(
        3108,
        'To restore the master database, the server must be running in single-user mode. For information on starting in single-user mode, see "How to: Start an Instance of SQL Server (sqlservr.exe)" in Books Online.',
      );
    case 'model':
    case 'msdb':
      throw sqlError(
        3112,
        `Restoring the system database '${statement.database}' is not supported by this simulated server.`,
      );
  }
}

/** @throws SqlError 3102, 3101 */
function checkAlone(instance: EngineInstance, statement: RestoreStatement, context: StatementContext): void {
  const database = instance.database(statement.database);
  if (database === undefined) return;
  if (context.currentDatabase.toLowerCase() === database.name.toLowerCase()) {
    throw sqlError(
      3102,
      `RESTORE cannot process database '${database.name}' because it is in use by this session. It is recommended that the master database be used when performing this operation.`,
    );
  }
  const others = instance.sessions.inDatabase(database.id).filter((spid) => spid !== context.spid);
  const { running } = database;
  if (others.length > 0 || running.backups > 0 || running.restore || running.recovering) {
    throw sqlError(3101, 'Exclusive access could not be obtained because the database is in use.');
  }
}

/** @throws SqlError 3135, 3187, 3182 */
function checkSet(statement: RestoreStatement, set: BackupSet, path: string): void {
  if ((statement.kind === 'log') !== (set.type === BACKUP_TYPE.log)) {
    throw sqlError(
      3135,
      `The backup set in file '${path}' was created by ${CREATED_BY[set.type]} and cannot be used for this restore operation.`,
    );
  }
  if (statement.checksum === true && !set.hasChecksums) {
    throw sqlError(
      3187,
      'RESTORE WITH CHECKSUM cannot be specified because the backup set does not contain checksum information.',
    );
  }
  if (set.isDamaged && !statement.continueAfterError) {
    throw new SqlError(
      failure(
        3182,
        'The backup set cannot be restored because the database was damaged when the backup occurred. Salvage attempts may exploit WITH CONTINUE_AFTER_ERROR.',
      ),
    );
  }
}

function apply(job: RestoreJob): Promise<Restored> {
  switch (job.set.type) {
    case BACKUP_TYPE.full:
      return restoreFull(job);
    case BACKUP_TYPE.differential:
      return restoreDifferential(job);
    case BACKUP_TYPE.log:
      return restoreLog(job);
  }
}

/** 18267, 18271, 18268 */
function logRestored(job: RestoreJob, database: EngineDatabase, done: string): void {
  const { instance, set, media, statement } = job;
  const what = {
    [BACKUP_TYPE.full]: 'Database was restored: Database:',
    [BACKUP_TYPE.differential]: 'Database changes were restored. Database:',
    [BACKUP_TYPE.log]: 'Log was restored. Database:',
  }[set.type];
  const paths = media.files.map((f) => f.path);
  const devices = deviceInformation(set.position, media.headers[0]?.name ?? null, paths);
  instance.errorLog.write(
    'Backup',
    `${what} ${database.name}, creation date(time): ${errorLogDate({ ticks: set.databaseCreationTicks })}, first LSN: ${lsnText(lsnAt(set.first))}, last LSN: ${lsnText(lsnAt(set.last))}, number of dump devices: ${paths.length}, device information: ${devices}. Informational message. No user action required.`,
  );
  instance.errorLog.write('Backup', done);
  if (database.state !== 'RESTORING') return;
  instance.errorLog.write(
    'spid',
    `The database '${statement.database}' is marked RESTORING and is in a state that does not allow recovery to be run.`,
  );
}

async function finish(job: RestoreJob, restored: Restored): Promise<void> {
  const { instance, statement, context, set, media } = job;
  const { database } = restored;
  await recordRestore(
    instance,
    {
      set,
      media: { headers: media.headers, stripes: media.files },
      statement,
      userName: context.login.name,
      files: database.entry.files,
    },
    context.signal,
  );
  if (restored.waitsForMore === undefined) {
    if (statement.recovery === 'recovery') {
      await recover({ instance, context, database, restrictedUser: statement.restrictedUser });
    } else if (statement.recovery !== 'norecovery') setStandby(instance, database, statement.recovery.standby);
  }
  const rows = database.files.filter((f) => f.type === 'ROWS');
  const logs = database.files.filter((f) => f.type === 'LOG');
  const files = [
    ...rows.map((f, i) => ({ logicalName: f.logicalName, pages: i === 0 ? restored.dataPages : 0 })),
    ...logs.map((f, i) => ({ logicalName: f.logicalName, pages: i === 0 ? restored.logPages : 0 })),
  ];
  sayStopMissed(context, restored.waitsForMore);
  const done = sayProcessed(context, {
    what: statement.kind === 'log' ? 'RESTORE LOG' : 'RESTORE DATABASE',
    database: database.name,
    position: set.position,
    files,
    elapsedMs: instance.clock.now() - job.startMs,
  });
  logRestored(job, database, done);
}

/** unknown: whether these come before or behind the 4035 lines. */
function sayStopMissed(context: StatementContext, waits: Restored['waitsForMore']): void {
  if (waits === 'time') {
    context.info(
      info(
        4322,
        'This backup set contains records that were logged before the designated point in time. The database is being left in the restoring state so that more roll forward can be performed.',
      ),
    );
  }
  if (waits === 'mark') {
    context.info(
      info(
        4329,
        'This log file contains records logged before the designated mark. The database is being left in the Restoring state so you can apply another log file.',
      ),
    );
  }
}

async function restoreFrom(
  instance: EngineInstance,
  statement: RestoreStatement,
  context: StatementContext,
): Promise<void> {
  const startMs = instance.clock.now();
  await using media = await MediaSet.open(instance, statement.devices, { allFamilies: true });
  const open = await media.set(statement.position ?? 1);
  checkSet(statement, open.set, media.files[0]!.path);
  checkAlone(instance, statement, context);
  if (statement.restart) {
    context.info(
      info(
        3018,
        `The restart-checkpoint file '${statement.database}.CKP' was not found. The RESTORE command will continue from the beginning as if RESTART had not been specified.`,
      ),
    );
  }
  const job: RestoreJob = { instance, statement, context, media, open, set: open.set, startMs };
  await finish(job, await apply(job));
}

/** RESTORE DATABASE and RESTORE LOG. The cause of a failure comes first, 3013 last. */
export async function runRestore(
  instance: EngineInstance,
  statement: RestoreStatement,
  context: StatementContext,
): Promise<void> {
  const what = statement.kind === 'log' ? 'RESTORE LOG' : 'RESTORE DATABASE';
  try {
    if (context.inTransaction) throw inTransaction();
    checkRestoreRight(context, statement.database, instance.database(statement.database));
    checkStatement(statement);
    checkAlone(instance, statement, context);
    if (statement.devices.length > 0) return await restoreFrom(instance, statement, context);
    const startMs = instance.clock.now();
    await recoverOnly(instance, statement, context);
    context.info(info(3014, doneText(what, 0, instance.clock.now() - startMs)));
  } catch (error) {
    if (error instanceof LogDamage) throw new SqlError(...damage().messages, terminating(what));
    if (!(error instanceof SqlError)) throw error;
    throw new SqlError(...error.messages, terminating(what));
  }
}

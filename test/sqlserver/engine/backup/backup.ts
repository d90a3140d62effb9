import { SqlError } from '../../contracts.ts';
import type { BackupStatement, StatementContext } from '../../contracts.ts';
import type { EngineDatabase } from '../database.ts';
import type { EngineInstance } from '../instance.ts';
import { failure, inTransaction, noSuchDatabase, sqlError, terminating } from '../messages.ts';
import { checkBackupRight, isSysadmin } from '../security.ts';
import type { Storage } from '../storage.ts';
import { backUpData } from './data.ts';
import { backUpLog } from './log.ts';
import { LogDamage } from './log-stream.ts';

const MOST_DEVICES = 64;

export interface BackupJob {
  readonly instance: EngineInstance;
  readonly statement: BackupStatement;
  readonly context: StatementContext;
  readonly database: EngineDatabase;
  readonly storage: Storage;
  /** The data file is lost: only the tail of the log can be saved. */
  readonly isDamaged: boolean;
}

function checkDevices(statement: BackupStatement): void {
  if (statement.devices.length > MOST_DEVICES) {
    throw sqlError(3205, `Too many backup devices specified for backup or restore; only ${MOST_DEVICES} are allowed.`);
  }
  for (const device of statement.devices) {
    if (device.path === '') {
      throw sqlError(3044, 'Invalid zero-length device name. Reissue the BACKUP statement with a valid device name.');
    }
    checkDeviceKind(device);
  }
}

/** @throws SqlError for what this server cannot reach */
export function checkDeviceKind(device: BackupStatement['devices'][number]): void {
  if (device.type === 'LOGICAL') {
    throw sqlError(
      3206,
      `Backup device '${device.path}' does not exist. To view existing backup devices, use the sys.backup_devices catalog view. To create a new backup device use either sp_addumpdevice or SQL Server Management Studio.`,
    );
  }
  if (device.type === 'URL') {
    throw sqlError(
      3201,
      `Cannot open backup device '${device.path}'. Operating system error 50(The request is not supported.).`,
    );
  }
}

function checkDatabase(
  statement: BackupStatement,
  context: StatementContext,
  database: EngineDatabase,
): Pick<BackupJob, 'storage' | 'isDamaged'> {
  const log = statement.kind === 'log';
  if (database.name === 'tempdb') {
    throw sqlError(3147, 'Backup and restore operations are not allowed on database tempdb.');
  }
  if (database.isInStandby) {
    throw sqlError(
      3036,
      `The database "${database.name}" is in warm-standby state (set by executing RESTORE WITH STANDBY) and cannot be backed up until the entire restore sequence is completed.`,
    );
  }
  const isDamaged = log && statement.noTruncate && isSysadmin(context.login) && database.isDamaged;
  if (isDamaged) return { storage: database.salvage(), isDamaged };
  database.requireAccess();
  checkBackupRight(context, database, log ? 'BACKUP LOG' : 'BACKUP DATABASE');
  if (database.state === 'EMERGENCY') {
    throw sqlError(3033, 'BACKUP DATABASE cannot be used on a database opened in emergency mode.');
  }
  if (database.name === 'master' && log) {
    throw sqlError(4212, 'Cannot back up the log of the master database. Use BACKUP DATABASE instead.');
  }
  if (database.name === 'master' && statement.differential) {
    throw sqlError(
      3024,
      'You can only perform a full backup of the master database. Use BACKUP DATABASE to back up the entire master database.',
    );
  }
  return { storage: database.storage, isDamaged };
}

/** BACKUP DATABASE and BACKUP LOG. The cause of a failure comes first, 3013 last. */
export async function runBackup(
  instance: EngineInstance,
  statement: BackupStatement,
  context: StatementContext,
): Promise<void> {
  const what = statement.kind === 'log' ? 'BACKUP LOG' : 'BACKUP DATABASE';
  try {
    const database = instance.database(statement.database);
    if (database === undefined) throw noSuchDatabase(statement.database);
    if (context.inTransaction) throw inTransaction();
    checkDevices(statement);
    const job = { instance, statement, context, database, ...checkDatabase(statement, context, database) };
    await (statement.kind === 'log' ? backUpLog(job) : backUpData(job));
  } catch (error) {
    if (error instanceof SqlError) logDeviceFailure(instance, error);
    instance.errorLog.write('Backup', 'Error: 3041, Severity: 16, State: 1.');
    instance.errorLog.write(
      'Backup',
      `BACKUP failed to complete the command ${what} ${statement.database}. Check the backup application log for detailed messages.`,
    );
    if (error instanceof LogDamage) {
      const text = 'BACKUP detected corruption in the database log. Check the errorlog for more information.';
      throw new SqlError(failure(3049, text), terminating(what));
    }
    if (!(error instanceof SqlError)) throw error;
    throw new SqlError(...error.messages, terminating(what));
  }
}

/** 18204 and 18210: what the devices said. */
function logDeviceFailure(instance: EngineInstance, error: SqlError): void {
  for (const { number, text } of error.messages) {
    const open = /^Cannot open backup device '(.*)'\. Operating system error (.*)\.$/.exec(text);
    const write = /^Write on "(.*)" failed: (.*)$/.exec(text);
    if (number === 3201 && open !== null) {
      instance.errorLog.write('Backup', 'Error: 18204, Severity: 16, State: 1.');
      instance.errorLog.write(
        'Backup',
        `BackupDiskFile::CreateMedia: Backup device '${open[1]}' failed to create. Operating system error ${open[2]}.`,
      );
    }
    if (number === 3202 && write !== null) {
      instance.errorLog.write('Backup', 'Error: 18210, Severity: 16, State: 1.');
      instance.errorLog.write(
        'Backup',
        `BackupIoRequest::ReportIoError: write failure on backup device '${write[1]}'. Operating system error ${write[2]}.`,
      );
    }
  }
}

export const conflicting = (option: string, others: string) =>
  new SqlError(
    failure(
      3031,
      `Option '${option}' conflicts with option(s) '${others}'. Remove the conflicting option and reissue the statement.`,
    ),
  );

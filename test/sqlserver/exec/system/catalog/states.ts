import type { Database, DatabaseState } from '../../../contracts.ts';

/** Number and text of the enumerations of sys.databases. */

const states: Record<DatabaseState, number> = {
  ONLINE: 0,
  RESTORING: 1,
  RECOVERING: 2,
  RECOVERY_PENDING: 3,
  SUSPECT: 4,
  EMERGENCY: 5,
  OFFLINE: 6,
};

const recoveryModels: Record<Database['recoveryModel'], number> = { FULL: 1, BULK_LOGGED: 2, SIMPLE: 3 };

const accesses: Record<Database['userAccess'], number> = { MULTI_USER: 0, SINGLE_USER: 1, RESTRICTED_USER: 2 };

const reuseWaits = [
  'NOTHING',
  'CHECKPOINT',
  'LOG_BACKUP',
  'ACTIVE_BACKUP_OR_RESTORE',
  'ACTIVE_TRANSACTION',
  'DATABASE_MIRRORING',
  'REPLICATION',
  'DATABASE_SNAPSHOT_CREATION',
  'LOG_SCAN',
  'AVAILABILITY_REPLICA',
  'OLDEST_PAGE',
  'XTP_CHECKPOINT',
  'SLOG_SCAN',
];

export const stateNumber = (database: Database): number => states[database.state];
export const recoveryNumber = (database: Database): number => recoveryModels[database.recoveryModel];
export const accessNumber = (database: Database): number => accesses[database.userAccess];

export function reuseWaitNumber(wait: string): number {
  const index = reuseWaits.indexOf(wait);
  if (index < 0) throw new Error(`no number for log_reuse_wait ${wait}`);
  return index;
}

/** STANDBY leaves a database ONLINE and readable. */
export const isOpen = (database: Database): boolean => database.state === 'ONLINE';

export const isSystemDatabase = (database: Database): boolean => database.id <= 4;

/** RESTORE leaves the service broker disabled, and gives a database a guid of its own beside that of its family. */
export const isBrokerEnabled = (database: Database): boolean =>
  isSystemDatabase(database)
    ? database.name === 'msdb' || database.name === 'tempdb'
    : database.recovery.databaseGuid === database.recovery.familyGuid;

/** The internal version a database of SQL Server 2022 or 2019 has. */
export const databaseVersion = (major: number): number => (major === 15 ? 904 : 957);

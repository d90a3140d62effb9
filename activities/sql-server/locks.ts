import type { BackupKind } from '../../workflows/domain/backup-set.ts';
import { failure } from '../failure.ts';
import type { SqlConnection } from './connection.ts';
import { query } from './query.ts';

/**
 * Names of the application locks. They live in master, belong to the session and end with it, so they tell what no file and no table
 * can: whether a session of ours is still at work, even one whose worker is gone.
 */
export const lockOf = {
  /** Shared by every session that backs up in a run. */
  run: (run: string): string => `mssql-pitr run ${run}`,
  /** Full and differential exclude each other, as BACKUP itself wants it (3023); a log backup runs beside them. */
  backup: (database: string, kind: BackupKind): string =>
    `mssql-pitr ${kind === 'log' ? 'log' : 'data'} of ${database}`,
  restore: (database: string): string => `mssql-pitr restore of ${database}`,
};

interface LockValues {
  readonly resource: string;
  readonly mode: 'Shared' | 'Exclusive';
  readonly timeout: number;
  readonly [name: string]: string | number;
}

/** sp_getapplock (Transact-SQL): 0 granted, 1 granted after a wait, -1 timed out, -2 cancelled, -3 deadlock, -999 wrong call. */
const getLock = query<{ readonly result: number }, LockValues>(
  'Take an application lock',
  `DECLARE @result int;
   EXEC @result = sp_getapplock @Resource = @resource, @LockMode = @mode, @LockOwner = 'Session', @LockTimeout = @timeout;
   SELECT @result AS result`,
);

/** sp_releaseapplock (Transact-SQL) */
const releaseLock = query<never, { readonly resource: string }>(
  'Release an application lock',
  `EXEC sp_releaseapplock @Resource = @resource, @LockOwner = 'Session'`,
);

export interface LockOptions {
  readonly mode: 'Shared' | 'Exclusive';
  /** Wait for as long as it takes until a signal aborts, or for some milliseconds. */
  readonly wait: AbortSignal | number;
}

/** @returns false when somebody else still holds it after the wait */
export async function takeLock(
  connection: SqlConnection,
  resource: string,
  { mode, wait }: LockOptions,
): Promise<boolean> {
  const values = { resource, mode, timeout: typeof wait === 'number' ? wait : -1 };
  const [row] = await connection.rows(getLock, values, typeof wait === 'number' ? undefined : wait);
  const result = row?.result ?? -999;
  if (result >= 0) return true;
  if (result === -1) return false;
  throw failure('ServerUnavailable', `The lock "${resource}" could not be taken (sp_getapplock returned ${result})`);
}

export async function giveLock(connection: SqlConnection, resource: string): Promise<void> {
  await connection.rows(releaseLock, { resource });
}

import type { BackupKind } from './backup-set.ts';
import type { Move } from './move.ts';
import { quoteName, quoteString } from './quoting.ts';

/** Percent steps of progress messages (3211). */
const defaultStats = 5;

export interface BackupStatementOptions {
  readonly database: string;
  readonly kind: BackupKind;
  /** As the server sees them; several are stripes of one set. */
  readonly files: readonly string[];
  readonly name: string;
  /** False writes NO_COMPRESSION, which editions without compression accept too. */
  readonly compression: boolean;
  readonly copyOnly?: boolean;
  readonly stats?: number;
}

/**
 * BACKUP (Transact-SQL). Without INIT and FORMAT: every attempt has a file of its own, and where one exists after all,
 * the set is appended and nothing is lost.
 * @throws RangeError for a copy-only differential: the server would ignore COPY_ONLY without a word
 */
export function backupStatement(options: BackupStatementOptions): string {
  const { database, kind, files, name, compression, copyOnly = false, stats = defaultStats } = options;
  if (copyOnly && kind === 'differential') throw new RangeError('a differential backup cannot be copy-only');
  const what = kind === 'log' ? 'LOG' : 'DATABASE';
  return `BACKUP ${what} ${quoteName(database)} TO ${disks(files)} WITH ${list(
    kind === 'differential' && 'DIFFERENTIAL',
    copyOnly && 'COPY_ONLY',
    'CHECKSUM',
    compression ? 'COMPRESSION' : 'NO_COMPRESSION',
    `NAME = ${quoteString(name)}`,
    `STATS = ${stats}`,
  )}`;
}

export interface RestoreStatementOptions {
  /** Name on the target. */
  readonly database: string;
  readonly kind: BackupKind;
  /** In media-family order, as the server sees them. */
  readonly files: readonly string[];
  /** FILE = n */
  readonly position: number;
  readonly moves: readonly Move[];
  /** The backup has checksums. Asking for them where there are none fails with 3187. */
  readonly checksum: boolean;
  /** Only for logs. */
  readonly stopAt?: string | null;
  readonly stats?: number;
}

/**
 * RESTORE Statements - Arguments (Transact-SQL). Always NORECOVERY: recovery is a statement of its own, when every
 * database of the restore has reached the target.
 */
export function restoreStatement(options: RestoreStatementOptions): string {
  const { database, kind, files, position, moves, checksum, stopAt = null, stats = defaultStats } = options;
  if (stopAt !== null && kind !== 'log') throw new RangeError('only a log backup can be stopped inside');
  const what = kind === 'log' ? 'LOG' : 'DATABASE';
  return `RESTORE ${what} ${quoteName(database)} FROM ${disks(files)} WITH ${list(
    `FILE = ${position}`,
    ...moves.map((move) => `MOVE ${quoteString(move.logicalName)} TO ${quoteString(move.path)}`),
    'NORECOVERY',
    checksum && 'CHECKSUM',
    stopAt !== null && `STOPAT = ${quoteString(stopAt)}`,
    `STATS = ${stats}`,
  )}`;
}

/** Brings a database ONLINE that has been rolled forward; everything uncommitted at that point is undone. */
export function recoverStatement(database: string): string {
  return `RESTORE DATABASE ${quoteName(database)} WITH RECOVERY`;
}

interface VerifyOptions {
  readonly files: readonly string[];
  readonly position?: number;
  /** Asking for them where there are none fails with 3187. */
  readonly checksum?: boolean;
}

/** RESTORE VERIFYONLY (Transact-SQL): reads all of a set, and checks every page it can where it was taken WITH CHECKSUM. */
export function verifyStatement({ files, position = 1, checksum = true }: VerifyOptions): string {
  return `RESTORE VERIFYONLY FROM ${disks(files)} WITH ${list(`FILE = ${position}`, checksum && 'CHECKSUM')}`;
}

function disks(files: readonly string[]): string {
  if (files.length === 0) throw new RangeError('a backup needs at least one file');
  return files.map((file) => `DISK = ${quoteString(file)}`).join(', ');
}

function list(...options: readonly (string | false)[]): string {
  return options.filter((option) => option !== false).join(', ');
}

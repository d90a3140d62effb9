import { error, info, type Expected } from './expect.ts';

/** Texts are those of sys.messages of SQL Server 2022; states only where a running server was seen to send them. */

export const percent = info(3211, '%d percent processed.');

export const processed = (database: string, file: string, position: number, pages: number | '%d' = '%d'): Expected =>
  info(4035, `Processed ${pages} pages for database '${database}', file '${file}' on file ${position}.`);

export type Operation =
  'BACKUP DATABASE' | 'BACKUP DATABASE WITH DIFFERENTIAL' | 'BACKUP LOG' | 'RESTORE DATABASE' | 'RESTORE LOG';

export const succeeded = (operation: Operation): Expected =>
  info(3014, `${operation} successfully processed %d pages in %f seconds (%f MB/sec).`);

export const terminating = (
  operation: Operation | 'RESTORE HEADERONLY' | 'RESTORE FILELIST' | 'VERIFY DATABASE',
): Expected => error(3013, 1, `${operation} is terminating abnormally.`);

export const noDatabase = (name: string): Expected =>
  error(911, 11, `Database '${name}' does not exist. Make sure that the name is entered correctly.`);

export const inTransaction = error(3021, 0, 'Cannot perform a backup or restore operation within a transaction.');

export const inRestore = (name: string): Expected =>
  error(927, 2, `Database '${name}' cannot be opened. It is in the middle of a restore.`, 14);

/** BACKUP says state 1, RESTORE says state 2. */
export const cannotOpen = (path: string, state: 1 | 2, os: string): Expected =>
  error(3201, state, `Cannot open backup device '${path}'. Operating system error ${os}.`);

export const denied = '5(Access is denied.)';
export const notFound = '2(The system cannot find the file specified.)';

export const needsMove = (database: string, logical: string, path: string): readonly Expected[] => [
  error(1834, 1, `The file '${path}' cannot be overwritten.  It is being used by database '${database}'.`),
  error(
    3156,
    4,
    `File '${logical}' cannot be restored to '${path}'. Use WITH MOVE to identify a valid location for the file.`,
  ),
];

export const planning = error(
  3119,
  1,
  'Problems were identified while planning for the RESTORE statement. Previous messages provide details.',
);

export const stopBeyond = info(
  4322,
  'This backup set contains records that were logged before the designated point in time. The database is being left in the restoring state so that more roll forward can be performed.',
);

export const tooRecent = error(
  4305,
  1,
  'The log in this backup set begins at LSN %d, which is too recent to apply to the database. An earlier log backup that includes LSN %d can be restored.',
);

export const tooEarly = error(
  4326,
  1,
  'The log in this backup set terminates at LSN %d, which is too early to apply to the database. A more recent log backup that includes LSN %d can be restored.',
);

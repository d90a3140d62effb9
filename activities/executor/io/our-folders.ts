import { realpath } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { failure } from '../../failure.ts';
import { inside } from './inside.ts';

/** The folders of the instance's volume that are ours; everything else there is SQL Server's. */
export const backupFolder = 'backup-mssql';
export const restoreFolder = 'restore-staging';

/**
 * The real path of something inside of our own two folders: databases lie on the same volume, and nothing of theirs is
 * ever deleted or written over, by a wrong path or by a symbolic link.
 * @throws failure InvalidInput
 */
export async function insideOurs(sqlRoot: string, path: string): Promise<string> {
  const real = await inside(sqlRoot, path);
  const [first, second] = relative(await realpath(sqlRoot), real).split(sep);
  if ((first === backupFolder || first === restoreFolder) && second !== undefined) return real;
  throw failure('InvalidInput', `${JSON.stringify(path)} is not inside of ${backupFolder}/ or ${restoreFolder}/`);
}

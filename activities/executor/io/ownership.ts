import { stat, type FileHandle } from 'node:fs/promises';
import { failure } from '../../failure.ts';
import { errnoOf, filing } from './errors.ts';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export async function ownerOf(path: string): Promise<Owner> {
  const { uid, gid } = await filing(`find ${path}`, () => stat(path));
  return { uid, gid };
}

/**
 * Gives a new file or folder to the owner of the instance's volume, so that SQL Server (uid 10001 in a container) can
 * use it. A process that may not give away its files must at least share the group.
 * @param mode with write permission for the group
 */
export async function giveTo(owner: Owner, file: FileHandle, path: string, mode: number): Promise<void> {
  await filing(`set the mode of ${path}`, () => file.chmod(mode));
  try {
    await file.chown(owner.uid, owner.gid);
  } catch (error) {
    if (errnoOf(error) !== 'EPERM') throw error;
    const now = await file.stat();
    if (now.gid === owner.gid) return;
    throw failure(
      'AccessDenied',
      `${path} belongs to ${now.uid}:${now.gid}, and only root can give it to ${owner.uid}:${owner.gid}, which owns the volume`,
    );
  }
}

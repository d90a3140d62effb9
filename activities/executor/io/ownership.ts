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
 * use it. A process that is not root must at least be in the group: in a pod every process is, by fsGroup, whatever
 * group it makes files with.
 * @param mode with write permission for the group
 */
export async function giveTo(owner: Owner, file: FileHandle, path: string, mode: number): Promise<void> {
  await filing(`set the mode of ${path}`, () => file.chmod(mode));
  try {
    await file.chown(owner.uid, owner.gid);
  } catch (error) {
    if (errnoOf(error) !== 'EPERM') throw error;
    const now = await file.stat();
    if (now.gid === owner.gid || (await changesGroup(file, now.uid, owner.gid))) return;
    throw failure(
      'AccessDenied',
      `${path} belongs to ${now.uid}:${now.gid}, and only root can give it to ${owner.uid}:${owner.gid}, which owns the volume`,
    );
  }
}

async function changesGroup(file: FileHandle, uid: number, gid: number): Promise<boolean> {
  try {
    await file.chown(uid, gid);
    return true;
  } catch (error) {
    if (errnoOf(error) !== 'EPERM') throw error;
    return false;
  }
}

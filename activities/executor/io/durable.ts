import { link, mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf } from './errors.ts';

/** Makes the names in a folder survive a power failure. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    // SMB and some FUSE file systems cannot sync a folder; their servers order names themselves.
    if (!['EINVAL', 'ENOTSUP', 'EOPNOTSUPP'].includes(errnoOf(error) ?? '')) throw error;
  } finally {
    await folder.close();
  }
}

/** mkdir -p whose new names are durable. */
export async function makeFolders(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o770 });
  } catch (error) {
    if (errnoOf(error) === 'EEXIST' && (await stat(path)).isDirectory()) return;
    if (errnoOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolders(dirname(path));
    return makeFolders(path);
  }
  await syncFolder(dirname(path));
}

/**
 * Gives a finished file its final name, durably, and never takes the place of another: link(2) fails when the name is
 * taken. File systems without hard links (SMB) get an empty file made exclusively, and the rename goes over that one.
 * An empty file is therefore the claim of an attempt that died, or runs beside us with the same content, and is filled;
 * nothing that is published is empty.
 * @returns false when the name is taken
 */
export async function publish(finished: string, name: string): Promise<boolean> {
  if (await linked(finished, name)) await rm(finished, { force: true });
  else if (await claimed(name)) await rename(finished, name);
  else return false;
  await syncFolder(dirname(name));
  return true;
}

async function linked(finished: string, name: string): Promise<boolean> {
  try {
    await link(finished, name);
    return true;
  } catch (error) {
    const code = errnoOf(error) ?? '';
    if (code === 'EEXIST' || withoutLinks.includes(code)) return false;
    throw error;
  }
}

export const withoutLinks = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

async function claimed(name: string): Promise<boolean> {
  try {
    await (await open(name, 'wx', 0o640)).close();
    return true;
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
    return (await stat(name)).size === 0;
  }
}

/** Writes a whole text under a temporary name, durably, for publishing. */
export async function writeDurably(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx', flush: true, mode: 0o640 });
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

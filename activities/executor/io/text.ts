import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { syncFolder, writeDurably } from './durable.ts';
import { errnoOf, fileFailure, filing } from './errors.ts';
import { newPartial } from './partial.ts';

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The text of a regular file of at most so many bytes; null when it is anything else, or nothing. */
export async function readSmall(path: string, mostBytes = 8 * 1024 * 1024): Promise<string | null> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const found = await file.stat();
    return found.isFile() && found.size <= mostBytes ? await file.readFile('utf8') : null;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'EACCES'].includes(errnoOf(error) ?? '')) return null;
    throw fileFailure(error, `read ${path}`);
  }
}

/** Writes or replaces a small file, whole and durable. `partials` is a folder of the same file system. */
export async function replaceDurably(path: string, text: string, partials: string): Promise<void> {
  const partial = await newPartial(partials, basename(path));
  await filing(`write ${path}`, async () => {
    try {
      await writeDurably(partial, text);
      await rename(partial, path);
      await syncFolder(dirname(path));
    } finally {
      await rm(partial, { force: true });
    }
  });
}

/** Replaces a file that nobody depends on: whole for its readers, without waiting for the disk. */
export async function replaceQuickly(path: string, text: string, partials: string): Promise<void> {
  const partial = await newPartial(partials, basename(path));
  try {
    await writeFile(partial, text, { flag: 'wx', mode: 0o640 });
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
}

import { rm, rmdir, unlink } from 'node:fs/promises';
import { errnoOf, filing } from './io/errors.ts';
import { insideOurs } from './io/our-folders.ts';
import type { Roots, Tasks } from './tasks.ts';

export async function removeStaged(
  { paths }: Tasks['removeStaged']['input'],
  roots: Roots,
): Promise<Tasks['removeStaged']['output']> {
  const reals = await Promise.all(paths.map((path) => insideOurs(roots.sql, path)));
  let removed = 0;
  for (const real of reals) {
    if (await filing(`remove ${real}`, () => unless('ENOENT', () => unlink(real)))) removed++;
  }
  return { removed };
}

/** A folder that is not there is fine, and so is, when not recursive, one that is not empty. */
export async function removeFolder(
  { path, recursive }: Tasks['removeFolder']['input'],
  roots: Roots,
): Promise<Tasks['removeFolder']['output']> {
  const real = await insideOurs(roots.sql, path);
  await filing(`remove ${real}`, async () => {
    if (recursive) await rm(real, { recursive: true, force: true });
    else await unless('ENOENT', () => unless('ENOTEMPTY', () => rmdir(real)));
  });
  return {};
}

async function unless(code: string, work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (errnoOf(error) === code) return false;
    throw error;
  }
}

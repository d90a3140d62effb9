import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, filing } from './io/errors.ts';
import { giveTo, ownerOf, type Owner } from './io/ownership.ts';
import { inside } from './io/inside.ts';
import type { Roots, Tasks } from './tasks.ts';

/** Makes every missing folder of a path below the SQL root and gives it to the root's owner. */
export async function makeFolder(
  { path }: Tasks['makeFolder']['input'],
  roots: Roots,
): Promise<Tasks['makeFolder']['output']> {
  const owner = await ownerOf(roots.sql);
  let done = '';
  await inside(roots.sql, path);
  for (const segment of path.split('/').filter((part) => part !== '' && part !== '.')) {
    done = join(done, segment);
    await makeOne(await inside(roots.sql, done), owner);
  }
  return {};
}

async function makeOne(path: string, owner: Owner): Promise<void> {
  const made = await filing(`make ${path}`, () => makes(path));
  const folder = await filing(`open ${path}`, () => open(path, constants.O_RDONLY | constants.O_DIRECTORY));
  await using _ = folder;
  // A folder of ours with another owner is what an attempt left that died right after mkdir.
  const { uid, gid } = await folder.stat();
  const ours = uid === process.geteuid?.();
  if (made || (ours && (uid !== owner.uid || gid !== owner.gid))) await giveTo(owner, folder, path, 0o770);
}

async function makes(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o770 });
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

import { readdir, lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, fileFailure } from './io/errors.ts';
import { inside } from './io/inside.ts';
import type { Roots, Tasks } from './tasks.ts';

type StagedFile = Tasks['listStaged']['output']['files'][number];

/** Regular files below a folder of the SQL root, at any depth, sorted by path. A folder that is not there has none. */
export async function listStaged(
  { path }: Tasks['listStaged']['input'],
  roots: Roots,
): Promise<Tasks['listStaged']['output']> {
  const files: StagedFile[] = [];
  await collect(await inside(roots.sql, path), path.replace(/\/+$/, ''), files);
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

async function collect(folder: string, path: string, into: StagedFile[]): Promise<void> {
  for (const entry of await entriesOf(folder)) {
    const below = `${path}/${entry.name}`;
    if (entry.isDirectory()) await collect(join(folder, entry.name), below, into);
    if (!entry.isFile()) continue;
    const found = await gone(() => lstat(join(folder, entry.name)));
    if (found !== null) into.push({ path: below, sizeBytes: found.size, modifiedAt: Math.floor(found.mtimeMs) });
  }
}

async function entriesOf(folder: string): ReturnType<typeof list> {
  return (await gone(() => list(folder))) ?? [];
}

function list(folder: string) {
  return readdir(folder, { withFileTypes: true });
}

/** What is deleted while it is listed is not there. */
async function gone<T>(look: () => Promise<T>): Promise<T | null> {
  try {
    return await look();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw fileFailure(error, 'list the staged files');
  }
}

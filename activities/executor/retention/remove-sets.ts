import { rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../io/durable.ts';
import { filing, isMissing } from '../io/errors.ts';
import { inside } from '../io/inside.ts';
import { sizeOf } from '../io/size.ts';
import { contentOf, removeBin, type Bin, type Journal } from './journal.ts';

/** The run lost its bin to one that took it for dead. */
export class TakenOver extends Error {
  override readonly name = 'TakenOver';
}

/**
 * Removes sets of one database. A backup exists while its manifest stands: the manifests go first, into the bin, and this is
 * made durable before any file of theirs is deleted.
 */
export async function removeSets(store: string, { folder, sets }: Journal, bin: Bin): Promise<void> {
  const realFolder = await inside(store, folder);
  const moved: number[] = [];
  await filing(`remove backups of ${folder}`, async () => {
    for (const [index, { manifest }] of sets.entries()) {
      if (await move(join(realFolder, manifest), bin.place(index))) moved.push(index);
    }
    await syncFolder(realFolder);
    await syncFolder(bin.path);
  });
  await emptyBin(store, { folder, sets }, moved, bin);
}

/** @returns false when there is no such manifest any more */
async function move(manifest: string, place: string): Promise<boolean> {
  try {
    await rename(manifest, place);
    return true;
  } catch (error) {
    if (!isMissing(error)) throw error;
    if ((await sizeOf(manifest)) !== null) throw new TakenOver('another retention run has taken this one for dead');
    return false;
  }
}

/**
 * Finishes what a dead run left: deletes the files of the manifests in its bin, and the bin. What it had not come to stays as it
 * is, a backup.
 */
export async function finishBin(store: string, journal: Pick<Journal, 'folder' | 'sets'>, bin: Bin): Promise<number> {
  let finished = 0;
  do {
    const indexes = await contentOf(bin);
    await emptyBin(store, journal, indexes, bin);
    finished += indexes.length;
  } while (!(await removeBin(bin)));
  return finished;
}

async function emptyBin(
  store: string,
  { folder, sets }: Pick<Journal, 'folder' | 'sets'>,
  indexes: readonly number[],
  bin: Bin,
): Promise<void> {
  if (indexes.length === 0) return;
  const realFolder = await inside(store, folder);
  await filing(`remove files of ${folder}`, async () => {
    for (const index of indexes) {
      const set = sets[index];
      // A manifest that stands again, of a backup that was brought back by hand, keeps its files.
      if (set === undefined || (await sizeOf(join(realFolder, set.manifest))) !== null) continue;
      for (const name of set.files) await remove(await inside(store, `${folder}/${name}`));
    }
    await syncFolder(realFolder);
    for (const index of indexes) await remove(bin.place(index));
  });
}

async function remove(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

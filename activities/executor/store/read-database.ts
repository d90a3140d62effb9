import { inside } from '../io/inside.ts';
import { openFolder, type Folder, type Problem } from './catalogue.ts';
import { readChainCache } from './chain-cache.ts';
import { knownSets, problemsOf, withSizesChecked, type KnownSet } from './known-sets.ts';

export interface ReadDatabase {
  readonly folder: Folder;
  readonly sets: readonly KnownSet[];
  readonly problems: readonly Problem[];
}

/** Every set of one database, each of whose files was looked at; null when the store has no folder of it. */
export async function readDatabase(store: string, instance: string, database: string): Promise<ReadDatabase | null> {
  const folder = await openFolder(store, instance, database);
  if (folder === null) return null;
  const realFolder = await inside(store, folder.path);
  const cached = await readChainCache(realFolder, instance, database);
  const known = await knownSets(store, instance, folder, cached);
  const { sets, found } = await withSizesChecked(realFolder, known.sets);
  return { folder, sets, problems: [...known.problems, ...problemsOf(folder, found)] };
}

import { databasesOf, openFolder, readManifests } from './store/catalogue.ts';
import type { Roots, TaskControl, Tasks } from './tasks.ts';

type StoredFile = Tasks['listStore']['output']['files'][number];

/** Every backup file of an instance that a manifest stands behind, sorted by path. */
export async function listStore(
  { instance }: Tasks['listStore']['input'],
  { store }: Roots,
  control: TaskControl,
): Promise<Tasks['listStore']['output']> {
  const files: StoredFile[] = [];
  for (const database of (await databasesOf(store, instance)).databases) {
    control.signal.throwIfAborted();
    const folder = await openFolder(store, instance, database);
    if (folder === null) continue;
    for (const { set } of (await readManifests(store, instance, folder)).entries) {
      files.push(
        ...set.files.map(({ name, sizeBytes, sha256 }) => ({ path: `${folder.path}/${name}`, sizeBytes, sha256 })),
      );
    }
  }
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

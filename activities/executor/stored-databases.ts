import { databasesOf } from './store/catalogue.ts';
import type { Roots, Tasks } from './tasks.ts';

export async function storedDatabases(
  { instance }: Tasks['storedDatabases']['input'],
  { store }: Roots,
): Promise<Tasks['storedDatabases']['output']> {
  return { databases: (await databasesOf(store, instance)).databases };
}

import { basename } from 'node:path';
import { safeName } from '../../../workflows/domain/naming.ts';
import { failure } from '../../failure.ts';

/**
 * Where things lie below the store, as relative paths:
 *
 *     <instance>/<database>/<file>                 one media family of a backup set
 *     <instance>/<database>/<file>.manifest.json   the set; named after its first file
 *     <instance>/<database>/.database.json         the database's exact name
 *     <instance>/<database>/.chain.json            a cache, see chain-cache.ts
 *     <instance>/.partial/                         files on their way in
 *     <instance>/.runs/<run>.json                  reports of backup runs
 *     <instance>/.restores/<restore>/              plan and certificate of a restore
 *
 * Folder names are safeName(name): they never begin with a dot, so they never meet one of ours.
 */
export const layout = {
  instance: (instance: string): string => safeName(instance),
  database: (instance: string, database: string): string => `${safeName(instance)}/${safeName(database)}`,
  partials: (instance: string): string => `${safeName(instance)}/.partial`,
  run: (instance: string, run: string): string => `${safeName(instance)}/.runs/${safeName(run)}.json`,
  restore: (instance: string, restoreId: string): string => `${safeName(instance)}/.restores/${safeName(restoreId)}`,
};

export const manifestEnding = '.manifest.json';
export const databaseRecord = '.database.json';
export const chainCache = '.chain.json';

/** A file name that can stand in the store: no folder, not hidden, not mistaken for a manifest. */
export function isStoreFileName(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._~-]{0,200}$/.test(name) && !name.endsWith(manifestEnding);
}

/** Name in the store of a staged file. */
export function storeFileName(stagedPath: string): string {
  const name = basename(stagedPath);
  if (isStoreFileName(name)) return name;
  throw failure('InvalidInput', `${JSON.stringify(stagedPath)} cannot be the name of a file in the store`);
}

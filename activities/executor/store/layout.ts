import { basename } from 'node:path';
import { safeName } from '../../../workflows/domain/naming.ts';
import { failure } from '../../failure.ts';

/**
 * Where things lie below the store, as relative paths:
 *
 *     <instance>/<database>/<file>                 one media family of a backup set
 *     <instance>/<database>/<file>.manifest.json   the set; named after its first file
 *     <instance>/<database>/<file>.damaged.json    what is wrong with the set, see verdict.ts
 *     <instance>/<database>/.database.json         the database's exact name
 *     <instance>/<database>/.chain.json            a cache, see chain-cache.ts
 *     <instance>/.partial/                         files on their way in
 *     <instance>/.runs/<run>.json                  reports of backup runs
 *     <instance>/.restores/<restore>/              plan and certificate of a restore
 *     <instance>/.verify/<run>/                    what a reading of the store found
 *     <instance>/.leases/<restore>.json            what a running restore reads
 *     <instance>/.holds/<hold>.json                what a person keeps; .released-<run>.json what it kept until then
 *     <instance>/.retention/                       journals and bins of removals that are going on, done/ with reports
 *     <instance>/.imports/<import>.json            what an import takes in
 *
 * Folder names are safeName(name): they never begin with a dot, so they never meet one of ours.
 */
export const layout = {
  instance: (instance: string): string => safeName(instance),
  database: (instance: string, database: string): string => `${safeName(instance)}/${safeName(database)}`,
  partials: (instance: string): string => `${safeName(instance)}/.partial`,
  run: (instance: string, run: string): string => `${safeName(instance)}/.runs/${safeName(run)}.json`,
  restore: (instance: string, restoreId: string): string => `${safeName(instance)}/.restores/${safeName(restoreId)}`,
  verify: (instance: string, run: string): string => `${safeName(instance)}/.verify/${safeName(run)}`,
  leases: (instance: string): string => `${safeName(instance)}/.leases`,
  holds: (instance: string): string => `${safeName(instance)}/.holds`,
  retention: (instance: string): string => `${safeName(instance)}/.retention`,
  retentionReports: (instance: string): string => `${safeName(instance)}/.retention/done`,
  import: (instance: string, id: string): string => `${safeName(instance)}/.imports/${safeName(id)}.json`,
};

export const manifestEnding = '.manifest.json';
export const verdictEnding = '.damaged.json';
export const databaseRecord = '.database.json';
export const chainCache = '.chain.json';

/** A file name that can stand in the store: no folder, not hidden, not mistaken for one of ours. */
export function isStoreFileName(name: string): boolean {
  const ours = name.endsWith(manifestEnding) || name.endsWith(verdictEnding);
  return /^[A-Za-z0-9_][A-Za-z0-9._~-]{0,200}$/.test(name) && !ours;
}

/** Name in the store of a staged file. */
export function storeFileName(stagedPath: string): string {
  const name = basename(stagedPath);
  if (isStoreFileName(name)) return name;
  throw failure('InvalidInput', `${JSON.stringify(stagedPath)} cannot be the name of a file in the store`);
}

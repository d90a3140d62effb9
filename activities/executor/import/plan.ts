import { dirname } from 'node:path';
import { makeFolders } from '../io/durable.ts';
import { filing } from '../io/errors.ts';
import { inside } from '../io/inside.ts';
import { replaceDurably, sha256 } from '../io/text.ts';
import { layout } from '../store/layout.ts';
import { readDatabase } from '../store/read-database.ts';
import type { Roots } from '../tasks.ts';
import { documentText, readDocument } from './document.ts';
import type { ImportTasks } from './tasks.ts';

export async function storedIds(
  { instance, databases }: ImportTasks['storedIds']['input'],
  { store }: Roots,
): Promise<ImportTasks['storedIds']['output']> {
  const ids: string[] = [];
  for (const database of databases) {
    const read = await readDatabase(store, instance, database);
    // A set that was lost is taken in again: that is how it comes back.
    ids.push(...(read?.sets ?? []).flatMap(({ set, why }) => (why === null ? [set.id] : [])));
  }
  return { ids };
}

export async function writeImport(
  { instance, importId, sets }: ImportTasks['writeImport']['input'],
  { store }: Roots,
): Promise<ImportTasks['writeImport']['output']> {
  const path = layout.import(instance, importId);
  const real = await inside(store, path);
  const text = documentText(instance, sets);
  await filing(`make ${dirname(real)}`, () => makeFolders(dirname(real)));
  await replaceDurably(real, text, await inside(store, layout.partials(instance)));
  return { path, digest: sha256(text) };
}

export async function readImport(
  { path, digest, from, to }: ImportTasks['readImport']['input'],
  { store }: Roots,
): Promise<ImportTasks['readImport']['output']> {
  return { sets: (await readDocument(store, path, digest)).slice(from, to) };
}

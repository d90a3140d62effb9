import { mkdir, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { makeFolders, syncFolder } from '../io/durable.ts';
import { errnoOf, filing, fileFailure, isMissing } from '../io/errors.ts';
import { inside } from '../io/inside.ts';
import { layout } from '../store/layout.ts';
import { Documents } from './documents.ts';

const plainName = z.string().regex(/^[^/.][^/]*$/);
const journal = z.object({
  formatVersion: z.literal(1),
  run: z.string(),
  /** Folder of the database, below the store. */
  folder: z.string(),
  sets: z.array(
    z.object({
      setId: z.string(),
      /** Name of the manifest in that folder. */
      manifest: plainName,
      /** What else of the set lies there: its files, and a verdict on them. */
      files: z.array(plainName),
    }),
  ),
});

/** What one run is about to remove of one database. */
export type Journal = z.output<typeof journal>;

export function journalsOf(store: string, instance: string): Documents<Journal> {
  return new Documents(store, instance, layout.retention(instance), journal);
}

/** Manifests that unfinished runs may be removing: for a restore they are not there any more. */
export async function doomedManifests(store: string, instance: string): Promise<ReadonlySet<string>> {
  const found = await journalsOf(store, instance).all();
  return new Set(
    found.flatMap(({ content }) => content?.sets.map(({ manifest }) => `${content.folder}/${manifest}`) ?? []),
  );
}

/**
 * The folder that manifests are moved into while they are removed. A run can take manifests away only while its own bin is there,
 * and bins never come back: their names are used once. So whoever finishes the work of a dead run removes the bin first, and
 * should that run not be dead, it can do no more.
 */
export interface Bin {
  readonly path: string;
  /** Where a manifest goes; by its place in the journal. */
  place(index: number): string;
}

export async function openBin(store: string, instance: string, name: string): Promise<Bin> {
  const path = await binPath(store, instance, name);
  await filing(`make ${path}`, async () => {
    await makeFolders(join(path, '..'));
    await mkdir(path);
    await syncFolder(join(path, '..'));
  });
  return binAt(path);
}

export async function findBin(store: string, instance: string, name: string): Promise<Bin> {
  return binAt(await binPath(store, instance, name));
}

/** Indexes of the manifests in a bin. */
export async function contentOf({ path }: Bin): Promise<number[]> {
  try {
    return (await readdir(path)).flatMap((name) => (/^\d+\.json$/.test(name) ? [Number.parseInt(name, 10)] : []));
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileFailure(error, `list ${path}`);
  }
}

/** @returns false when something is in it */
export async function removeBin({ path }: Bin): Promise<boolean> {
  try {
    await rmdir(path);
    await syncFolder(join(path, '..'));
    return true;
  } catch (error) {
    if (isMissing(error)) return true;
    if (errnoOf(error) === 'ENOTEMPTY') return false;
    throw fileFailure(error, `remove ${path}`);
  }
}

/** Names of all bins. */
export async function binsOf(store: string, instance: string): Promise<string[]> {
  const folder = await inside(store, layout.retention(instance));
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.flatMap((entry) =>
      entry.isDirectory() && entry.name.endsWith(binEnding) ? [entry.name.slice(0, -binEnding.length)] : [],
    );
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileFailure(error, `list ${folder}`);
  }
}

const binEnding = '.bin';

function binPath(store: string, instance: string, name: string): Promise<string> {
  return inside(store, `${layout.retention(instance)}/${name}${binEnding}`);
}

function binAt(path: string): Bin {
  return { path, place: (index) => join(path, `${index}.json`) };
}

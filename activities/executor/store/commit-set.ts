import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { BackupFile, BackupSet } from '../../../workflows/domain/backup-set.ts';
import { failure, failureType } from '../../failure.ts';
import { hashFile } from '../io/copy.ts';
import { makeFolders, publish, writeDurably } from '../io/durable.ts';
import { filing } from '../io/errors.ts';
import { inLanes } from '../io/lanes.ts';
import { readSmall } from '../io/text.ts';
import type { Roots, StagedSet } from '../tasks.ts';
import { databaseRecordText } from './catalogue.ts';
import { sizeOf } from '../io/size.ts';
import { ingestFile, type Twin } from './ingest.ts';
import { inside } from '../io/inside.ts';
import { databaseRecord, layout, manifestEnding, storeFileName } from './layout.ts';
import { manifestText, parseManifest } from './manifest.ts';
import { newPartial } from '../io/partial.ts';

interface CommitContext {
  readonly instance: string;
  readonly roots: Roots;
  readonly signal: AbortSignal;
  readonly onBytes: (file: string, bytes: number) => void;
  /** The staged files are somebody else's: they are copied, and stay. */
  readonly keepsStaged?: boolean;
  /** Files of the store that hold the same bytes, one for each family: a name more is enough then. */
  readonly twins?: readonly Twin[];
}

interface Place {
  /** Below the store. */
  readonly folder: string;
  readonly manifest: string;
  /** Real paths. */
  readonly realFolder: string;
  readonly realManifest: string;
  readonly partials: string;
}

/** A staged media family and its name in the store. */
interface Family {
  readonly staged: string;
  readonly name: string;
  readonly twin?: Twin | undefined;
}

/**
 * Makes a staged set a backup of the store. In order: every file whole and durable under its final name; the manifest,
 * which makes it exist; only then are the staged files deleted. Each step can be the last one before the process dies:
 *
 * - before a file has its final name: a partial is left, which no reader looks at; the next attempt copies again
 * - before the manifest: complete files that nobody counts; the next attempt takes them after comparing their hash
 * - before the staged files are deleted: the next attempt finds the manifest, compares once more, and deletes them
 *
 * Two attempts at once end in one set: a name is given only while it is free, and who comes second compares.
 * @returns path of the manifest below the store, and the set
 */
export async function commitSet(
  staged: StagedSet,
  context: CommitContext,
): Promise<{ readonly manifest: string; readonly set: BackupSet }> {
  if (staged.set.instance !== context.instance) {
    throw failure('InvalidInput', `The set ${staged.set.id} is of ${staged.set.instance}, not of ${context.instance}`);
  }
  const families = await familiesOf(staged, context);
  const place = await placeOf(staged.set.database, families, context);
  const brought: BackupFile[] = [];
  const set = (await standingSet(place, staged)) ?? (await bringIn(staged, families, brought, place, context));
  if (context.keepsStaged !== true) {
    for (const family of families) await removeStaged(family, set, brought, place, context);
  }
  return { manifest: place.manifest, set };
}

async function familiesOf(staged: StagedSet, { roots, twins }: CommitContext): Promise<readonly Family[]> {
  const names = (staged.storeNames ?? staged.stagedFiles).map(storeFileName);
  if (names.length !== staged.stagedFiles.length || names.length === 0 || new Set(names).size !== names.length) {
    throw failure('InvalidInput', `The set ${staged.set.id} must name its files, each once`);
  }
  return Promise.all(
    staged.stagedFiles.map(async (path, i) => ({
      staged: await inside(roots.sql, path),
      name: names[i]!,
      twin: twins?.[i],
    })),
  );
}

async function placeOf(database: string, families: readonly Family[], context: CommitContext): Promise<Place> {
  const { instance, roots } = context;
  const folder = layout.database(instance, database);
  const manifest = `${folder}/${families[0]!.name}${manifestEnding}`;
  return {
    folder,
    manifest,
    realFolder: await inside(roots.store, folder),
    realManifest: await inside(roots.store, manifest),
    partials: await inside(roots.store, layout.partials(instance)),
  };
}

/** The set whose manifest stands in the store under the name that ours would have. */
async function standingSet(place: Place, staged: StagedSet): Promise<BackupSet | null> {
  if (((await sizeOf(place.realManifest)) ?? 0) === 0) return null;
  const parsed = parseManifest((await readSmall(place.realManifest)) ?? '');
  if ('problem' in parsed) throw failure('FileDamaged', `${place.manifest} ${parsed.problem}`);
  const { set } = parsed;
  if (set.id === staged.set.id.toUpperCase() && set.database === staged.set.database) return set;
  throw failure('FileDamaged', `${place.manifest} belongs to another backup set, ${set.id}; nothing was overwritten`);
}

/** @param brought receives every file that was brought in, with its hash */
async function bringIn(
  staged: StagedSet,
  families: readonly Family[],
  brought: BackupFile[],
  place: Place,
  context: CommitContext,
): Promise<BackupSet> {
  await openDatabaseFolder(staged.set.database, place);
  try {
    brought.push(...(await inLanes(families, 2, (family) => ingest(family, place, context))));
  } catch (error) {
    // Another attempt may have finished meanwhile and deleted the staged files under our hands.
    const set = failureType(error) === 'FileMissing' ? await standingSet(place, staged) : null;
    if (set === null) throw error;
    return set;
  }
  return await writeManifest(
    { ...staged.set, files: [...brought], committedAt: new Date().toISOString() },
    staged,
    place,
  );
}

async function ingest(family: Family, place: Place, context: CommitContext): Promise<BackupFile> {
  return ingestFile({
    ...family,
    partials: place.partials,
    final: join(place.realFolder, family.name),
    signal: context.signal,
    onBytes: (bytes) => context.onBytes(family.name, bytes),
  });
}

/** Makes the folder, and the record of the exact name behind it. */
async function openDatabaseFolder(database: string, place: Place): Promise<void> {
  await filing(`make ${place.realFolder}`, () => makeFolders(place.realFolder));
  const path = join(place.realFolder, databaseRecord);
  if ((await sizeOf(path)) === null) await publishText(path, databaseRecordText(database), place);
  if ((await readSmall(path)) !== databaseRecordText(database)) {
    throw failure(
      'FileDamaged',
      `${place.folder}/${databaseRecord} does not name the database ${JSON.stringify(database)}`,
    );
  }
}

async function writeManifest(set: BackupSet, staged: StagedSet, place: Place): Promise<BackupSet> {
  const text = manifestText(set);
  const readBack = parseManifest(text);
  if ('problem' in readBack) throw failure('InvalidInput', `What is known of ${place.manifest} ${readBack.problem}`);
  if (await publishText(place.realManifest, text, place)) return readBack.set;
  const standing = await standingSet(place, staged);
  if (standing !== null) return standing;
  throw failure('StoreUnavailable', `${place.manifest} came and went while it was written`);
}

/** @returns false when the name was taken meanwhile */
async function publishText(path: string, text: string, place: Place): Promise<boolean> {
  const partial = await newPartial(place.partials, basename(path));
  return filing(`write ${path}`, async () => {
    try {
      await writeDurably(partial, text);
      return await publish(partial, path);
    } finally {
      await rm(partial, { force: true });
    }
  });
}

/** Deletes a staged file of a set that exists, after it is proved to be what lies in the store. */
async function removeStaged(
  family: Family,
  set: BackupSet,
  brought: readonly BackupFile[],
  place: Place,
  context: CommitContext,
): Promise<void> {
  if ((await sizeOf(family.staged)) === null) return;
  const content = brought.find((file) => file.name === family.name) ?? (await hashFile(family.staged, context.signal));
  const recorded = set.files.find((file) => file.name === family.name);
  if (recorded?.sha256 !== content.sha256) {
    throw failure('FileDamaged', `${family.staged} is not what ${place.manifest} says; it is left where it is`);
  }
  const stored = await sizeOf(join(place.realFolder, family.name));
  if (stored === null) await ingest(family, place, context);
  else if (stored !== recorded.sizeBytes) {
    const text = `${place.folder}/${family.name} has ${stored} bytes, and its manifest says ${recorded.sizeBytes}`;
    throw failure('FileDamaged', `${text}; the staged copy ${family.staged} is whole and is left where it is`);
  }
  await filing(`remove ${family.staged}`, () => rm(family.staged, { force: true }));
}

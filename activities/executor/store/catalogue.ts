import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { BackupSet } from '../../../workflows/domain/backup-set.ts';
import { safeName } from '../../../workflows/domain/naming.ts';
import { failureType } from '../../failure.ts';
import { errnoOf, fileFailure } from '../io/errors.ts';
import { inLanes } from '../io/lanes.ts';
import { readSmall, sha256 } from '../io/text.ts';
import { inside } from '../io/inside.ts';
import { databaseRecord, layout, manifestEnding } from './layout.ts';
import { parseManifest } from './manifest.ts';
import { readVerdict, verdictName } from './verdict.ts';

/** A backup set of the store, and where its manifest lies. */
export interface Entry {
  /** Below the store. */
  readonly manifest: string;
  /** SHA-256 of the manifest's text. */
  readonly digest: string;
  readonly set: BackupSet;
}

/** A set whose manifest is there, and whose files are not, or are known to be damaged. */
export interface LostEntry extends Entry {
  /** e.g. `db1_log_….trn is gone` */
  readonly why: string;
}

/** Something in the store that is not used, and why. */
export interface Problem {
  readonly database: string;
  readonly message: string;
}

/** A database's folder as it is at one moment. */
export interface Folder {
  readonly database: string;
  /** Below the store. */
  readonly path: string;
  /** Every name that is not hidden, sorted. */
  readonly names: readonly string[];
}

const readsAtOnce = 16;

/** Exact names of the databases of which the store holds anything, sorted. */
export async function databasesOf(
  store: string,
  instance: string,
): Promise<{ readonly databases: readonly string[]; readonly problems: readonly Problem[] }> {
  const root = await inside(store, layout.instance(instance));
  const folders = (await namesIn(root)) ?? [];
  const named = await inLanes(folders, readsAtOnce, (name) => orProblem(name, () => exactName(store, instance, name)));
  return {
    databases: named.flatMap((found) => (typeof found === 'string' ? [found] : [])).sort(),
    problems: named.flatMap((found) => (typeof found === 'string' || found === null ? [] : [found])),
  };
}

/** The folder of a database; null when the store has none. */
export async function openFolder(store: string, instance: string, database: string): Promise<Folder | null> {
  const path = layout.database(instance, database);
  const names = await namesIn(await inside(store, path));
  return names === null ? null : { database, path, names };
}

export interface Manifests {
  readonly entries: readonly Entry[];
  readonly lost: readonly LostEntry[];
  /** Those of the lost ones included. */
  readonly problems: readonly Problem[];
}

/**
 * Reads manifests of a folder. One that cannot be read, belongs elsewhere, or whose files are gone or damaged is a problem, and is
 * not used; it does not stand in the way of the others. A volume that fails while it is read is a failure of the whole.
 */
export async function readManifests(
  store: string,
  instance: string,
  folder: Folder,
  manifests: readonly string[] = folder.names.filter(isManifest),
): Promise<Manifests> {
  const root = await inside(store, folder.path);
  const present = new Set(folder.names);
  const read = await inLanes(manifests, readsAtOnce, async (name): Promise<Entry | LostEntry | Problem> => {
    const manifest = `${folder.path}/${name}`;
    const problem = (what: string): Problem => ({ database: folder.database, message: `${manifest} ${what}` });
    const json = await readSmall(join(root, name));
    if (json === null) return problem('is not a readable file');
    const parsed = parseManifest(json);
    if ('problem' in parsed) return problem(parsed.problem);
    const { set } = parsed;
    const [first] = set.files;
    if (set.instance !== instance || set.database !== folder.database || `${first?.name}${manifestEnding}` !== name) {
      return problem(`belongs elsewhere: it names ${set.instance}, ${JSON.stringify(set.database)}, ${first?.name}`);
    }
    const entry = { manifest, digest: sha256(json), set };
    const why = await lossOf(root, present, name, set.files);
    return why === null ? entry : { ...entry, why };
  });
  const lost = read.filter((one) => 'why' in one);
  return {
    entries: read.filter((one): one is Entry => 'set' in one && !('why' in one)),
    lost,
    problems: [
      ...read.filter((one) => 'message' in one),
      ...lost.map(({ manifest, why }) => lossProblem(folder.database, manifest, why)),
    ],
  };
}

/** Why a set cannot be used, as far as the names in its folder tell; null when nothing speaks against it. */
export async function lossOf(
  realFolder: string,
  present: ReadonlySet<string>,
  manifest: string,
  files: readonly { readonly name: string }[],
): Promise<string | null> {
  const gone = files.find((file) => !present.has(file.name));
  if (gone !== undefined) return `its file ${gone.name} is gone`;
  const verdict = verdictName(manifest);
  return present.has(verdict) ? await readVerdict(realFolder, verdict) : null;
}

export function lossProblem(database: string, manifest: string, why: string): Problem {
  return { database, message: `${manifest} is not used: ${why}` };
}

/** As the planner takes it: a set that the store has lost is as good as a damaged one. */
export function asLost(set: BackupSet): BackupSet {
  return { ...set, isDamaged: true };
}

export function isManifest(name: string): boolean {
  return name.endsWith(manifestEnding);
}

const record = z.object({ formatVersion: z.literal(1), database: z.string().min(1).max(128) });

export function databaseRecordText(database: string): string {
  return `${JSON.stringify({ formatVersion: 1, database })}\n`;
}

/** What is wrong with one folder is that folder's problem; the others are used. */
export async function orProblem<T>(database: string, work: () => Promise<T>): Promise<T | Problem> {
  try {
    return await work();
  } catch (error) {
    const type = failureType(error);
    if (type === 'AccessDenied' || type === 'InvalidInput') return { database, message: (error as Error).message };
    throw error;
  }
}

/** The name behind a folder: from its record, else from a manifest inside. Null when no backup is in it. */
export async function exactName(store: string, instance: string, folderName: string): Promise<string | Problem | null> {
  const path = `${layout.instance(instance)}/${folderName}`;
  const root = await inside(store, path);
  const manifests = ((await namesIn(root)) ?? []).filter(isManifest);
  if (manifests.length === 0) return null;
  const recorded = nameIn(await readSmall(join(root, databaseRecord)));
  if (recorded !== null && safeName(recorded) === folderName) return recorded;
  for (const name of manifests) {
    const parsed = parseManifest((await readSmall(join(root, name))) ?? '');
    if ('set' in parsed && safeName(parsed.set.database) === folderName) return parsed.set.database;
  }
  return { database: folderName, message: `${path} holds no manifest that tells its database's name` };
}

function nameIn(json: string | null): string | null {
  try {
    return record.parse(JSON.parse(json ?? '')).database;
  } catch {
    return null;
  }
}

export async function namesIn(path: string): Promise<readonly string[] | null> {
  try {
    return (await readdir(path)).filter((name) => !name.startsWith('.')).sort();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return null;
    throw fileFailure(error, `list ${path}`);
  }
}

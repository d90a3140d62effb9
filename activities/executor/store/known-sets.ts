import { join } from 'node:path';
import type { BackupSet } from '../../../workflows/domain/backup-set.ts';
import type { LostSets } from '../../../workflows/domain/plan-types.ts';
import { inside } from '../io/inside.ts';
import { inLanes } from '../io/lanes.ts';
import { sizeOf } from '../io/size.ts';
import { asLost, isManifest, lossOf, lossProblem, readManifests, type Folder, type Problem } from './catalogue.ts';
import { packSets, slim, unpackSets, type CachedChain, type SlimFile, type SlimSet } from './chain-cache.ts';

/** A set as the catalogue knows it, without what only a restore needs. */
export interface KnownSet extends SlimSet {
  /** Why it cannot be used; then it counts as damaged. */
  readonly why: string | null;
}

export interface KnownSets {
  /** By name of the manifest, so that the answer does not depend on the cache. */
  readonly sets: readonly KnownSet[];
  readonly problems: readonly Problem[];
  /** For the cache. */
  readonly body: string;
}

const looksAtOnce = 16;

/** Takes from the cache what still lies in the folder, and reads the rest. */
export async function knownSets(
  store: string,
  instance: string,
  folder: Folder,
  cached: Pick<CachedChain, 'body'> | null,
): Promise<KnownSets> {
  const present = new Set(folder.names);
  const old = cached === null ? [] : unpackSets(cached.body);
  const kept = old.filter(({ manifest }) => present.has(manifest));
  const known = new Set(kept.map(({ manifest }) => manifest));
  const unread = folder.names.filter((name) => isManifest(name) && !known.has(name));
  const { entries, lost, problems } = await readManifests(store, instance, folder, unread);
  const read = [...entries, ...lost].map(({ manifest, set }) => slim(manifest.slice(folder.path.length + 1), set));

  const last = old.at(-1);
  const grows = cached !== null && last !== undefined && kept.length === old.length;
  const body = grows ? packSets(read, { body: cached.body, last }) : packSets([...kept, ...read], null);
  const realFolder = await inside(store, folder.path);
  const judged = await inLanes([...kept, ...read], looksAtOnce, async (one): Promise<KnownSet> => {
    const files = one.files.map(([name]) => ({ name }));
    return judge(one, await lossOf(realFolder, present, one.manifest, files));
  });
  const whys = new Set(lost.map(({ manifest }) => manifest.slice(folder.path.length + 1)));
  return {
    sets: judged.sort((a, b) => (a.manifest < b.manifest ? -1 : 1)),
    problems: [
      ...problems,
      ...problemsOf(
        folder,
        judged.filter(({ manifest }) => !whys.has(manifest)),
      ),
    ],
    body,
  };
}

export function problemsOf(folder: Folder, sets: readonly KnownSet[]): readonly Problem[] {
  return sets.flatMap(({ manifest, why }) =>
    why === null ? [] : [lossProblem(folder.database, `${folder.path}/${manifest}`, why)],
  );
}

/** The sets with those marked whose files have another size than their manifests say, or are gone. */
export async function withSizesChecked(
  realFolder: string,
  sets: readonly KnownSet[],
): Promise<{ readonly sets: readonly KnownSet[]; readonly found: readonly KnownSet[] }> {
  const checked = await inLanes(sets, looksAtOnce, async (one) => {
    if (one.why !== null) return one;
    const why = await wrongSize(realFolder, one.files);
    return why === null ? one : judge(one, why);
  });
  return { sets: checked, found: checked.filter((one, i) => one !== sets[i]) };
}

/** The first file that is not as its manifest says; null when all are. */
export async function wrongSize(realFolder: string, files: readonly SlimFile[]): Promise<string | null> {
  const found = await inLanes(files, looksAtOnce, async ([name, sizeBytes]) => {
    const size = await sizeOf(join(realFolder, name));
    if (size === sizeBytes) return null;
    return size === null ? `its file ${name} is gone` : `${name} has ${size} bytes, and its manifest says ${sizeBytes}`;
  });
  return found.find((what) => what !== null) ?? null;
}

/** The sets that the store has lost, for the reasons of a refusal. One that was backed up damaged is no loss of the store. */
export function lostSets(sets: readonly KnownSet[]): LostSets {
  return new Map<BackupSet, string>(sets.flatMap(({ set, why }) => (why === null ? [] : [[set, why] as const])));
}

export function judge(one: SlimSet, why: string | null): KnownSet {
  if (why === null || one.set.isDamaged) return { ...one, why: null };
  return { ...one, set: asLost(one.set), why };
}

import { storeChain } from '../../workflows/domain/chain.ts';
import type { StoreChain } from '../../workflows/domain/plan-types.ts';
import { failureType } from '../failure.ts';
import { inside } from './io/inside.ts';
import { inLanes } from './io/lanes.ts';
import {
  databasesOf,
  isManifest,
  openFolder,
  orProblem,
  readManifests,
  type Folder,
  type Problem,
} from './store/catalogue.ts';
import {
  folderDigest,
  packSets,
  readChainCache,
  slim,
  unpackSets,
  writeChainCache,
  type CachedChain,
  type SlimSet,
} from './store/chain-cache.ts';
import { layout } from './store/layout.ts';
import type { Roots, TaskControl, Tasks } from './tasks.ts';

type Output = Tasks['chains']['output'];

const databasesAtOnce = 4;

interface Found {
  readonly chain: StoreChain | null;
  readonly problems: readonly Problem[];
}

/** Where the chains in the store end. A database that the store has no folder of is left out. */
export async function chains(input: Tasks['chains']['input'], roots: Roots, control: TaskControl): Promise<Output> {
  const { instance } = input;
  const { store } = roots;
  const { databases, problems } =
    input.databases === undefined
      ? await databasesOf(store, instance)
      : { databases: [...new Set(input.databases)], problems: [] };
  const found = await inLanes(databases, databasesAtOnce, async (database): Promise<Found> => {
    control.signal.throwIfAborted();
    const one = await orProblem(database, () => chainOf(store, instance, database));
    return 'message' in one ? { chain: null, problems: [one] } : one;
  });
  return {
    chains: found.flatMap(({ chain }) => (chain === null ? [] : [chain])),
    problems: [...problems, ...found.flatMap((one) => one.problems)],
  };
}

async function chainOf(store: string, instance: string, database: string): Promise<Found> {
  const folder = await openFolder(store, instance, database);
  if (folder === null) return { chain: null, problems: [] };
  const realFolder = await inside(store, folder.path);
  const digest = folderDigest(instance, database, folder.names);
  const cached = await readChainCache(realFolder, instance, database);
  if (cached?.digest === digest) return { chain: cached.chain, problems: [] };

  const { sets, body, problems } = await setsOf(store, instance, folder, cached);
  const chain = storeChain(
    database,
    sets.map(({ set }) => set),
  );
  const found = { instance, database, digest: problems.length === 0 ? digest : 'has problems', chain, body };
  const partials = await inside(store, layout.partials(instance));
  await tolerating(() => writeChainCache(realFolder, partials, found));
  return { chain, problems };
}

interface Sets {
  /** By name of the manifest, so that the answer does not depend on the cache. */
  readonly sets: readonly SlimSet[];
  /** For the cache. */
  readonly body: string;
  readonly problems: readonly Problem[];
}

/** Takes from the cache what still lies in the folder, and reads the rest. */
async function setsOf(store: string, instance: string, folder: Folder, cached: CachedChain | null): Promise<Sets> {
  const present = new Set(folder.names);
  const old = cached === null ? [] : unpackSets(cached.body);
  const kept = old.filter((one) => present.has(one.manifest) && one.files.every((name) => present.has(name)));
  const known = new Set(kept.map(({ manifest }) => manifest));
  const unread = folder.names.filter((name) => isManifest(name) && !known.has(name));
  const { entries, problems } = await readManifests(store, instance, folder, unread);
  const read = entries.map(({ manifest, set }) => slim(manifest.slice(folder.path.length + 1), set));

  const last = old.at(-1);
  const grows = cached !== null && last !== undefined && kept.length === old.length;
  const body = grows ? packSets(read, { body: cached.body, last }) : packSets([...kept, ...read], null);
  const sets = [...kept, ...read].sort((a, b) => (a.manifest < b.manifest ? -1 : 1));
  return { sets, body, problems };
}

/** A cache that cannot be written (a full or read-only store) only costs time. */
async function tolerating(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (failureType(error) === null && !(error instanceof Error && 'code' in error)) throw error;
  }
}

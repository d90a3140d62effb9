import { readChain } from '../../workflows/domain/chain.ts';
import type { StoreChain } from '../../workflows/domain/plan-types.ts';
import { failureType } from '../failure.ts';
import { inside } from './io/inside.ts';
import { inLanes } from './io/lanes.ts';
import { databasesOf, openFolder, orProblem, type Problem } from './store/catalogue.ts';
import { folderDigest, readChainCache, writeChainCache, type CachedChain, type SlimFile } from './store/chain-cache.ts';
import {
  judge,
  knownSets,
  lostSets,
  problemsOf,
  withSizesChecked,
  wrongSize,
  type KnownSet,
} from './store/known-sets.ts';
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
    const one = await orProblem(database, () => chainOf(store, instance, database, input.look ?? true));
    return 'message' in one ? { chain: null, problems: [one] } : one;
  });
  return {
    chains: found.flatMap(({ chain }) => (chain === null ? [] : [chain])),
    problems: [...problems, ...found.flatMap((one) => one.problems)],
  };
}

/** The chain as the files stand. */
async function chainOf(store: string, instance: string, database: string, look: boolean): Promise<Found> {
  const folder = await openFolder(store, instance, database);
  if (folder === null) return { chain: null, problems: [] };
  const realFolder = await inside(store, folder.path);
  const digest = folderDigest(instance, database, folder.names);
  const cached = await readChainCache(realFolder, instance, database);
  if (cached?.digest === digest && (!look || (await wrongSize(realFolder, cached.used)) === null)) {
    return { chain: cached.chain, problems: [] };
  }
  const known = await knownSets(store, instance, folder, cached);
  const before = look ? known.sets : asSeenBefore(known.sets, cached?.wrong ?? []);
  const { chain, used, sets } = await standingChain(realFolder, database, before, look);
  const shrunk = sets.filter((one, i) => one.why !== null && known.sets[i]?.why === null);
  const problems = [...known.problems, ...problemsOf(folder, shrunk)];
  const found = {
    instance,
    database,
    digest: problems.length === 0 ? digest : 'has problems',
    chain,
    used,
    wrong: shrunk.map(({ manifest, why }) => [manifest, why ?? ''] as const),
  };
  const partials = await inside(store, layout.partials(instance));
  await tolerating(() => writeChainCache(realFolder, partials, { ...found, body: known.body }));
  return { chain, problems };
}

function asSeenBefore(sets: readonly KnownSet[], wrong: CachedChain['wrong']): readonly KnownSet[] {
  const whys = new Map(wrong);
  return sets.map((one) => (one.why === null ? judge(one, whys.get(one.manifest) ?? null) : one));
}

interface Standing {
  readonly chain: StoreChain;
  readonly used: readonly SlimFile[];
  readonly sets: readonly KnownSet[];
}

/** A set whose file turns out to be wrong is left out, and the chain looked for again. */
async function standingChain(
  realFolder: string,
  database: string,
  known: readonly KnownSet[],
  look: boolean,
): Promise<Standing> {
  for (let sets = known; ;) {
    const { chain, used } = readChain(
      database,
      sets.map(({ set }) => set),
      lostSets(sets),
    );
    const needed = new Set(used);
    const standing = sets.filter(({ set }) => needed.has(set));
    const { found } = look ? await withSizesChecked(realFolder, standing) : { found: [] };
    if (found.length === 0) return { chain, used: standing.flatMap(({ files }) => files), sets };
    const wrong = new Map(found.map((one) => [one.manifest, one]));
    sets = sets.map((one) => wrong.get(one.manifest) ?? one);
  }
}

/** A cache that cannot be written (a full or read-only store) only costs time. */
async function tolerating(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (failureType(error) === null && !(error instanceof Error && 'code' in error)) throw error;
  }
}

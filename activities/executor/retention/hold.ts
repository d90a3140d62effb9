import { z } from 'zod';
import type { Hold } from '../../../workflows/contracts.ts';
import { restorePoint, type PointedAt } from '../../../workflows/domain/restore-point.ts';
import { parseTargetTime, type Issue } from '../../../workflows/domain/request.ts';
import { failure } from '../../failure.ts';
import { bytesOf } from '../store/chain-cache.ts';
import { layout } from '../store/layout.ts';
import { readDatabase } from '../store/read-database.ts';
import { selectDatabases } from '../store/select-databases.ts';
import type { Roots } from '../tasks.ts';
import { Documents } from './documents.ts';
import { doomedManifests } from './journal.ts';
import type { RetentionTasks } from './tasks.ts';

const hold = z.object({
  formatVersion: z.literal(1),
  id: z.string(),
  instance: z.string(),
  database: z.string(),
  what: z.string(),
  at: z.string().nullable(),
  reason: z.string(),
  createdAt: z.string(),
  /** Null: all of the database, while it is found out what the point needs. */
  setIds: z.array(z.string()).nullable(),
  sizeBytes: z.number(),
});

export type StoredHold = z.output<typeof hold>;

export function holdsOf(store: string, instance: string): Documents<StoredHold> {
  return new Documents(store, instance, layout.holds(instance), hold);
}

type Input = RetentionTasks['holds']['input'];

export async function holds(input: Input, { store }: Roots): Promise<RetentionTasks['holds']['output']> {
  const { request } = input;
  switch (request.action) {
    case 'hold':
      return { holds: [shown(await add(input, request, store))] };
    case 'release': {
      const documents = holdsOf(store, request.instance);
      // It stays under a name of this run, whose next attempt would else not know that the hold was there.
      const released = `.released-${input.holdId}`;
      const found = (await documents.all()).some(({ name }) => name === request.id);
      if (found) await documents.rename(request.id, released);
      if (!(await documents.has(released))) throw failure('InvalidInput', `There is no hold ${request.id}`);
      const content = await documents.read(released);
      return { holds: content === null ? [] : [shown(content)] };
    }
    default: {
      const found = await holdsOf(store, request.instance).all();
      const content = found.flatMap((one) => one.content ?? []);
      return { holds: content.map(shown).sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1)) };
    }
  }
}

function shown({ setIds, formatVersion: _, ...rest }: StoredHold): Hold {
  return { ...rest, sets: setIds?.length ?? 0 };
}

/**
 * As a restore takes a lease: first all of the database is held, then the journals are read, then the hold is narrowed to what
 * the point needs. What a run is removing already cannot be held.
 */
async function add(
  { holdId, at }: Input,
  { instance, database, reason, ...pointed }: Extract<Input['request'], { action: 'hold' }>,
  store: string,
): Promise<StoredHold> {
  const documents = holdsOf(store, instance);
  const facts = { formatVersion: 1 as const, id: holdId, instance, database, reason, createdAt: at };
  await documents.write(holdId, { ...facts, what: 'all of it', at: null, setIds: null, sizeBytes: 0 });
  try {
    const doomed = await doomedManifests(store, instance);
    await selectDatabases(store, instance, [database]);
    const read = await readDatabase(store, instance, database);
    const there = (read?.sets ?? []).filter(({ manifest }) => !doomed.has(`${read?.folder.path}/${manifest}`));
    const sets = there.map(({ set }) => set);
    const point = restorePoint(sets, pointedAt(pointed));
    if (!point.ok) throw failure('TargetTimeNotReachable', `${database} of ${instance}: ${point.problem}`);
    const held = there.filter(({ set }) => point.setIds.includes(set.id));
    const content: StoredHold = {
      ...facts,
      what: point.what,
      at: point.atMs === null ? null : new Date(point.atMs).toISOString(),
      setIds: [...point.setIds],
      sizeBytes: bytesOf(held),
    };
    await documents.write(holdId, content);
    return content;
  } catch (error) {
    await documents.remove(holdId);
    throw error;
  }
}

/** Does a hold keep this set? */
export function holdsSet(
  { database, setIds }: StoredHold,
  set: { readonly id: string; readonly database: string },
): boolean {
  return set.database === database && (setIds === null || setIds.includes(set.id));
}

function pointedAt({ at, set }: { readonly at?: string; readonly set?: string }): PointedAt {
  if (set !== undefined) return { setId: set };
  const time = parseTargetTime(at ?? '');
  if (typeof time === 'number') return { atMs: time };
  const issue: Issue = { path: 'at', problem: typeof time === 'string' ? 'must be a time' : time.problem };
  throw failure('InvalidInput', `${issue.path} ${issue.problem}`, { details: [[issue]] });
}

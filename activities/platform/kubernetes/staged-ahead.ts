import type { RestorePlan } from '../../../workflows/contracts.ts';
import type { TaskControl, Tasks } from '../../executor/tasks.ts';

type Slice = Tasks['stage']['input'];
type Staged = Tasks['stage']['output'];

interface StageOrder {
  readonly target: string;
  /** Instance whose store holds the files. */
  readonly source: string;
  readonly slice: Slice;
}

export interface StagedAhead {
  /** What this plan will have staged. */
  expect(plan: Pick<RestorePlan, 'planDigest' | 'databases'>): void;
  stage(order: StageOrder, control: TaskControl): Promise<Staged>;
}

/** Takes about as long to copy as a Job takes to start; what is larger is better copied while others are restored. */
const mostBytes = 128e6;
const mostSlices = 64;
const keptPlans = 16;
const keptResults = 256;

interface Small {
  readonly to: number;
  readonly bytes: number;
}

/**
 * Small databases of a restore are staged together, by the Job of the first that asks: a Job for each would take longer
 * than all of their copies. Each result is given away once; whoever does not find his, because his database failed in
 * that Job, or because another worker had it, starts a Job of his own, which uses again what lies there.
 * @param run starts a Job for these slices; the first is the one asked for, and null are others that failed
 */
export function openStagedAhead(
  run: (order: StageOrder, slices: readonly Slice[], control: TaskControl) => Promise<readonly (Staged | null)[]>,
): StagedAhead {
  const plans = new Map<string, Map<string, Small>>();
  const staged = new Map<string, Staged>();
  const flights = new Map<string, Promise<unknown>>();

  /** Databases that nobody has asked for yet and that fit in beside this one. */
  function companions({ planDigest, database, from, to, ...rest }: Slice): readonly Slice[] {
    const small = plans.get(planDigest);
    const own = small?.get(database);
    small?.delete(database);
    if (small === undefined || own === undefined || from !== 0 || to !== own.to) return [];
    const found: Slice[] = [];
    let room = mostBytes - own.bytes;
    for (const [other, { to: end, bytes }] of small) {
      if (bytes > room || found.length + 1 >= mostSlices) continue;
      room -= bytes;
      small.delete(other);
      found.push({ ...rest, planDigest, database: other, from: 0, to: end });
    }
    return found;
  }

  async function stageOwn(order: StageOrder, control: TaskControl): Promise<Staged> {
    const others = companions(order.slice);
    const keys = others.map((slice) => keyOf({ ...order, slice }));
    const flight = run(order, [order.slice, ...others], control).then(([own, ...results]) => {
      for (const [i, result] of results.entries()) if (result !== null) staged.set(keys[i] ?? '', result);
      for (const oldest of [...staged.keys()].slice(0, Math.max(0, staged.size - keptResults))) staged.delete(oldest);
      return own as Staged;
    });
    for (const key of keys) flights.set(key, flight);
    try {
      return await flight;
    } finally {
      for (const key of keys) flights.delete(key);
    }
  }

  return {
    expect({ planDigest, databases }) {
      const small = databases.flatMap(({ database, slices, totalBytes }): [string, Small][] => {
        const [first, ...more] = slices;
        const fits = first !== undefined && more.length === 0 && totalBytes <= mostBytes;
        return fits ? [[database, { to: first[1], bytes: totalBytes }]] : [];
      });
      plans.delete(planDigest);
      plans.set(planDigest, new Map(small));
      for (const oldest of [...plans.keys()].slice(0, Math.max(0, plans.size - keptPlans))) plans.delete(oldest);
    },
    async stage(order, control) {
      const key = keyOf(order);
      for (;;) {
        control.signal.throwIfAborted();
        const there = staged.get(key);
        staged.delete(key);
        if (there !== undefined) return there;
        const flight = flights.get(key);
        if (flight === undefined) return stageOwn(order, control);
        // Its failure is the failure of who started it.
        await flight.catch(() => undefined);
      }
    },
  };
}

function keyOf({ target, source, slice }: StageOrder): string {
  const { planDigest, database, from, to, stagingPath } = slice;
  return JSON.stringify([target, source, planDigest, database, from, to, stagingPath]);
}

import type { StepsInput } from '../../workflows/contracts.ts';
import type { ActivityDeps } from '../deps.ts';
import type { StagedStep, TaskProgress, Tasks } from '../executor/tasks.ts';
import { stagingOfRestore } from '../sql-server/paths.ts';

type Staged = Tasks['stage']['output'];

export interface StagingOptions {
  readonly deps: ActivityDeps;
  readonly input: StepsInput;
  readonly chunks: readonly (readonly [number, number])[];
  readonly signal: AbortSignal;
  readonly progress: (progress: TaskProgress) => void;
}

/** Brings chunk after chunk onto the target's volume, one ahead of the one in use, and removes what was used. */
export interface Staging {
  readonly bytes: number;
  readonly seconds: number;
  /** The chunks in order; a chunk is removed when the next one is asked for. */
  [Symbol.asyncIterator](): AsyncIterator<readonly StagedStep[]>;
}

export function openStaging({ deps, input, chunks, signal, progress }: StagingOptions): Staging {
  const totals = { bytes: 0, seconds: 0 };
  const ahead = new AbortController();
  const control = { signal: AbortSignal.any([signal, ahead.signal]), progress };
  const { target, source, planPath, planDigest, database, restoreId } = input;

  const stage = (chunk: readonly [number, number] | undefined): Promise<Staged> | null => {
    if (chunk === undefined) return null;
    const [from, to] = chunk;
    const stagingPath = stagingOfRestore(restoreId);
    const slice = { planPath, planDigest, database, from, to, stagingPath };
    const staging = deps.platform.run(target, 'stage', slice, control, source);
    // Its failure is thrown when its turn comes.
    staging.catch(() => undefined);
    return staging;
  };
  const remove = async (steps: readonly StagedStep[]): Promise<void> => {
    const paths = steps.flatMap((step) => step.files);
    await deps.platform.run(target, 'removeStaged', { paths }, { signal, progress: () => undefined });
  };

  return {
    get bytes() {
      return totals.bytes;
    },
    get seconds() {
      return totals.seconds;
    },
    async *[Symbol.asyncIterator]() {
      let next = stage(chunks[0]);
      const removals: Promise<void>[] = [];
      try {
        for (let i = 0; next !== null; i += 1) {
          const staged: Staged = await next;
          totals.bytes += staged.bytes;
          totals.seconds += staged.seconds;
          next = stage(chunks[i + 1]);
          yield staged.steps;
          removals.push(remove(staged.steps));
        }
        await Promise.all(removals);
      } finally {
        // Left early: the stop point was reached, or a step failed. Nothing may go on behind the caller's back.
        ahead.abort();
        await Promise.allSettled([...removals, ...(next === null ? [] : [next])]);
      }
    },
  };
}

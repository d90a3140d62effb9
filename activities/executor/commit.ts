import { storedBytes } from '../../workflows/domain/backup-set.ts';
import { failureType } from '../failure.ts';
import { inLanes } from './io/lanes.ts';
import { inside } from './io/inside.ts';
import { removeDeadPartials } from './io/partial.ts';
import { commitSet } from './store/commit-set.ts';
import { sizeOf } from './io/size.ts';
import { layout } from './store/layout.ts';
import type { Roots, StagedSet, TaskControl, Tasks } from './tasks.ts';

type Output = Tasks['commit']['output'];
type Failed = Output['failed'][number];

const setsAtOnce = 4;

const reported: readonly string[] = [
  'StorageFull',
  'FileMissing',
  'StoreUnavailable',
  'FileDamaged',
  'AccessDenied',
  'InvalidInput',
] satisfies readonly Failed['type'][];

/** Brings staged sets into the store. One that fails is reported and does not stop the others; being cancelled does. */
export async function commit(input: Tasks['commit']['input'], roots: Roots, control: TaskControl): Promise<Output> {
  const { instance, sets } = input;
  await removeDeadPartials(await inside(roots.store, layout.partials(instance)));
  const totalBytes = (await Promise.all(sets.map((staged) => stagedBytes(staged, roots)))).reduce((a, b) => a + b, 0);
  let doneBytes = 0;
  const onBytes = (file: string, bytes: number): void => {
    doneBytes += bytes;
    control.progress({ file, doneBytes, totalBytes });
  };
  const results = await inLanes(sets, setsAtOnce, async (staged): Promise<Output['committed'][number] | Failed> => {
    control.signal.throwIfAborted();
    const { id, database } = staged.set;
    try {
      const { manifest, set } = await commitSet(staged, { instance, roots, signal: control.signal, onBytes });
      return { setId: id, database, manifest, sizeBytes: storedBytes(set) };
    } catch (error) {
      const type = failureType(error);
      if (type === null || !reported.includes(type)) throw error;
      return { setId: id, database, type: type as Failed['type'], message: (error as Error).message };
    }
  });
  return {
    committed: results.filter((result) => 'manifest' in result),
    failed: results.filter((result) => 'type' in result),
  };
}

async function stagedBytes(staged: StagedSet, roots: Roots): Promise<number> {
  let sum = 0;
  try {
    for (const path of staged.stagedFiles) sum += (await sizeOf(await inside(roots.sql, path))) ?? 0;
  } catch {
    // Only for progress: what is wrong with the set is reported when it is committed.
  }
  return sum;
}

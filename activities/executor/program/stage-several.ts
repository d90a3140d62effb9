import { inLanes } from '../io/lanes.ts';
import { stage } from '../stage.ts';
import type { Roots, TaskControl } from '../tasks.ts';
import type { ProgramTasks } from './tasks.ts';

/** Each copies several files at a time. */
const slicesAtOnce = 2;

/** The first slice is the one that is asked for. Of the others a failure is not told: who asks for them is told it then. */
export async function stageSeveral(
  { slices }: ProgramTasks['stageSeveral']['input'],
  roots: Roots,
  control: TaskControl,
): Promise<ProgramTasks['stageSeveral']['output']> {
  const results: ProgramTasks['stageSeveral']['output'][number][] = slices.map(() => null);
  const progress = summed(control);
  await inLanes([...slices.entries()], slicesAtOnce, async ([i, slice]) => {
    try {
      results[i] = await stage(slice, roots, { signal: control.signal, progress: (each) => progress(i, each) });
    } catch (error) {
      if (i === 0 || control.signal.aborted) throw error;
    }
  });
  return results;
}

/** Progress of all that have begun. */
function summed({ progress }: TaskControl): (index: number, each: Parameters<TaskControl['progress']>[0]) => void {
  const all = new Map<number, Parameters<TaskControl['progress']>[0]>();
  return (index, each) => {
    all.set(index, each);
    const values = [...all.values()];
    progress({
      ...each,
      doneBytes: values.reduce((sum, { doneBytes }) => sum + doneBytes, 0),
      totalBytes: values.reduce((sum, { totalBytes }) => sum + totalBytes, 0),
    });
  };
}

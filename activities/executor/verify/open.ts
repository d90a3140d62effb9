import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileFailure, filing, isMissing } from '../io/errors.ts';
import { inside } from '../io/inside.ts';
import { inLanes } from '../io/lanes.ts';
import { orProblem } from '../store/catalogue.ts';
import { bytesOf } from '../store/chain-cache.ts';
import { layout } from '../store/layout.ts';
import { readDatabase } from '../store/read-database.ts';
import { selectDatabases } from '../store/select-databases.ts';
import type { Roots, TaskControl } from '../tasks.ts';
import type { VerifyTasks } from './tasks.ts';

type Input = VerifyTasks['openVerify']['input'];

const databasesAtOnce = 4;
/** Reports that are kept. */
const keptRuns = 30;

export async function openVerify(
  input: Input,
  { store }: Roots,
  control: TaskControl,
): Promise<VerifyTasks['openVerify']['output']> {
  const { instance, run } = input;
  await removeOld(store, instance, run);
  const { databases } = await selectDatabases(store, instance, input.databases);
  const sizes = await inLanes(databases, databasesAtOnce, async (database) => {
    control.signal.throwIfAborted();
    const read = await orProblem(database, () => readDatabase(store, instance, database));
    const sets = read === null || 'message' in read ? [] : read.sets;
    return { sets: sets.length, bytes: bytesOf(sets) };
  });
  return {
    databases: databases.length,
    sets: sizes.reduce((sum, { sets }) => sum + sets, 0),
    bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** Old reports, and the journals of every earlier reading. Names of runs begin with their time. */
async function removeOld(store: string, instance: string, run: string): Promise<void> {
  const own = await inside(store, layout.verify(instance, run));
  const folder = dirname(own);
  const earlier = (await entriesOf(folder)).filter((name) => join(folder, name) !== own).sort();
  await filing(`tidy ${folder}`, async () => {
    for (const name of earlier.slice(0, -keptRuns)) await rm(join(folder, name), { recursive: true, force: true });
    for (const name of earlier.slice(-keptRuns)) {
      const journals = (await entriesOf(join(folder, name))).filter((file) => file.endsWith('.jsonl'));
      for (const journal of journals) await rm(join(folder, name, journal), { force: true });
    }
  });
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileFailure(error, `list ${folder}`);
  }
}

import { chains } from './chains.ts';
import { commit } from './commit.ts';
import { listStaged } from './list-staged.ts';
import { listStore } from './list-store.ts';
import { makeFolder } from './make-folder.ts';
import { plan } from './plan.ts';
import { readPlan } from './read-plan.ts';
import { removeFolder, removeStaged } from './remove.ts';
import { stage } from './stage.ts';
import type { Roots, TaskControl, TaskName, Tasks } from './tasks.ts';
import { writeFile } from './write-file.ts';

type Handlers = {
  readonly [T in TaskName]: (
    input: Tasks[T]['input'],
    roots: Roots,
    control: TaskControl,
  ) => Promise<Tasks[T]['output']>;
};

const handlers: Handlers = {
  makeFolder,
  listStaged,
  listStore,
  commit,
  removeStaged,
  removeFolder,
  chains,
  plan,
  stage,
  readPlan,
  writeFile,
};

/** Runs one task. What it throws is a failure of the vocabulary, or the signal's reason when it was told to stop. */
export async function execute<T extends TaskName>(
  task: T,
  input: Tasks[T]['input'],
  roots: Roots,
  control: TaskControl,
): Promise<Tasks[T]['output']> {
  control.signal.throwIfAborted();
  return handlers[task](input, roots, control);
}

import { chains } from './chains.ts';
import { checkRoots } from './check-roots.ts';
import { commit } from './commit.ts';
import { importSets } from './import/import-sets.ts';
import { readImport, storedIds, writeImport } from './import/plan.ts';
import { listBackups } from './list-backups.ts';
import { listStaged } from './list-staged.ts';
import { listStore } from './list-store.ts';
import { makeFolder } from './make-folder.ts';
import { plan } from './leased-plan.ts';
import { readPlan } from './read-plan.ts';
import { removeFolder, removeStaged } from './remove.ts';
import { holds } from './retention/hold.ts';
import { freeLease, listLeases } from './retention/lease.ts';
import { retain } from './retention/retain.ts';
import { stage } from './stage.ts';
import type { Roots, TaskControl, TaskName, Tasks } from './tasks.ts';
import { storedDatabases } from './stored-databases.ts';
import { closeVerify } from './verify/close.ts';
import { openVerify } from './verify/open.ts';
import { verifySlice } from './verify/slice.ts';
import { window } from './window.ts';
import { writeFile, writeFiles } from './write-file.ts';

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
  listLeases,
  freeLease,
  retain,
  holds,
  window,
  listBackups,
  storedDatabases,
  openVerify,
  verifySlice,
  closeVerify,
  storedIds,
  writeImport,
  readImport,
  importSets,
  writeFiles,
  checkRoots,
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

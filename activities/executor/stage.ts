import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { storedBytes, type BackupFile } from '../../workflows/domain/backup-set.ts';
import { safeName } from '../../workflows/domain/naming.ts';
import { failure } from '../failure.ts';
import { copyFile, hashFile } from './io/copy.ts';
import { filing } from './io/errors.ts';
import { inside } from './io/inside.ts';
import { inLanes } from './io/lanes.ts';
import { insideOurs } from './io/our-folders.ts';
import { giveTo, ownerOf, type Owner } from './io/ownership.ts';
import { newPartial, removeDeadPartials } from './io/partial.ts';
import { freeBytes } from './io/space.ts';
import { makeFolder } from './make-folder.ts';
import { readSteps, type Step } from './store/plan-document.ts';
import { sizeOf } from './io/size.ts';
import type { Roots, StagedStep, TaskControl, Tasks } from './tasks.ts';

const filesAtOnce = 4;

/** A file of a backup set on its way to the instance's volume. */
interface Transfer {
  readonly file: BackupFile;
  /** Below the store. */
  readonly stored: string;
  /** Below the SQL root. */
  readonly staged: string;
}

/**
 * Brings files of a plan onto the instance's volume. What an earlier attempt brought is used again after its hash was
 * checked; nothing is given to SQL Server whose hash is not the manifest's.
 */
export async function stage(
  input: Tasks['stage']['input'],
  roots: Roots,
  control: TaskControl,
): Promise<Tasks['stage']['output']> {
  const started = performance.now();
  const { steps } = await readSteps(roots.store, input);
  const folder = `${input.stagingPath}/${safeName(input.database)}`;
  const realFolder = await insideOurs(roots.sql, folder);
  await makeFolder({ path: folder }, roots);
  const partials = join(realFolder, '.partial');
  await removeDeadPartials(partials);

  const owner = await ownerOf(roots.sql);
  const transfers = steps.flatMap((step) => transfersOf(step, folder));
  const totalBytes = transfers.reduce((sum, { file }) => sum + file.sizeBytes, 0);
  let doneBytes = 0;
  await inLanes(transfers, filesAtOnce, async (transfer) => {
    control.signal.throwIfAborted();
    const onBytes = (bytes: number): void => {
      doneBytes += bytes;
      control.progress({ file: transfer.file.name, doneBytes, totalBytes });
    };
    await stageFile({ transfer, roots, partials, owner, signal: control.signal, onBytes });
  });
  return {
    steps: steps.map((step): StagedStep => ({
      index: step.index,
      set: step.set,
      stopAt: step.stopAt,
      files: transfersOf(step, folder).map(({ staged }) => staged),
    })),
    bytes: steps.reduce((sum, { set }) => sum + storedBytes(set), 0),
    seconds: (performance.now() - started) / 1000,
  };
}

function transfersOf({ manifest, set }: Step, folder: string): readonly Transfer[] {
  const stored = manifest.replace(/[^/]+$/, '');
  return set.files.map((file) => ({ file, stored: `${stored}${file.name}`, staged: `${folder}/${file.name}` }));
}

interface StageFileOptions {
  readonly transfer: Transfer;
  readonly roots: Roots;
  readonly partials: string;
  readonly owner: Owner;
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
}

async function stageFile({ transfer, roots, partials, owner, signal, onBytes }: StageFileOptions): Promise<void> {
  const { file, stored } = transfer;
  const to = await insideOurs(roots.sql, transfer.staged);
  if ((await sizeOf(to)) === file.sizeBytes && (await hashFile(to, signal)).sha256 === file.sha256) {
    onBytes(file.sizeBytes);
    return;
  }
  const from = await inside(roots.store, stored);
  await checkBefore(from, to, transfer);
  const partial = await newPartial(partials, file.name);
  try {
    const finish = (copy: Parameters<typeof giveTo>[1]): Promise<void> => giveTo(owner, copy, partial, 0o660);
    const copied = await copyFile({ from, to: partial, signal, onBytes, durable: false, finish });
    if (copied.sha256 !== file.sha256) {
      const text = `${stored} has the SHA-256 ${copied.sha256}, and its manifest says ${file.sha256}`;
      throw failure('FileDamaged', text, { details: [{ file: stored }] });
    }
    await filing(`rename to ${to}`, () => rename(partial, to));
  } finally {
    await rm(partial, { force: true });
  }
}

/** What can be seen without reading the file. */
async function checkBefore(from: string, to: string, { file, stored }: Transfer): Promise<void> {
  const details = [{ file: stored }];
  const size = await sizeOf(from);
  if (size === null) throw failure('FileMissing', `${stored} is not in the store`, { details });
  if (size !== file.sizeBytes) {
    const text = `${stored} has ${size} bytes, and its manifest says ${file.sizeBytes}`;
    throw failure('FileDamaged', text, { details });
  }
  const free = await freeBytes(to.replace(/[^/]+$/, ''));
  if (free !== null && free < size) {
    throw failure('StorageFull', `The instance's volume has ${free} bytes left for ${to}, which needs ${size}`);
  }
}

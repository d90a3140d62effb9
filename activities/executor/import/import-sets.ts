import { join } from 'node:path';
import type { SkippedBackup } from '../../../workflows/contracts.ts';
import { storedBytes } from '../../../workflows/domain/backup-set.ts';
import { failureType } from '../../failure.ts';
import { inside } from '../io/inside.ts';
import { removeDeadPartials } from '../io/partial.ts';
import { sizeOf } from '../io/size.ts';
import { readSmall } from '../io/text.ts';
import { commitSet } from '../store/commit-set.ts';
import type { Twin } from '../store/ingest.ts';
import { layout, manifestEnding } from '../store/layout.ts';
import { parseManifest } from '../store/manifest.ts';
import type { Roots, TaskControl } from '../tasks.ts';
import { readDocument, type ImportSet } from './document.ts';
import type { ImportTasks } from './tasks.ts';

type Input = ImportTasks['importSets']['input'];
type Output = ImportTasks['importSets']['output'];

/** Of one set; anything else is a failure of the whole. */
const ofOneSet: readonly string[] = ['FileMissing', 'FileDamaged', 'AccessDenied', 'InvalidInput'];

/** One after another: a set that lies in the files of an earlier one needs them to be there. */
export async function importSets(input: Input, roots: Roots, control: TaskControl): Promise<Output> {
  const { instance, path, digest, from, to, without } = input;
  await removeDeadPartials(await inside(roots.store, layout.partials(instance)));
  const sets = (await readDocument(roots.store, path, digest)).slice(from, to);
  const totalBytes = (await Promise.all(sets.map((one) => sourceBytes(one, roots)))).reduce((a, b) => a + b, 0);
  let doneBytes = 0;
  let [imported, sizeBytes] = [0, 0];
  const failed: SkippedBackup[] = [];
  for (const [i, one] of sets.entries()) {
    if (without.includes(from + i)) continue;
    control.signal.throwIfAborted();
    try {
      const twins = await twinsOf(one, roots.store);
      const { set } = await commitSet(
        { stagedFiles: one.sources, storeNames: one.names, set: one.set },
        {
          instance,
          roots,
          signal: control.signal,
          onBytes: (file, bytes) => {
            doneBytes += bytes;
            control.progress({ file, doneBytes, totalBytes });
          },
          keepsStaged: true,
          ...(twins === null ? {} : { twins }),
        },
      );
      imported += 1;
      sizeBytes += storedBytes(set);
    } catch (error) {
      if (!ofOneSet.includes(failureType(error) ?? '')) throw error;
      const { database, position } = one.set;
      const why = (error as Error).message;
      failed.push({ file: one.sources[0] ?? '', position, database, reason: 'not-copied', why });
    }
  }
  return { imported, sizeBytes, failed };
}

/** Null where there is no set in the same files, or it did not come into the store. */
async function twinsOf({ twin }: ImportSet, store: string): Promise<readonly Twin[] | null> {
  if (twin === null) return null;
  const folder = await inside(store, twin.folder);
  const parsed = parseManifest((await readSmall(join(folder, `${twin.names[0]}${manifestEnding}`))) ?? '');
  if ('problem' in parsed) return null;
  return parsed.set.files.map(({ name, sizeBytes, sha256 }) => ({ path: join(folder, name), sizeBytes, sha256 }));
}

async function sourceBytes({ sources, twin }: ImportSet, roots: Roots): Promise<number> {
  if (twin !== null) return 0;
  const sizes = await Promise.all(sources.map(async (path) => sizeOf(await inside(roots.sql, path))));
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}

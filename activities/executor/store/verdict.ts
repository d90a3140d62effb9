import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { syncFolder } from '../io/durable.ts';
import { filing } from '../io/errors.ts';
import { readSmall, replaceDurably } from '../io/text.ts';
import { manifestEnding, verdictEnding } from './layout.ts';

/**
 * What a reading of the store found wrong with the files of one set. It lies beside the manifest, and as long as it does the set is not
 * used: a file may have its right size and still not be what was backed up, which only reading all of it tells.
 */
const verdict = z.object({
  formatVersion: z.literal(1),
  setId: z.string(),
  foundAt: z.iso.datetime(),
  files: z.array(z.object({ name: z.string(), what: z.string() })).min(1),
});

export type Verdict = z.output<typeof verdict>;

/** Name of the verdict beside a manifest. */
export function verdictName(manifest: string): string {
  return `${manifest.slice(0, -manifestEnding.length)}${verdictEnding}`;
}

export function isVerdict(name: string): boolean {
  return name.endsWith(verdictEnding);
}

/** Why the set is not used, in words. */
export async function readVerdict(realFolder: string, name: string): Promise<string> {
  const text = await readSmall(join(realFolder, name));
  try {
    const { files, foundAt } = verdict.parse(JSON.parse(text ?? ''));
    return `${files.map((file) => `${file.name} ${file.what}`).join(', ')} (found at ${foundAt})`;
  } catch {
    return `${name} says that it is damaged, and cannot be read`;
  }
}

export async function writeVerdict(path: string, content: Verdict, partials: string): Promise<void> {
  await replaceDurably(path, `${JSON.stringify(content, null, 2)}\n`, partials);
}

export async function removeVerdict(path: string): Promise<void> {
  await filing(`remove ${path}`, async () => {
    await rm(path, { force: true });
    await syncFolder(dirname(path));
  });
}

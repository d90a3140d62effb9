import { dirname } from 'node:path';
import { failure } from '../failure.ts';
import { makeFolders } from './io/durable.ts';
import { filing } from './io/errors.ts';
import { inside } from './io/inside.ts';
import { replaceDurably } from './io/text.ts';
import type { Roots, TaskControl, Tasks } from './tasks.ts';

/**
 * Writes a text into one of the instance's hidden folders (`<instance>/.runs/…`, `<instance>/.restores/…`), whole and
 * durable. Writing again replaces it, so that an activity can be tried again; backups lie elsewhere and cannot be hit.
 */
export async function writeFile(
  { path, text }: Tasks['writeFile']['input'],
  roots: Roots,
): Promise<Tasks['writeFile']['output']> {
  const [instance, hidden, ...rest] = path.split('/');
  if (!instance || !hidden?.startsWith('.') || rest.length === 0 || path.includes('..')) {
    throw failure(
      'InvalidInput',
      `${JSON.stringify(path)} is not in a hidden folder of an instance, such as a/.runs/b`,
    );
  }
  const real = await inside(roots.store, path);
  const partials = await inside(roots.store, `${instance}/.partial`);
  await filing(`make ${dirname(real)}`, () => makeFolders(dirname(real)));
  await replaceDurably(real, text, partials);
  return {};
}

export async function writeFiles(
  { files }: Tasks['writeFiles']['input'],
  roots: Roots,
  { signal }: TaskControl,
): Promise<Tasks['writeFiles']['output']> {
  for (const file of files) {
    signal.throwIfAborted();
    await writeFile(file, roots);
  }
  return {};
}

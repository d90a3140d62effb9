import { binsOf, findBin, journalsOf, removeBin } from './journal.ts';
import { finishBin } from './remove-sets.ts';

/**
 * Finishes what earlier runs began and did not end. Whether they are dead need not be known: without its bin a run can take nothing
 * away any more.
 */
export async function finishRetention(
  store: string,
  instance: string,
): Promise<{ readonly sets: number; readonly problems: readonly string[] }> {
  const journals = journalsOf(store, instance);
  const problems: string[] = [];
  const known = new Set<string>();
  let sets = 0;
  for (const { name, content } of await journals.all()) {
    known.add(name);
    if (content === null) {
      problems.push(`the journal ${name} of an earlier retention run cannot be read; it is left alone`);
      continue;
    }
    sets += await finishBin(store, content, await findBin(store, instance, name));
    await journals.remove(name);
  }
  // A bin is made before its journal: one without is empty, of a run that died in between, or is about to write it and will fail.
  for (const name of await binsOf(store, instance)) {
    if (known.has(name)) continue;
    if (!(await removeBin(await findBin(store, instance, name))))
      problems.push(`${name} holds manifests, and has no journal`);
  }
  return { sets, problems };
}

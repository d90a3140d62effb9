import type { VerifyCursor } from '../../../workflows/contracts.ts';
import { inside } from '../io/inside.ts';
import { inLanes } from '../io/lanes.ts';
import { exactName, isManifest, namesIn, openFolder, orProblem, type Folder } from '../store/catalogue.ts';
import { layout } from '../store/layout.ts';
import { selectDatabases } from '../store/select-databases.ts';
import type { Roots, TaskControl } from '../tasks.ts';
import { Journal, totalsOf } from './journal.ts';
import { readFolder, readStrayFolder } from './read-folder.ts';
import { readSet, type ReadContext } from './read-set.ts';
import type { VerifyTasks } from './tasks.ts';

type Input = VerifyTasks['verifySlice']['input'];
type Output = VerifyTasks['verifySlice']['output'];

/** Files are read beside each other: one waits for the disk while another is hashed. */
const lanes = 4;
const setsBetweenLooks = 16;

export async function verifySlice(input: Input, { store }: Roots, control: TaskControl): Promise<Output> {
  const { instance, run, slice, after } = input;
  const began = performance.now();
  const journal = await Journal.open(store, instance, run, slice);
  const read = new Set(journal.lines.map((line) => ('set' in line ? line.set : line.folder)));
  const seconds = (): number => (performance.now() - began) / 1000;
  const isFull = (): boolean => totalsOf(journal.lines).bytes >= input.mostBytes || seconds() >= input.mostSeconds;
  const next = (cursor: VerifyCursor | null): Output => ({
    ...totalsOf(journal.lines),
    next: cursor,
    seconds: seconds(),
  });

  let doneBytes = totalsOf(journal.lines).bytes;
  const context: ReadContext = {
    store,
    instance,
    signal: control.signal,
    onBytes: (file, bytes) => {
      doneBytes += bytes;
      control.progress({ file, doneBytes, totalBytes: Math.max(doneBytes, input.mostBytes) });
    },
  };
  for (const place of await placesOf(store, input)) {
    if (after !== null && place.name < after.folder) continue;
    control.signal.throwIfAborted();
    if (place.folder === null) {
      if (!read.has(place.path)) await journal.add(await readStrayFolder(store, place, Date.now()));
      continue;
    }
    const { folder } = place;
    const from = after?.folder === place.name ? after.manifest : '';
    const manifests = folder.names.filter((name) => isManifest(name) && name > from);
    for (let at = 0; at < manifests.length; at += setsBetweenLooks) {
      const batch = manifests.slice(at, at + setsBetweenLooks);
      await inLanes(
        batch.filter((name) => !read.has(`${folder.path}/${name}`)),
        lanes,
        async (name) => {
          control.signal.throwIfAborted();
          const line = await readSet(folder, name, context);
          if (line !== null) await journal.add(line);
        },
      );
      const last = batch.at(-1) ?? from;
      if (isFull()) return next({ folder: place.name, manifest: last });
    }
    const line = read.has(folder.path) ? null : await readFolder(store, instance, folder.database, Date.now());
    if (line !== null) await journal.add(line);
  }
  return next(null);
}

/** A folder of the instance: that of a database, or one that is none. */
interface Place {
  readonly name: string;
  readonly path: string;
  readonly names: readonly string[];
  readonly folder: Folder | null;
  /** Why its name is not known, though manifests are there. */
  readonly problem: string | null;
}

/** In the order of their names. */
async function placesOf(store: string, { instance, databases }: Input): Promise<readonly Place[]> {
  if (databases !== undefined) {
    const selected = await selectDatabases(store, instance, databases);
    const folders = await Promise.all(selected.databases.map((database) => openFolder(store, instance, database)));
    return folders.flatMap((folder) => (folder === null ? [] : placeOf(folder))).sort(byName);
  }
  const root = layout.instance(instance);
  const names = (await namesIn(await inside(store, root))) ?? [];
  const strays: string[] = [];
  const places = await inLanes(names, lanes, async (name): Promise<Place | null> => {
    const path = `${root}/${name}`;
    const content = await orProblem(name, async () => namesIn(await inside(store, path)));
    if (content === null) {
      strays.push(name);
      return null;
    }
    if ('message' in content) return { name, path, names: [], folder: null, problem: content.message };
    const database = await exactName(store, instance, name);
    const folder = typeof database === 'string' ? await openFolder(store, instance, database) : null;
    if (folder !== null) return placeOf(folder);
    const problem = database !== null && typeof database !== 'string' ? database.message : null;
    return { name, path, names: problem === null ? content : [], folder: null, problem };
  });
  const stray: Place = { name: '', path: root, names: strays, folder: null, problem: null };
  return [...(strays.length === 0 ? [] : [stray]), ...places.filter((place) => place !== null)].sort(byName);
}

function placeOf(folder: Folder): Place {
  const name = folder.path.split('/').at(-1) ?? '';
  return { name, path: folder.path, names: folder.names, folder, problem: null };
}

function byName(a: Place, b: Place): number {
  return a.name < b.name ? -1 : 1;
}

import type { DatabaseWindow } from '../../workflows/contracts.ts';
import { Obstacles } from '../../workflows/domain/obstacles.ts';
import type { Interval } from '../../workflows/domain/plan-types.ts';
import { restorableWindow } from '../../workflows/domain/window.ts';
import { inLanes } from './io/lanes.ts';
import { orProblem, type Problem } from './store/catalogue.ts';
import { bytesOf } from './store/chain-cache.ts';
import { lostSets, type KnownSet } from './store/known-sets.ts';
import { readDatabase, type ReadDatabase } from './store/read-database.ts';
import { selectDatabases } from './store/select-databases.ts';
import type { Roots, TaskControl, Tasks } from './tasks.ts';

type Input = Tasks['window']['input'];
type Output = Tasks['window']['output'];

const databasesAtOnce = 4;
/** A payload of 256 KB is where Temporal begins to warn. */
const mostPageBytes = 180_000;
const shownIntervals = 40;
const shownNotes = 3;
const shownProblems = 50;

export async function window(input: Input, { store }: Roots, control: TaskControl): Promise<Output> {
  const { instance, after } = input;
  const selected = await selectDatabases(store, instance, input.databases);
  const names = selected.databases.toSorted().filter((name) => after === undefined || name > after);
  const problems: Problem[] = after === undefined ? [...selected.problems] : [];
  const databases: DatabaseWindow[] = [];
  let bytes = 0;
  for (let from = 0; from < names.length; from += databasesAtOnce) {
    control.signal.throwIfAborted();
    control.progress({ doneBytes: from, totalBytes: names.length });
    const batch = names.slice(from, from + databasesAtOnce);
    const read = await inLanes(batch, databasesAtOnce, (name) =>
      orProblem(name, () => readDatabase(store, instance, name)),
    );
    for (const [i, one] of read.entries()) {
      if (one === null) continue;
      if ('message' in one) {
        problems.push(one);
        continue;
      }
      const shown = databaseWindow(batch[i] as string, one, input.nowMs);
      bytes += Buffer.byteLength(JSON.stringify(shown));
      if (databases.length > 0 && bytes > mostPageBytes) return page(databases, databases.at(-1)?.database, problems);
      databases.push(shown);
    }
  }
  return page(databases, undefined, problems);
}

function page(databases: readonly DatabaseWindow[], next: string | undefined, problems: readonly Problem[]): Output {
  const texts = problems.map(({ database, message }) => `${database}: ${message}`);
  return { databases, next: next ?? null, problems: texts.slice(0, shownProblems) };
}

function databaseWindow(database: string, { sets, problems }: ReadDatabase, nowMs: number): DatabaseWindow {
  const all = sets.map(({ set }) => set);
  const lost = lostSets(sets);
  const { intervals, holes, latestMs } = restorableWindow(all, lost);
  const shown = intervals.slice(-shownIntervals);
  const usable = sets.filter(({ set }) => !set.isDamaged);
  const newest = usable.reduce<KnownSet | null>(
    (best, one) => (best === null || one.set.finishedAt >= best.set.finishedAt ? one : best),
    null,
  );
  const why = intervals.length > 0 ? [] : [new Obstacles(all, intervals, lost).at(nowMs).reason];
  return {
    database,
    intervals: shown.map(span),
    holes: holes.slice(-shownIntervals + 1).map((hole) => ({ ...span(hole), reason: hole.reason })),
    olderIntervals: intervals.length - shown.length,
    latestRestorable: latestMs === null ? null : new Date(latestMs).toISOString(),
    exposureSeconds: latestMs === null ? null : Math.max(0, (nowMs - latestMs) / 1000),
    newestBackup: newest === null ? null : { kind: newest.set.kind, finishedAt: newest.set.finishedAt },
    sets: usable.length,
    sizeBytes: bytesOf(usable),
    notes: notes([...why, ...problems.map(({ message }) => message)]),
  };
}

function notes(texts: readonly string[]): readonly string[] {
  const more = texts.length - shownNotes;
  return [...texts.slice(0, shownNotes), ...(more > 0 ? [`and ${more} more`] : [])];
}

function span({ fromMs, toMs }: Interval): { readonly from: string; readonly to: string } {
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

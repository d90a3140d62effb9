import type { ListedBackup } from '../../workflows/contracts.ts';
import { inLanes } from './io/lanes.ts';
import { holdsOf } from './retention/hold.ts';
import { orProblem, type Problem } from './store/catalogue.ts';
import { bytesOf } from './store/chain-cache.ts';
import { readDatabase, type ReadDatabase } from './store/read-database.ts';
import { selectDatabases } from './store/select-databases.ts';
import type { Roots, TaskControl, Tasks } from './tasks.ts';

type Input = Tasks['listBackups']['input'];
type Output = Tasks['listBackups']['output'];

const databasesAtOnce = 4;
const mostPageBytes = 180_000;
const shownProblems = 50;

/** Every backup set of an instance that fits the question, the newest first. */
export async function listBackups(input: Input, { store }: Roots, control: TaskControl): Promise<Output> {
  const { instance, after, limit } = input;
  const { databases, problems } = await selectDatabases(store, instance, input.databases);
  const read = await inLanes(databases, databasesAtOnce, async (database) => {
    control.signal.throwIfAborted();
    return orProblem(database, () => readDatabase(store, instance, database));
  });
  const held = new Set((await holdsOf(store, instance).all()).flatMap(({ content }) => content?.setIds ?? []));
  const whole = read.filter((one): one is ReadDatabase => one !== null && 'sets' in one);
  const all = whole
    .flatMap(listed)
    .map((backup) => ({ ...backup, held: held.has(backup.id) }))
    .filter((backup) => wanted(backup, input));
  const ordered = all
    .sort((a, b) => -compare(a, b))
    .filter((backup) => after === undefined || compare(backup, after) < 0);
  const backups = asFits(ordered.slice(0, limit));
  const last = backups.at(-1);
  const every: readonly Problem[] = [
    ...problems,
    ...read.flatMap((one) => (one === null ? [] : 'message' in one ? [one] : one.problems)),
  ];
  return {
    backups,
    count: all.length,
    sizeBytes: all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    next:
      last === undefined || backups.length === ordered.length
        ? null
        : { startedAt: last.startedAt, manifest: last.manifest },
    problems: after === undefined ? every.map(({ message }) => message).slice(0, shownProblems) : [],
  };
}

function listed({ folder, sets }: ReadDatabase): readonly ListedBackup[] {
  return sets.map(({ manifest, files, set, why }) => ({
    database: set.database,
    id: set.id,
    kind: set.kind,
    copyOnly: set.copyOnly,
    startedAt: set.startedAt,
    finishedAt: set.finishedAt,
    sizeBytes: bytesOf([{ files }]),
    files: files.length,
    firstLsn: set.firstLsn,
    lastLsn: set.lastLsn,
    recoveryForkId: set.recoveryForkId,
    manifest: `${folder.path}/${manifest}`,
    unusable: why ?? (set.isDamaged ? 'it was damaged when it was taken' : null),
    held: false,
  }));
}

function wanted({ kind, finishedAt }: ListedBackup, { kind: only, sinceMs }: Input): boolean {
  return (only === undefined || kind === only) && (sinceMs === undefined || Date.parse(finishedAt) >= sinceMs);
}

type Place = Pick<ListedBackup, 'startedAt' | 'manifest'>;

function compare(a: Place, b: Place): number {
  const [left, right] = [Date.parse(a.startedAt), Date.parse(b.startedAt)];
  return left === right ? (a.manifest < b.manifest ? -1 : a.manifest > b.manifest ? 1 : 0) : left - right;
}

/** As many as make a small answer, and one at least. */
function asFits(backups: readonly ListedBackup[]): readonly ListedBackup[] {
  let bytes = 0;
  const end = backups.findIndex((backup, i) => (bytes += JSON.stringify(backup).length) > mostPageBytes && i > 0);
  return end === -1 ? backups : backups.slice(0, end);
}

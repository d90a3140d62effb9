import { storedBytes, type BackupSet } from '../../workflows/domain/backup-set.ts';
import { laggards } from '../../workflows/domain/laggards.ts';
import { moment } from '../../workflows/domain/moment.ts';
import type { DatabasePlan, Refusal } from '../../workflows/domain/plan-types.ts';
import { parseTargetTime } from '../../workflows/domain/request.ts';
import { restoreSteps } from '../../workflows/domain/restore-plan.ts';
import { slices } from '../../workflows/domain/slices.ts';
import type { PlannedDatabase, PlannedSet, RestorePlan } from '../../workflows/contracts.ts';
import { failure } from '../failure.ts';
import { planCommands } from './plan-commands.ts';
import { targetNames } from './plan-names.ts';
import { openFolder, readManifests, type Entry, type Problem } from './store/catalogue.ts';
import { chooseBackups, type DatabaseEntries } from './store/choose-backups.ts';
import { selectDatabases } from './store/select-databases.ts';
import { writePlan } from './store/plan-writer.ts';
import type { Roots, TaskControl, Tasks } from './tasks.ts';

type Input = Tasks['plan']['input'];

/** A payload of two megabytes is refused by Temporal; this is reached by some thousand databases. */
const mostSummaryBytes = 1_500_000;

export interface MadePlan {
  readonly plan: RestorePlan;
  readonly manifests: readonly string[];
}

/**
 * Plans with what the store holds.
 * @param doomed manifests that count as gone: a retention run has begun to remove them
 */
export async function planFrom(
  input: Input,
  roots: Roots,
  control: TaskControl,
  doomed: ReadonlySet<string>,
): Promise<MadePlan> {
  const { request, restoreId } = input;
  const { store } = roots;
  const target = parseTargetTime(request.to);
  if (typeof target === 'object') throw failure('InvalidInput', `to ${target.problem}`);

  const stored = await readStored(store, input, control, doomed);
  if (target === 'latest' && request.databases === undefined) refuseLaggards(stored.databases);
  const names = targetNames(
    stored.databases.map(({ database }) => database),
    request.rename ?? {},
  );
  const { outcome, problems } = await chooseBackups(store, request.source, stored.databases, target);
  if (!outcome.ok) throw notReachable(request.to, outcome.refusals, [...stored.problems, ...problems]);

  const entries = new Map<BackupSet, Entry>(
    stored.databases.flatMap((each) => each.entries.map((entry) => [entry.set, entry] as const)),
  );
  const entryOf = (set: BackupSet): Entry => entries.get(set)!;
  const databases = outcome.plans.map((one) => ({ plan: one, targetDatabase: names(one.database) }));
  const targetTime = new Date(outcome.targetMs).toISOString();
  const { source, target: instance } = request;
  const facts = { restoreId, source, target: instance, requestedTime: request.to, requestedAt: input.requestedAt };
  const written = await writePlan(store, { ...facts, targetTime, databases, entryOf });

  const planned = databases.map((each) => plannedDatabase(each, entryOf, input.logsPerSlice));
  const used = outcome.plans.flatMap(setsOf);
  const made = checkSize({
    ...written,
    targetTime,
    databases: planned,
    totalBytes: planned.reduce((sum, { totalBytes }) => sum + totalBytes, 0),
    fileCount: used.reduce((sum, set) => sum + set.files.length, 0),
    parallel: input.parallel,
    commands: planCommands({ restoreId, databases, dataPath: input.targetDataPath, logPath: input.targetLogPath }),
  });
  return { plan: made, manifests: used.map((set) => entryOf(set).manifest) };
}

interface Stored {
  readonly databases: readonly DatabaseEntries[];
  readonly problems: readonly Problem[];
}

async function readStored(
  store: string,
  { request }: Input,
  control: TaskControl,
  doomed: ReadonlySet<string>,
): Promise<Stored> {
  const { source } = request;
  const { databases: wanted, problems: found } = await selectDatabases(store, source, request.databases);
  if (wanted.length === 0) throw failure('UnknownDatabase', `The store holds no backup of any database of ${source}`);

  const stands = ({ manifest }: Entry): boolean => !doomed.has(manifest);
  const databases: DatabaseEntries[] = [];
  const problems: Problem[] = [...found];
  for (const database of wanted) {
    control.signal.throwIfAborted();
    const folder = await openFolder(store, source, database);
    const read = folder === null ? { entries: [], lost: [], problems: [] } : await readManifests(store, source, folder);
    databases.push({ database, entries: read.entries.filter(stands), lost: read.lost.filter(stands) });
    problems.push(...read.problems);
  }
  return { databases, problems };
}

/** `latest` for everything in the store must not quietly mean the last day of a database that was dropped. */
function refuseLaggards(databases: readonly DatabaseEntries[]): void {
  const { behind, othersMs } = laggards(
    databases.map(({ database, entries }) => ({ database, sets: entries.map(({ set }) => set) })),
  );
  if (behind.length === 0) return;
  const shown = behind.slice(0, 5).map(({ database, latestMs }) => `${database} at ${moment(latestMs)}`);
  if (behind.length > shown.length) shown.push(`and ${behind.length - shown.length} more`);
  throw failure(
    'InvalidInput',
    `The backups of some databases end long before ${moment(othersMs)}, which the others reach: ${shown.join(', ')}. Name the databases to restore, or a time`,
  );
}

function notReachable(asked: string, refusals: readonly Refusal[], problems: readonly Problem[]): Error {
  const shown = refusals.slice(0, 5).map((refusal) => {
    const before = refusal.nearestBeforeMs === null ? 'none before it' : `before it ${moment(refusal.nearestBeforeMs)}`;
    const after = refusal.nearestAfterMs === null ? 'none after it' : `after it ${moment(refusal.nearestAfterMs)}`;
    return `${refusal.database}: ${refusal.reason} Nearest reachable times: ${before}, ${after}.`;
  });
  if (refusals.length > shown.length) shown.push(`And ${refusals.length - shown.length} more databases.`);
  const concerned = problems.filter(({ database }) => refusals.some((refusal) => refusal.database === database));
  if (concerned.length > 0) {
    const first = concerned.slice(0, 3).map(({ message }) => message);
    shown.push(`Not used because of their files: ${concerned.length} (${first.join('; ')}).`);
  }
  return failure('TargetTimeNotReachable', `${asked} cannot be reached. ${shown.join(' ')}`, {
    details: [{ refusals: refusals.slice(0, 50), problems: concerned.slice(0, 20) }],
  });
}

function setsOf(one: DatabasePlan): readonly BackupSet[] {
  return restoreSteps(one).map(({ set }) => set);
}

function plannedDatabase(
  { plan: one, targetDatabase }: { readonly plan: DatabasePlan; readonly targetDatabase: string },
  entryOf: (set: BackupSet) => Entry,
  logsPerSlice: number,
): PlannedDatabase {
  const planned = (set: BackupSet): PlannedSet => ({
    manifest: entryOf(set).manifest,
    kind: set.kind,
    startedAt: set.startedAt,
    finishedAt: set.finishedAt,
    sizeBytes: storedBytes(set),
  });
  const orNull = (set: BackupSet | null | undefined): PlannedSet | null => (set ? planned(set) : null);
  const sets = setsOf(one);
  const { database, base, differential, logs, reach } = one;
  return {
    database,
    targetDatabase,
    base: planned(base),
    differential: orNull(differential),
    logCount: logs.length,
    firstLog: orNull(logs[0]),
    lastLog: orNull(logs.at(-1)),
    totalBytes: sets.reduce((sum, set) => sum + storedBytes(set), 0),
    reach,
    slices: slices({ stepCount: sets.length, dataSteps: sets.length - logs.length, logsPerSlice }),
  };
}

function checkSize(summary: RestorePlan): RestorePlan {
  if (Buffer.byteLength(JSON.stringify(summary)) <= mostSummaryBytes) return summary;
  throw failure(
    'InvalidInput',
    `${summary.databases.length} databases are too many for one restore; name fewer of them`,
  );
}

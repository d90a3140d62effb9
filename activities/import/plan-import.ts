import type { FoundBackup, ImportPlan, ImportRef, SkippedBackup, SkipReason } from '../../workflows/contracts.ts';
import {
  checkImportRequest,
  importFolder,
  isHarmless,
  type ImportRequest,
} from '../../workflows/domain/import-request.ts';
import { issuesText } from '../../workflows/domain/request.ts';
import { taskControl, withServer, type ActivityDeps } from '../deps.ts';
import type { ImportSet } from '../executor/import/document.ts';
import { failure } from '../failure.ts';
import { stopIfCancelled, withHeartbeat } from '../heartbeat.ts';
import { databaseStates } from '../sql-server/databases.ts';
import { serverFacts } from '../sql-server/facts.ts';
import { fileListOf } from '../sql-server/header.ts';
import { backupStaging, onServer, restoreStaging } from '../sql-server/paths.ts';
import { chooseSets, importSet, type Candidate } from './choose.ts';
import { orSkipped, readMedia, type Medium } from './media.ts';

const named = 100;
const setsPerSlice = 50;
const bytesPerSlice = 50 * 1024 ** 3;

type Input = ImportRef & { readonly request: ImportRequest };

export function planImport(deps: ActivityDeps, { request, importId }: Input): Promise<ImportPlan> {
  return withHeartbeat(async (pulse) => {
    const issues = checkImportRequest(request);
    if (issues.length > 0) throw failure('InvalidInput', issuesText(issues), { details: [issues] });
    const { instance } = request;
    const control = taskControl(pulse);
    const path = importFolder(request.folder) ?? '';
    const listed = (await deps.platform.run(instance, 'listStaged', { path }, control)).files;
    const files = listed.filter((file) => ![backupStaging, restoreStaging].includes(file.path.split('/')[0] ?? ''));
    if (files.length === 0) throw failure('FileMissing', `There is no file below ${request.folder} of ${instance}`);

    let looked = 0;
    return withServer(deps, instance, { session: importId }, async (server) => {
      const facts = await serverFacts(server);
      const databases = await databaseStates(server);
      const { media, skipped } = await readMedia(server, facts, files, (file) => {
        stopIfCancelled(pulse.signal);
        pulse.report({ reading: file, done: looked, of: files.length });
        looked += 1;
      });
      const { known, ids } = await stored(deps, instance, media, control);
      const { utcOffsetMinutes, serverName } = facts;
      const options = {
        instance,
        serverName,
        utcOffsetMinutes,
        wanted: request.databases,
        databases,
        stored: ids,
        known,
      };
      const chosen = chooseSets(media, options);

      const firsts = new Map<Medium, ImportSet>();
      const sets: ImportSet[] = [];
      const bytesOf = new Map<ImportSet, number>();
      const skips: SkippedBackup[] = [...skipped, ...chosen.skipped];
      for (const candidate of chosen.candidates) {
        stopIfCancelled(pulse.signal);
        const { medium, row } = candidate;
        const first = firsts.get(medium) ?? null;
        const file = medium.files[0] ?? '';
        const list = await orSkipped(skips, file, () => fileListOf(server, onServer(file), row.position));
        const set = list && orOdd(skips, candidate, () => importSet(candidate, list, first, options));
        if (!set) continue;
        if (first === null) firsts.set(medium, set);
        sets.push(set);
        if (set.twin === null) bytesOf.set(set, medium.sizeBytes);
      }
      const written = await deps.platform.runOnStore(instance, 'writeImport', { instance, importId, sets }, control);
      const sizes = sets.map((set) => bytesOf.get(set) ?? 0);
      return {
        ...written,
        count: sets.length,
        sizeBytes: sizes.reduce((sum, bytes) => sum + bytes, 0),
        slices: slicesOf(sizes),
        found: sets.slice(0, named).map(found),
        ...summary(skips),
      };
    });
  });
}

/** A header that no manifest can be made of is that set's trouble. */
function orOdd(skips: SkippedBackup[], { medium, row }: Candidate, make: () => ImportSet): ImportSet | null {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const { position, database } = row;
    const why = `its header cannot be used: ${error.message}`;
    skips.push({ file: medium.files[0] ?? '', position, database, reason: 'unreadable', why });
    return null;
  }
}

interface Stored {
  readonly known: ReadonlySet<string>;
  readonly ids: ReadonlySet<string>;
}

async function stored(
  { platform }: ActivityDeps,
  instance: string,
  media: readonly Medium[],
  control: Parameters<ActivityDeps['platform']['runOnStore']>[3],
): Promise<Stored> {
  const { databases } = await platform.runOnStore(instance, 'storedDatabases', { instance }, control);
  const concerned = new Set(media.flatMap(({ sets }) => sets.map(({ database }) => database?.toLowerCase())));
  const wanted = databases.filter((database) => concerned.has(database.toLowerCase()));
  const { ids } = await platform.runOnStore(instance, 'storedIds', { instance, databases: wanted }, control);
  return { known: new Set(databases), ids: new Set(ids) };
}

function found({ sources, set }: ImportSet): FoundBackup {
  const { database, kind, copyOnly, finishedAt, position } = set;
  return { database, kind, copyOnly, finishedAt, file: sources[0] ?? '', position, stripes: sources.length };
}

function summary(skipped: readonly SkippedBackup[]): Pick<ImportPlan, 'skipped' | 'skippedCounts'> {
  const counts: Partial<Record<SkipReason, number>> = {};
  for (const { reason } of skipped) counts[reason] = (counts[reason] ?? 0) + 1;
  const ordered = skipped.toSorted((a, b) => Number(isHarmless(a.reason)) - Number(isHarmless(b.reason)));
  return { skipped: ordered.slice(0, named), skippedCounts: counts };
}

function slicesOf(sizes: readonly number[]): (readonly [number, number])[] {
  const slices: (readonly [number, number])[] = [];
  let [from, bytes] = [0, 0];
  for (const [i, size] of sizes.entries()) {
    if (i > from && (i - from >= setsPerSlice || bytes + size > bytesPerSlice)) {
      slices.push([from, i]);
      [from, bytes] = [i, 0];
    }
    bytes += size;
  }
  return from < sizes.length ? [...slices, [from, sizes.length]] : slices;
}

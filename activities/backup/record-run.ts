import { basename } from 'node:path/posix';
import type { Activities, DatabaseExposure, DatabaseFailure } from '../../workflows/contracts.ts';
import { safeName } from '../../workflows/domain/naming.ts';
import { now, taskControl, withServer, type ActivityDeps } from '../deps.ts';
import type { TaskControl } from '../executor/tasks.ts';
import { layout } from '../executor/store/layout.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { openMetrics } from '../metrics.ts';
import { databaseStates } from '../sql-server/databases.ts';
import { backupStaging } from '../sql-server/paths.ts';
import { exposed, standings, standingSummary, type Standing } from './exposure.ts';

const namedDatabases = 100;

type Input = Parameters<Activities['recordRun']>[0];

/** Checks every chain against the server, writes the run's report into the store, and records the metrics. */
export function recordRun(deps: ActivityDeps): Activities['recordRun'] {
  return (input) =>
    withHeartbeat(async (pulse) => {
      const all = await standingsOf(deps, input, taskControl(pulse));
      const broken = brokenOf(all, input);
      const report = layout.run(input.instance, input.run);
      const text = `${JSON.stringify(reportOf(deps, input, all, broken), null, 2)}\n`;
      await deps.platform.run(input.instance, 'writeFile', { path: report, text }, taskControl(pulse));
      record(deps, input, all, broken);
      return {
        report,
        broken: broken.slice(0, namedDatabases),
        exposure: all.slice(0, namedDatabases).map(exposureOf),
        maxExposureSeconds: maxExposure(all),
        standing: standingSummary(all, now(deps)),
      };
    });
}

/**
 * Other runs go on meanwhile. A chain is broken when the store says so as it was before the server was looked at and as it was
 * after, and nothing is staged that would mend it.
 */
async function standingsOf(deps: ActivityDeps, input: Input, control: TaskControl): Promise<Standing[]> {
  const { instance } = input;
  const chains = async () => (await deps.platform.run(instance, 'chains', { instance, look: false }, control)).chains;
  const before = await chains();
  const databases = await withServer(deps, instance, { session: input.run }, databaseStates);
  const first = standings(databases, before, now(deps));
  if (first.every((standing) => standing.broken === null)) return first;

  const { files } = await deps.platform.run(instance, 'listStaged', { path: backupStaging }, control);
  const staged = files.map((file) => basename(file.path));
  const brokenBefore = new Set(first.flatMap(({ database, broken }) => (broken === null ? [] : database)));
  return standings(databases, await chains(), now(deps)).map((standing) => {
    const onItsWay = staged.some((file) => file.startsWith(`${safeName(standing.database)}_`));
    return onItsWay || !brokenBefore.has(standing.database) ? { ...standing, broken: null } : standing;
  });
}

/** Of the databases of this run; one that failed has told its reason already. */
function brokenOf(all: readonly Standing[], input: Input): DatabaseFailure[] {
  const asked = new Set(input.databases);
  for (const each of input.failed) asked.delete(each.database);
  return all.flatMap(({ database, broken }) =>
    broken === null || !asked.has(database)
      ? []
      : [{ database, type: 'ChainBroken', message: `After this run its chain in the store is not whole: ${broken}` }],
  );
}

function reportOf(
  deps: ActivityDeps,
  input: Input,
  all: readonly Standing[],
  broken: readonly DatabaseFailure[],
): unknown {
  const { databases, failed, ...run } = input;
  return {
    formatVersion: 1,
    ...run,
    finishedAt: new Date(now(deps)).toISOString(),
    backedUp: databases,
    failed,
    broken,
    maxExposureSeconds: maxExposure(all),
    databases: all,
  };
}

function record(deps: ActivityDeps, input: Input, all: readonly Standing[], broken: readonly DatabaseFailure[]): void {
  const { instance, kind, failed } = input;
  const finishedMs = now(deps);
  const seconds = (finishedMs - Date.parse(input.startedAt)) / 1000;
  const metrics = openMetrics(deps);
  metrics.backupRun({ instance, kind, seconds, failed, broken: broken.length });
  for (const [reason, databases] of Object.entries(input.mended ?? {})) metrics.mended(instance, reason, databases);
  const { counts, earliestLatestRestorable } = standingSummary(all, finishedMs);
  metrics.stands({
    instance,
    observedMs: finishedMs,
    databases: exposed(all).map(({ database, latestRestorable }) => ({
      database,
      latestRestorableMs: epochMs(latestRestorable),
    })),
    counts,
    earliestLatestMs: epochMs(earliestLatestRestorable),
    run: { kind, finishedMs, seconds, complete: failed.length === 0 && broken.length === 0 },
  });
}

function exposureOf({ database, latestRestorable, exposureSeconds }: Standing): DatabaseExposure {
  return { database, latestRestorable, exposureSeconds };
}

function maxExposure(all: readonly Standing[]): number | null {
  const known = all.flatMap((standing) => standing.exposureSeconds ?? []);
  return known.length === 0 ? null : Math.max(...known);
}

function epochMs(iso: string | null): number | null {
  return iso === null ? null : Date.parse(iso);
}

import { basename } from 'node:path/posix';
import { Context, log } from '@temporalio/activity';
import type { Activities, CommitOutcome, CommittedSet, DatabaseFailure, RunRef } from '../../workflows/contracts.ts';
import { failures } from '../../workflows/domain/failures.ts';
import { taskControl, withServer, type ActivityDeps } from '../deps.ts';
import type { StagedSet, TaskControl, Tasks } from '../executor/tasks.ts';
import { failure } from '../failure.ts';
import { stopIfCancelled, withHeartbeat, type Pulse } from '../heartbeat.ts';
import { openMetrics } from '../metrics.ts';
import { serverFacts } from '../sql-server/facts.ts';
import { lockOf, takeLock } from '../sql-server/locks.ts';
import { backupStaging, stagingOfRun } from '../sql-server/paths.ts';
import { findStaged } from './find-staged.ts';

const setsPerTask = 100;
const namedSets = 100;
/** A volume that is full or away may come back; after so many attempts the next run takes the rest. */
const patientAttempts = 5;

/**
 * Copies every finished backup on the instance's volume to the store, whichever run took it. What msdb knows is taken
 * from msdb, what it does not know from the file itself; what is neither is a backup that was cut off.
 */
export function commitStaged(deps: ActivityDeps): Activities['commitStaged'] {
  return (run) =>
    withHeartbeat(async (pulse) => {
      const control = taskControl(pulse);
      const { files } = await deps.platform.run(run.instance, 'listStaged', { path: backupStaging }, control);
      if (files.length === 0) return nothing;

      const found = await withServer(deps, run.instance, { session: run.run }, async (connection) =>
        findStaged({
          connection,
          endpoint: await deps.platform.endpoint(run.instance),
          facts: await serverFacts(connection),
          run,
          files: files.map((file) => file.path),
          pulse,
        }),
      );
      if (found.torn.length > 0) {
        log.warn('Backups that were cut off are removed', { files: found.torn.slice(0, 20) });
        await deps.platform.run(run.instance, 'removeStaged', { paths: found.torn }, control);
      }
      const outcome = await commitAll(deps, run.instance, found.sets, pulse);
      for (const folder of found.folders.filter((folder) => folder !== stagingOfRun(run.run))) {
        await removeForeignFolder(deps, run, folder, control);
      }
      return {
        ...outcome,
        torn: found.torn.length,
        failed: [...found.failed, ...outcome.failed],
      };
    });
}

const nothing: CommitOutcome = { count: 0, sizeBytes: 0, sets: [], torn: 0, failed: [] };

async function commitAll(
  deps: ActivityDeps,
  instance: string,
  sets: readonly StagedSet[],
  pulse: Pulse,
): Promise<Omit<CommitOutcome, 'torn'>> {
  const committed: CommittedSet[] = [];
  const failed: DatabaseFailure[] = [];
  const bySet = new Map(sets.map((staged) => [staged.set.id, staged.set]));
  const control = taskControl(pulse, (progress) => ({ committed: committed.length, of: sets.length, ...progress }));
  for (let from = 0; from < sets.length; from += setsPerTask) {
    stopIfCancelled(pulse.signal);
    const batch = sets.slice(from, from + setsPerTask);
    const outcome = await deps.platform.run(instance, 'commit', { instance, sets: batch }, control);
    const done = outcome.committed.map(({ setId, database, manifest, sizeBytes }): CommittedSet => {
      return { database, kind: bySet.get(setId)?.kind ?? 'full', manifest, sizeBytes };
    });
    committed.push(...done);
    openMetrics(deps).committed(instance, done);
    failed.push(...outcome.failed.map(({ database, type, message }) => ({ database, type, message })));
    waitIfItMayPass(outcome.failed);
  }
  return {
    count: committed.length,
    sizeBytes: committed.reduce((sum, set) => sum + set.sizeBytes, 0),
    sets: committed.slice(0, namedSets),
    failed,
  };
}

/** The folder of a run that ended without its clean-up; not while that run still backs up into it. */
async function removeForeignFolder(
  deps: ActivityDeps,
  run: RunRef,
  folder: string,
  control: TaskControl,
): Promise<void> {
  await withServer(deps, run.instance, { session: run.run, single: true }, async (session) => {
    if (!(await takeLock(session, lockOf.run(basename(folder)), { mode: 'Exclusive', wait: 0 }))) return;
    await deps.platform.run(run.instance, 'removeFolder', { path: folder, recursive: false }, control);
  });
}

/** The others are committed by now; trying again copies only what is left. */
function waitIfItMayPass(failed: Tasks['commit']['output']['failed']): void {
  const passing = failed.find((each) => failures[each.type].retryable);
  if (passing === undefined || Context.current().info.attempt >= patientAttempts) return;
  throw failure(passing.type, `Commit ${passing.database}: ${passing.message}`);
}

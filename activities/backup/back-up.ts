import { Context } from '@temporalio/activity';
import type { Activities, BackUpOutcome } from '../../workflows/contracts.ts';
import { taskControl, type ActivityDeps } from '../deps.ts';
import { inLanes } from '../executor/io/lanes.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { connect } from '../sql-server/connection.ts';
import { canCompress, serverFacts } from '../sql-server/facts.ts';
import { finishedBackups, historyMark } from '../sql-server/history.ts';
import { lockOf, takeLock } from '../sql-server/locks.ts';
import { stagingOfRun } from '../sql-server/paths.ts';
import { lendSessions } from '../sql-server/sessions.ts';
import { backUpOne, type Outcome } from './back-up-one.ts';
import { openBoard } from './board.ts';
import { namesOfRun, type BackupLane } from './take-backup.ts';

/**
 * Backs up several databases at a time. What an earlier attempt finished is adopted, so it can be retried at any point:
 * BACKUP LOG moves the log's archive point, and a second one for the same slot would be a hole in the chain if its file
 * were lost.
 */
export function backUpDatabases(deps: ActivityDeps): Activities['backUpDatabases'] {
  return ({ work, ...run }) =>
    withHeartbeat(async (pulse) => {
      const endpoint = await deps.platform.endpoint(run.instance);
      const sessions = lendSessions({
        endpoint,
        session: run.run,
        prepare: async (session) => {
          await takeLock(session, lockOf.run(run.run), { mode: 'Shared', wait: pulse.signal });
        },
      });
      const history = await connect(endpoint, { session: run.run });
      try {
        const mark = await historyMark(history);
        const finished = await finishedBackups(history, namesOfRun(run.run), 0);
        const lane: BackupLane = {
          run,
          sessions,
          mark,
          finished: new Set(finished.map((backup) => backup.name)),
          compress: canCompress((await serverFacts(history)).edition),
          board: openBoard(work.length, pulse.report),
          makeFolder: async () => {
            await deps.platform.run(run.instance, 'makeFolder', { path: stagingOfRun(run.run) }, taskControl(pulse));
          },
          attempt: Context.current().info.attempt,
          signal: pulse.signal,
        };
        const outcomes = await inLanes(work, deps.settings.limits.backupsAtOnce, (item) => backUpOne(lane, item));
        return summary(outcomes);
      } finally {
        await Promise.all([sessions.closeAll(), history.close().catch(() => undefined)]);
      }
    });
}

function summary(outcomes: readonly Outcome[]): BackUpOutcome {
  const adopted = outcomes.filter((outcome) => outcome === 'adopted').length;
  return {
    done: adopted + outcomes.filter((outcome) => outcome === 'done').length,
    adopted,
    failed: outcomes.filter((outcome) => typeof outcome === 'object'),
  };
}

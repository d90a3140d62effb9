import { randomBytes } from 'node:crypto';
import { log } from '@temporalio/activity';
import type { Inspection, RunRef } from '../../workflows/contracts.ts';
import { backupStatement } from '../../workflows/domain/commands.ts';
import { backupFileName, backupName } from '../../workflows/domain/naming.ts';
import type { SqlConnection } from '../sql-server/connection.ts';
import { finishedBackups } from '../sql-server/history.ts';
import { giveLock, lockOf, takeLock } from '../sql-server/locks.ts';
import { serverErrors } from '../sql-server/map-error.ts';
import { onServer, stagingOfRun } from '../sql-server/paths.ts';
import { percentOf } from '../sql-server/percent.ts';
import type { Sessions } from '../sql-server/sessions.ts';
import type { Board } from './board.ts';

export type Item = Inspection['work'][number];

/** What the databases of one activity share. */
export interface BackupLane {
  readonly run: RunRef;
  readonly sessions: Sessions;
  /** Place in msdb's history after which this run's backups lie. */
  readonly mark: number;
  /** NAMEs of this run's backups that were finished when the activity began. */
  readonly finished: ReadonlySet<string>;
  readonly compress: boolean;
  readonly board: Board;
  /** Makes the staging folder anew when it has gone. */
  readonly makeFolder: () => Promise<void>;
  /** Of the activity. */
  readonly attempt: number;
  readonly signal: AbortSignal;
}

/** Every backup of a run has a NAME that begins so (naming.backupName). */
export function namesOfRun(run: string): string {
  return `mssql-pitr ${run}`;
}

/** `left`: another run is taking the backup that this one would take only to mend the chain. */
export type Taken = 'done' | 'adopted' | 'left';

/** A log run must not stand still for hours behind the full backup that makes its own full unnecessary. */
const mendingWaitMs = 5_000;
const historyNotWritten = 3009;

/** Takes the backup under the database's lock, unless one of this run's NAME is finished already. */
export async function takeBackup(lane: BackupLane, session: SqlConnection, item: Item): Promise<Taken> {
  const { database, action, reason } = item;
  const { board, signal } = lane;
  const name = backupName(lane.run.run, database, action);
  if (lane.finished.has(name)) return 'adopted';

  const lock = lockOf.backup(database, action);
  board.set(database, action);
  if (!(await takeLock(session, lock, { mode: 'Exclusive', wait: 0 }))) {
    board.set(database, `${action}, waits for another backup of it`);
    const wait = reason === undefined ? signal : mendingWaitMs;
    if (!(await takeLock(session, lock, { mode: 'Exclusive', wait }))) return 'left';
  }
  // Whoever held the lock may have been this run's own, earlier attempt.
  const finished = await finishedBackups(session, name, lane.mark);
  const adopted = finished.some((backup) => backup.name === name);
  if (!adopted) {
    board.set(database, `${action}, 0 %`);
    await backUp(lane, session, item, name);
  }
  await giveLock(session, lock);
  return adopted ? 'adopted' : 'done';
}

async function backUp(lane: BackupLane, session: SqlConnection, { database, action }: Item, name: string) {
  const attempt = `${lane.attempt}-${randomBytes(3).toString('hex')}`;
  const file = `${stagingOfRun(lane.run.run)}/${backupFileName(lane.run.run, database, action, attempt)}`;
  try {
    await session.statement(
      backupStatement({ database, kind: action, files: [onServer(file)], name, compression: lane.compress }),
      {
        signal: lane.signal,
        onMessage: (message) => {
          const percent = percentOf(message);
          if (percent !== null) lane.board.set(database, `${action}, ${percent} %`);
        },
      },
    );
  } catch (error) {
    // 3009: the backup is whole, only msdb has no record of it; committing goes by the file's own header.
    if (!serverErrors(error).some((message) => message.number === historyNotWritten)) throw error;
    log.warn('msdb did not record a backup', { database, file });
  }
}

import { log } from '@temporalio/activity';
import type { DatabaseFailure } from '../../workflows/contracts.ts';
import { failureType } from '../failure.ts';
import { pause, stopIfCancelled } from '../heartbeat.ts';
import { mapSqlError, type MappedError } from '../sql-server/map-error.ts';
import { takeBackup, type BackupLane, type Item, type Taken } from './take-backup.ts';

const tries = 4;

export type Outcome = Taken | DatabaseFailure;

/**
 * Backs up one database, or finds it done. Its own failure is a result; the failure of the whole server is thrown.
 * @throws failure ServerUnavailable when no new session can be had, and the cancellation
 */
export async function backUpOne(lane: BackupLane, item: Item): Promise<Outcome> {
  const { database } = item;
  for (let n = 1; ; n += 1) {
    stopIfCancelled(lane.signal);
    const session = await lane.sessions.take();
    try {
      const outcome = await takeBackup(lane, session, item);
      lane.sessions.giveBack(session);
      lane.board.finish(database, outcome);
      return outcome;
    } catch (error) {
      await lane.sessions.drop(session);
      stopIfCancelled(lane.signal);
      const mapped = describe(error);
      // A missing folder reads as "access denied" on Linux; a run that commits left-overs removes empty ones.
      const folderGone = n === 1 && mapped.type === 'AccessDenied';
      if (folderGone) await lane.makeFolder();
      if (n === tries || !(folderGone || worthAnotherTry(mapped))) {
        lane.board.finish(database, 'failed');
        return { database, type: mapped.type, message: clip(mapped.text) };
      }
      log.warn('A backup is tried again', { database, type: mapped.type, message: mapped.text });
      lane.board.set(database, `again after: ${clip(mapped.text, 100)}`);
      await pause(n * 1_000, lane.signal);
    }
  }
}

/** Errors of statements are still raw; those of queries and logins are failures already. */
function describe(error: unknown): MappedError {
  const type = failureType(error);
  return type === null ? mapSqlError(error) : { type, number: null, text: (error as Error).message };
}

/** A lost connection, or a state that passes: the database comes up, another backup or a deadlock ends. */
function worthAnotherTry({ type }: MappedError): boolean {
  return type === 'ServerUnavailable' || type === 'DatabaseInUse';
}

/** A hundred failures must still be a small payload. */
function clip(text: string, most = 400): string {
  return text.length <= most ? text : `${text.slice(0, most)}…`;
}

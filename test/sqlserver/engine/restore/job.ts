import type { RestoreStatement, StatementContext } from '../../contracts.ts';
import type { BackupSet } from '../backup/set.ts';
import type { EngineDatabase } from '../database.ts';
import type { EngineInstance } from '../instance.ts';
import { sqlError } from '../messages.ts';
import type { MediaSet, OpenSet } from './media-set.ts';

/** One RESTORE statement that reads a backup set. */
export interface RestoreJob {
  readonly instance: EngineInstance;
  readonly statement: RestoreStatement;
  readonly context: StatementContext;
  readonly media: MediaSet;
  readonly open: OpenSet;
  readonly set: BackupSet;
  readonly startMs: number;
}

/** What a finished step says. */
export interface Restored {
  readonly database: EngineDatabase;
  readonly dataPages: number;
  readonly logPages: number;
  /** The stop point was not in this backup: more log has to come, whatever the statement says about recovery. */
  readonly waitsForMore: 'time' | 'mark' | undefined;
}

const notReady = () =>
  sqlError(3117, 'The log or differential backup cannot be restored because no files are ready to rollforward.');

export const interrupted = (database: EngineDatabase) =>
  sqlError(
    4319,
    `A previous restore operation was interrupted and did not complete processing on file '${database.entry.files[0]?.logicalName ?? database.name}'. Either restore the backup set that was interrupted or restart the restore sequence.`,
  );

/** A database that can take a differential or a log. @throws SqlError 3118, 3117 */
export function restoringDatabase(job: RestoreJob): EngineDatabase {
  const { instance, statement } = job;
  const database = instance.database(statement.database);
  if (database === undefined) {
    throw sqlError(
      3118,
      `The database "${statement.database}" does not exist. RESTORE can only create a database when restoring either a full backup or a file backup of the primary file.`,
    );
  }
  if (database.boot?.restore == null) throw notReady();
  return database;
}

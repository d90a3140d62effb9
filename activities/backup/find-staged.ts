import { dirname } from 'node:path/posix';
import { log } from '@temporalio/activity';
import type { DatabaseFailure, RunRef } from '../../workflows/contracts.ts';
import type { StagedSet } from '../executor/tasks.ts';
import { stopIfCancelled, type Pulse } from '../heartbeat.ts';
import type { SqlEndpoint } from '../platform/platform.ts';
import type { SqlConnection } from '../sql-server/connection.ts';
import type { ServerFacts } from '../sql-server/facts.ts';
import { historyOf } from '../sql-server/history.ts';
import { backupStaging, onServer } from '../sql-server/paths.ts';
import { examineUnrecorded } from './examine-unrecorded.ts';
import { matchHistory } from './match-history.ts';

export interface FindOptions {
  readonly connection: SqlConnection;
  readonly endpoint: SqlEndpoint;
  readonly facts: ServerFacts;
  readonly run: RunRef;
  /** Relative to the SQL root. */
  readonly files: readonly string[];
  readonly pulse: Pulse;
}

export interface Found {
  readonly sets: readonly StagedSet[];
  /** Files of backups that were cut off. */
  readonly torn: readonly string[];
  readonly failed: readonly DatabaseFailure[];
  /** Folders that files were found in. */
  readonly folders: readonly string[];
}

/** Says of every staged file what it is. Files that a running backup may be writing are in none of the lists. */
export async function findStaged(options: FindOptions): Promise<Found> {
  const { connection, facts, run, pulse } = options;
  const sets: StagedSet[] = [];
  const torn: string[] = [];
  const failed: DatabaseFailure[] = [];
  const byFolder = Map.groupBy(options.files, (file) => dirname(file));
  for (const [folder, files] of byFolder) {
    stopIfCancelled(pulse.signal);
    if (dirname(folder) !== backupStaging) {
      log.warn('Files in the staging folder that belong to no run are left alone', { folder });
      byFolder.delete(folder);
      continue;
    }
    pulse.report({ looking: folder, files: files.length });
    const history = await historyOf(connection, onServer(`${folder}/`), facts.majorVersion);
    const matched = matchHistory(files, history, { run, utcOffsetMinutes: facts.utcOffsetMinutes });
    sets.push(...matched.sets);
    failed.push(...matched.failed);
    if (matched.foreign.length > 0)
      log.warn('Staged backups that no run took are left alone', { files: matched.foreign });
    if (matched.unrecorded.length === 0) continue;
    const examined = await examineUnrecorded({
      ...options,
      folder,
      files: matched.unrecorded,
      recorded: matched.sets,
    });
    sets.push(...examined.sets);
    torn.push(...examined.torn);
    failed.push(...examined.failed);
  }
  return { sets, torn, failed, folders: [...byFolder.keys()] };
}

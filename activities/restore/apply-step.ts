import type { BackupSet } from '../../workflows/domain/backup-set.ts';
import { restoreStatement } from '../../workflows/domain/commands.ts';
import { addedFiles, moveClauses, type Move } from '../../workflows/domain/move.ts';
import type { StagedStep } from '../executor/tasks.ts';
import type { SqlConnection } from '../sql-server/connection.ts';
import { serverErrors, sqlFailure } from '../sql-server/map-error.ts';
import { onServer } from '../sql-server/paths.ts';
import { percentOf } from '../sql-server/percent.ts';

export interface ApplyOptions {
  readonly session: SqlConnection;
  readonly targetDatabase: string;
  readonly base: BackupSet;
  readonly token: string;
  readonly dataPath: string;
  readonly logPath: string;
  readonly signal: AbortSignal;
  readonly onPercent: (percent: number) => void;
}

/**
 * `applied` and the database waits for more; `reached`: the engine stopped inside this log; `contained`: the database is
 * beyond it already; `beyond`: it begins after the point that the database waits for; `interrupted`: an earlier
 * restore was cut off and has to be begun anew.
 */
export type Applied = 'applied' | 'reached' | 'contained' | 'beyond' | 'interrupted';

/** Database Engine events and errors, 4000 to 4999. */
const messages = {
  /** Informational: the stop point does not lie in this log. */
  stopNotInside: 4322,
  tooEarly: 4326,
  tooRecent: 4305,
  interrupted: 4319,
};

/** One RESTORE … WITH NORECOVERY. */
export async function applyStep(step: StagedStep, options: ApplyOptions): Promise<Applied> {
  const { session, targetDatabase, signal, onPercent } = options;
  const { set, stopAt, files } = step;
  const statement = restoreStatement({
    database: targetDatabase,
    kind: set.kind,
    files: files.map(onServer),
    position: set.position,
    moves: movesOf(step, options),
    checksum: set.hasChecksums,
    stopAt,
  });
  let goesOn = stopAt === null;
  try {
    await session.statement(statement, {
      signal,
      onMessage: (message) => {
        if (message.number === messages.stopNotInside) goesOn = true;
        const percent = percentOf(message);
        if (percent !== null) onPercent(percent);
      },
    });
  } catch (error) {
    if (signal.aborted) throw error;
    const numbers = serverErrors(error).map((message) => message.number);
    if (numbers.includes(messages.tooEarly)) return 'contained';
    if (numbers.includes(messages.tooRecent)) return 'beyond';
    if (numbers.includes(messages.interrupted)) return 'interrupted';
    throw sqlFailure(error, `Restore ${targetDatabase} from ${set.files[0]?.name ?? set.name}`);
  }
  return goesOn ? 'applied' : 'reached';
}

/** Every file of the base goes to a place of its own on the target; so do files that were added to the database later. */
function movesOf({ index, set }: StagedStep, options: ApplyOptions): Move[] {
  const files = index === 0 ? set.databaseFiles : addedFiles(options.base.databaseFiles, set.databaseFiles);
  return moveClauses(files, options);
}

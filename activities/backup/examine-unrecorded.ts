import { basename } from 'node:path/posix';
import type { DatabaseFailure } from '../../workflows/contracts.ts';
import { isUncounted } from '../../workflows/domain/uncounted-log.ts';
import type { StagedSet } from '../executor/tasks.ts';
import { failureType } from '../failure.ts';
import { connect, type SqlConnection } from '../sql-server/connection.ts';
import { databaseStates } from '../sql-server/databases.ts';
import { headerOf, verifyOnly, type HeaderRow } from '../sql-server/header.ts';
import { historyOf, type SetRow } from '../sql-server/history.ts';
import { lockOf, takeLock } from '../sql-server/locks.ts';
import { mapSqlError } from '../sql-server/map-error.ts';
import { onServer } from '../sql-server/paths.ts';
import type { FindOptions, Found } from './find-staged.ts';
import { matchHistory, takenBy } from './match-history.ts';
import { stagedSet } from './staged-set.ts';

export interface ExamineOptions extends FindOptions {
  /** Staging folder of one run, and the files there that msdb did not know a moment ago. */
  readonly folder: string;
  /** What msdb said of the other files of the folder. */
  readonly recorded: readonly StagedSet[];
}

type Examined = Omit<Found, 'folders'>;

/** A session that has just been closed may need a moment to end on the server. */
const lockWaitMs = 3_000;

/**
 * Files that msdb knows nothing of: a backup that goes on, one that was cut off, or one that finished without a record
 * (3009), or before the server counted it. Whoever holds the run's lock alone knows that no session of ours writes there; without it nothing is touched.
 */
export async function examineUnrecorded(options: ExamineOptions): Promise<Examined> {
  const { endpoint, facts, folder, run } = options;
  const session = await connect(endpoint, { session: run.run, single: true });
  try {
    const alone = await takeLock(session, lockOf.run(basename(folder)), { mode: 'Exclusive', wait: lockWaitMs });
    if (!alone) return { sets: [], torn: [], failed: [] };
    // What was running when msdb was read may have finished since.
    const history = await historyOf(session, onServer(`${folder}/`), facts.majorVersion);
    const matched = matchHistory(options.files, history, { run, utcOffsetMinutes: facts.utcOffsetMinutes });
    const examined: Verdict[] = [];
    for (const file of matched.unrecorded) examined.push(await examine(session, file, options));
    const points = new Map((await databaseStates(session)).map((state) => [state.name, state]));
    const recorded = [...options.recorded, ...matched.sets].map(({ set }) => set);
    const verdicts = examined.map((verdict, i): Verdict => {
      if (verdict.kind !== 'set') return verdict;
      const { set } = verdict.set;
      const state = points.get(set.database);
      const archivePoint = state?.recoveryForkId === set.recoveryForkId ? state.lastLogBackupLsn : null;
      const file = matched.unrecorded[i] ?? '';
      return isUncounted(set, archivePoint, recorded) ? { kind: 'torn', file } : verdict;
    });
    return {
      sets: [...matched.sets, ...verdicts.flatMap((each) => (each.kind === 'set' ? [each.set] : []))],
      torn: verdicts.flatMap((each) => (each.kind === 'torn' ? [each.file] : [])),
      failed: [...matched.failed, ...verdicts.flatMap((each) => (each.kind === 'failed' ? [each.failure] : []))],
    };
  } finally {
    await session.close().catch(() => undefined);
  }
}

/** RESTORE HEADERONLY (Transact-SQL) shows a backup that was cut off as a set of the name *** INCOMPLETE ***, without an end. */
function isWhole(row: HeaderRow): row is SetRow {
  return row.name !== '*** INCOMPLETE ***' && row.finishedAt !== null && row.lastLsn !== null && row.familyId !== null;
}

type Verdict =
  /** Not ours, or gone meanwhile. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'set'; readonly set: StagedSet }
  | { readonly kind: 'torn'; readonly file: string }
  | { readonly kind: 'failed'; readonly failure: DatabaseFailure };

/** Asks the file itself: its header, and, since nothing else vouches for it, whether all of it is there. */
async function examine(session: SqlConnection, file: string, options: ExamineOptions): Promise<Verdict> {
  const { facts, run, pulse } = options;
  const device = onServer(file);
  try {
    const { sets, files } = await headerOf(session, device, facts.majorVersion);
    const [row] = sets;
    if (sets.length > 1) return { kind: 'nothing' };
    if (row === undefined || !isWhole(row)) return { kind: 'torn', file };
    await session.statement(verifyOnly(device, row.checksums), { signal: pulse.signal });
    const set = stagedSet(row, files, {
      instance: run.instance,
      takenBy: takenBy(row.name, run),
      utcOffsetMinutes: facts.utcOffsetMinutes,
      stagedFiles: [file],
    });
    return set === null ? { kind: 'nothing' } : { kind: 'set', set };
  } catch (error) {
    if (pulse.signal.aborted) throw error;
    const type = failureType(error) ?? mapSqlError(error).type;
    if (type === 'FileDamaged') return { kind: 'torn', file };
    if (type === 'FileMissing') return { kind: 'nothing' };
    if (type === 'ServerUnavailable') throw error;
    const message = failureType(error) === null ? mapSqlError(error).text : (error as Error).message;
    return { kind: 'failed', failure: { database: basename(file), type, message } };
  }
}

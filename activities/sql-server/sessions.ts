import { failure } from '../failure.ts';
import { pause, type Pulse } from '../heartbeat.ts';
import type { SqlEndpoint } from '../platform/platform.ts';
import { connect, programName, type SqlConnection } from './connection.ts';
import { serverErrors, sqlFailure } from './map-error.ts';
import { query } from './query.ts';

/** Single connections that are lent to one lane of work at a time, so that a thousand databases need a handful of logins. */
export interface Sessions {
  take(): Promise<SqlConnection>;
  giveBack(session: SqlConnection): void;
  /** Ends a session and, with it, its locks and whatever it still ran. */
  drop(session: SqlConnection): Promise<void>;
  closeAll(): Promise<void>;
}

export interface SessionsOptions {
  readonly endpoint: SqlEndpoint;
  readonly session: string;
  /** Runs once on every new session. */
  readonly prepare?: (session: SqlConnection) => Promise<void>;
}

export function lendSessions({ endpoint, session: name, prepare }: SessionsOptions): Sessions {
  const free: SqlConnection[] = [];
  const all = new Set<SqlConnection>();
  const drop = async (session: SqlConnection): Promise<void> => {
    all.delete(session);
    await session.close().catch(() => undefined);
  };
  return {
    async take() {
      const known = free.pop();
      if (known !== undefined) return known;
      const session = await connect(endpoint, { session: name, single: true });
      all.add(session);
      try {
        await prepare?.(session);
      } catch (error) {
        await drop(session);
        throw error;
      }
      return session;
    },
    giveBack(session) {
      free.push(session);
    },
    drop,
    async closeAll() {
      free.length = 0;
      await Promise.all([...all].map(drop));
    },
  };
}

/** sys.dm_exec_sessions (Transact-SQL); needs VIEW SERVER STATE to show the sessions of others. */
const readSessions = query<{ readonly id: number }, { readonly program: string; readonly host: string }>(
  'Read sys.dm_exec_sessions',
  `SELECT CAST(session_id AS int) AS id
     FROM sys.dm_exec_sessions
    WHERE program_name = @program AND host_name = @host AND session_id <> @@SPID`,
);

/** Rolling back a RESTORE that was killed takes its time. */
const endsWithinMs = 120_000;

/**
 * Ends the sessions that work for a run or restore: those of a worker that is gone, whose statements would go on until they are
 * done. Returns when they have ended.
 * @throws failure ServerUnavailable when they do not
 */
export async function endSessions(connection: SqlConnection, session: string, pulse: Pulse): Promise<void> {
  for (let waited = 0; waited < endsWithinMs; waited += 1_000) {
    const left = await connection.rows(readSessions, { program: programName, host: session });
    if (left.length === 0) return;
    pulse.report({ ending: left.map((row) => row.id) });
    for (const { id } of left) await kill(connection, id, pulse.signal);
    await pause(1_000, pulse.signal);
  }
  throw failure('ServerUnavailable', `Sessions of ${session} do not end`);
}

/** KILL (Transact-SQL): needs ALTER ANY CONNECTION. The number comes from the server; KILL takes no parameter. */
async function kill(connection: SqlConnection, id: number, signal: AbortSignal): Promise<void> {
  try {
    await connection.statement(`KILL ${Math.trunc(id)}`, { signal });
  } catch (error) {
    if (signal.aborted) throw error;
    // 6106: not an active process id; it has ended meanwhile.
    const ended = serverErrors(error).some((message) => message.number === 6106);
    if (!ended) throw sqlFailure(error, `End session ${id}`);
  }
}

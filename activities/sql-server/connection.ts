import { asyncLocalStorage } from '@temporalio/activity';
import sql from 'mssql';
import type { SqlEndpoint } from '../platform/platform.ts';
import { failure } from '../failure.ts';
import { cancellationOf, stopIfCancelled } from '../heartbeat.ts';
import { sqlFailure, type ServerError } from './map-error.ts';
import type { Query, SqlValue } from './query.ts';

/** What sys.dm_exec_sessions shows as program_name of every connection of ours. */
export const programName = 'mssql-pitr';

export interface ConnectOptions {
  /**
   * Run or restore that the connection works for. It is given as host name, so that sys.dm_exec_sessions tells whose
   * session is whose, to a person and to the clean-up.
   */
  readonly session: string;
  /**
   * One connection that is never replaced. A session that holds application locks must not lose them unseen, and a pool
   * would quietly open another connection for one that broke.
   */
  readonly single?: boolean;
  /** Not for RESTORE, which fails from within the database that it restores (3102), nor for locks, which live in master. */
  readonly database?: string;
  readonly readOnlyIntent?: boolean;
  /** Ends the attempt to log in; that of the activity which it is for when absent. */
  readonly signal?: AbortSignal;
}

export interface StatementOptions {
  readonly signal: AbortSignal;
  /** Informational messages as they come: 3211 percent, 3014 success, 4322 stop point not in this log. */
  readonly onMessage?: (message: ServerError) => void;
}

export interface SqlConnection {
  /** @throws failure, mapped */
  rows<Row, Values extends Readonly<Record<string, SqlValue>>>(
    query: Query<Row, Values>,
    values: Values,
    signal?: AbortSignal,
  ): Promise<Row[]>;
  /**
   * Runs one statement for as long as it takes, as a batch of its own, since a failed BACKUP does not end a batch. When the signal aborts
   * it is cancelled, and the server's answer is awaited: then nothing of it goes on.
   * @throws the error of mssql, unmapped, or the cancellation
   */
  statement(text: string, options: StatementOptions): Promise<void>;
  close(): Promise<void>;
}

/** Short statements: catalog views, msdb, locks. Long ones have no limit but their activity's. */
const queryTimeoutMs = 120_000;
const connectTimeoutMs = 15_000;
/** The server answers an attention when the statement has rolled back; a RESTORE takes its time. */
const cancelTimeoutMs = 120_000;

/**
 * Logs in. Certificates are verified unless the settings say otherwise.
 * @throws failure LoginFailed, ServerUnavailable, …, or the cancellation, at once and not only when a mute server's time is over
 */
export async function connect(endpoint: SqlEndpoint, options: ConnectOptions): Promise<SqlConnection> {
  const server = `${endpoint.host}:${endpoint.port}`;
  const signal = options.signal ?? asyncLocalStorage.getStore()?.cancellationSignal;
  if (signal !== undefined) stopIfCancelled(signal);
  const login = { errors: [] as ServerError[], open: true };
  const opening = new Set<Opening>();
  const pool = new sql.ConnectionPool({
    ...configuration(endpoint, options),
    beforeConnect: (connection) => {
      if (!login.open) {
        if (!options.single) return;
        connection.close();
        throw new sql.ConnectionError('The connection to the server was lost', 'ECONNCLOSED');
      }
      opening.add(connection);
      // The driver keeps only the text of a refused login; its number tells more.
      connection.on('errorMessage', (message) => {
        if (login.open) login.errors.push(message);
      });
    },
  });
  // A broken idle connection is found out by the request that wants it.
  pool.on('error', () => undefined);

  const giveUp = (): void => opening.forEach((connection) => connection.close());
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    await pool.connect();
    await pool.request().query('SELECT 1');
  } catch (error) {
    await pool.close().catch(() => undefined);
    if (signal?.aborted) throw cancellationOf(signal);
    throw sqlFailure(withLoginErrors(error, login.errors), `Log in to ${server} as ${endpoint.user}`);
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
  login.open = false;

  return {
    async rows<Row, Values extends Readonly<Record<string, SqlValue>>>(
      query: Query<Row, Values>,
      values: Values,
      signal?: AbortSignal,
    ): Promise<Row[]> {
      const request = pool.request();
      for (const [name, value] of Object.entries(values)) request.input(name, value);
      const stop = signal ?? AbortSignal.timeout(queryTimeoutMs);
      try {
        const result = await cancellable(request, stop, () => request.query<Row>(query.text));
        return [...(result.recordset ?? [])];
      } catch (error) {
        if (signal?.aborted) throw cancellationOf(signal);
        if (stop.aborted) throw failure('ServerUnavailable', `${query.does} on ${server}: no answer in time`);
        throw sqlFailure(error, `${query.does} on ${server}`);
      }
    },
    async statement(text, { signal, onMessage }) {
      stopIfCancelled(signal);
      const request = pool.request();
      if (onMessage) request.on('info', onMessage);
      try {
        await cancellable(request, signal, () => request.batch(text));
      } catch (error) {
        if (signal.aborted) throw cancellationOf(signal);
        throw error;
      }
    },
    close: async () => {
      await pool.close();
    },
  };
}

/** A connection of the driver underneath. */
interface Opening {
  close(): void;
}

function configuration(endpoint: SqlEndpoint, options: ConnectOptions): sql.config {
  return {
    server: endpoint.host,
    port: endpoint.port,
    user: endpoint.user,
    password: endpoint.password,
    database: options.database ?? 'master',
    connectionTimeout: connectTimeoutMs,
    requestTimeout: 0,
    validateConnection: 'socket',
    pool: options.single ? { min: 1, max: 1 } : { min: 0, max: 4 },
    options: {
      appName: programName,
      workstationId: options.session,
      encrypt: endpoint.tls.encrypt,
      trustServerCertificate: endpoint.tls.trustServerCertificate,
      cancelTimeout: cancelTimeoutMs,
      readOnlyIntent: options.readOnlyIntent ?? false,
      ...(endpoint.tls.ca === undefined ? {} : { cryptoCredentialsDetails: { ca: endpoint.tls.ca } }),
    },
  };
}

async function cancellable<T>(request: sql.Request, signal: AbortSignal, run: () => Promise<T>): Promise<T> {
  const cancel = (): void => request.cancel();
  const running = run();
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await running;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

function withLoginErrors(error: unknown, errors: readonly ServerError[]): unknown {
  if (errors.length === 0 || !(error instanceof Error)) return error;
  return Object.assign(error, { precedingErrors: errors });
}

import sql from 'mssql';

/** One INFO or ERROR token, as the driver hands it on. */
export interface Said {
  readonly number: number;
  readonly severity: number;
  readonly state: number;
  readonly text: string;
}

export type Row = Readonly<Record<string, unknown>>;

/** All that a server answered to one batch. A refused batch is an outcome too. */
export interface Outcome {
  /** In the order of the wire. */
  readonly said: readonly Said[];
  readonly infos: readonly Said[];
  readonly errors: readonly Said[];
  readonly sets: readonly (readonly Row[])[];
  readonly columns: readonly sql.IColumnMetadata[];
  readonly rowsAffected: readonly number[];
  /** The driver's own code when it did not end well: EREQUEST, ECANCEL, ESOCKET, … */
  readonly code: string | null;
  readonly cause: ServerFailure | null;
}

/** What the driver adds to an error and its types leave out. */
export interface ServerFailure extends sql.RequestError {
  readonly precedingErrors?: readonly ServerFailure[];
}

export interface Running {
  readonly outcome: Promise<Outcome>;
  cancel(): void;
}

/** One connection that is never replaced unseen, as the product's own. */
export interface Client {
  readonly spid: number;
  /** What the login said. */
  readonly greeting: readonly Said[];
  run(text: string): Promise<Outcome>;
  start(text: string): Running;
  /** @throws Error with everything that was said, when anything went wrong */
  must(text: string): Promise<Outcome>;
  rows(text: string): Promise<readonly Row[]>;
  /** The only row. */
  row(text: string): Promise<Row>;
  /** A request of the driver itself, for parameters and prepared statements. */
  request(): sql.Request;
  close(): Promise<void>;
}

export interface ClientOptions {
  readonly server: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database?: string;
  readonly appName?: string;
  readonly ca?: string;
  readonly verify?: boolean;
}

/** A login that was refused. */
export class Refused extends Error {
  readonly said: readonly Said[];
  readonly code: string;
  constructor(cause: unknown, said: readonly Said[]) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.said = said;
    this.code = cause instanceof sql.ConnectionError ? cause.code : '';
  }
}

interface WireMessage {
  readonly number: number;
  readonly class: number;
  readonly state: number;
  readonly message: string;
}

const saidOf = ({ number, class: severity, state, message }: WireMessage): Said => ({
  number,
  severity,
  state,
  text: message,
});

/** @throws Refused */
export async function connect(options: ClientOptions): Promise<Client> {
  let heard: Said[] = [];
  const hear = (message: WireMessage): void => void heard.push(saidOf(message));
  const pool = new sql.ConnectionPool({
    server: options.server,
    port: options.port,
    user: options.user,
    password: options.password,
    database: options.database ?? 'master',
    pool: { min: 1, max: 1 },
    requestTimeout: 0,
    connectionTimeout: 60_000,
    validateConnection: 'socket',
    options: {
      encrypt: true,
      trustServerCertificate: options.verify !== true,
      appName: options.appName ?? 'mssql-pitr contract',
      ...(options.ca === undefined ? {} : { cryptoCredentialsDetails: { ca: options.ca } }),
    },
    beforeConnect: (connection) => {
      connection.on('infoMessage', hear);
      connection.on('errorMessage', hear);
    },
  });
  pool.on('error', () => undefined);
  try {
    await pool.connect();
    const greeting = heard;
    heard = [];
    const { recordset } = await pool.request().query<{ spid: number }>('SELECT @@SPID AS spid');
    return clientOf({ pool, greeting, spid: recordset[0]?.spid ?? 0, listen: (list) => (heard = list) });
  } catch (error) {
    await pool.close().catch(() => undefined);
    throw new Refused(error, heard);
  }
}

interface Parts {
  readonly pool: sql.ConnectionPool;
  readonly greeting: readonly Said[];
  readonly spid: number;
  readonly listen: (list: Said[]) => void;
}

function clientOf({ pool, greeting, spid, listen }: Parts): Client {
  const start = (text: string): Running => {
    const said: Said[] = [];
    const infos: Said[] = [];
    listen(said);
    const request = pool.request();
    request.on('info', (message: WireMessage) => void infos.push(saidOf(message)));
    let columns: sql.IColumnMetadata[] = [];
    request.on('recordset', (set: sql.IColumnMetadata) => (columns = [...columns, set]));
    const outcome = request.batch<Row>(text).then(
      (result): Outcome => ({
        said,
        infos,
        errors: [],
        sets: result.recordsets.map((set) => [...set]),
        columns: result.recordsets.map((set) => set.columns),
        rowsAffected: result.rowsAffected,
        code: null,
        cause: null,
      }),
      (error: unknown): Outcome => {
        if (!(error instanceof sql.RequestError)) throw error;
        return {
          said,
          infos,
          errors: errorsOf(error),
          sets: [],
          columns,
          rowsAffected: [],
          code: error.code,
          cause: error,
        };
      },
    );
    return { outcome, cancel: () => request.cancel() };
  };
  const run = (text: string): Promise<Outcome> => start(text).outcome;
  const must = async (text: string): Promise<Outcome> => {
    const outcome = await run(text);
    if (outcome.code !== null) throw new Error(`${text}\n${outcome.code}\n${outcome.said.map(show).join('\n')}`);
    return outcome;
  };
  const rows = async (text: string): Promise<readonly Row[]> => (await must(text)).sets.at(-1) ?? [];
  return {
    spid,
    greeting,
    run,
    start,
    must,
    rows,
    row: async (text) => {
      const [first, ...others] = await rows(text);
      if (first === undefined || others.length > 0) throw new Error(`not one row: ${text}`);
      return first;
    },
    request: () => pool.request(),
    close: () => pool.close(),
  };
}

/** The driver rejects with the last error and keeps the ones before it. Its own errors have no number. */
function errorsOf(error: ServerFailure): Said[] {
  return [...(error.precedingErrors ?? []), error]
    .filter(({ number }) => number !== undefined)
    .map((one) => ({
      number: one.number ?? 0,
      severity: Number(one.class),
      state: Number(one.state),
      text: one.message,
    }));
}

export const show = ({ number, severity, state, text }: Said): string =>
  `Msg ${number}, Level ${severity}, State ${state}: ${text}`;

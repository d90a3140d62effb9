import { SqlError } from '../../contracts.ts';
import type {
  LoginRequest,
  ResultSink,
  RpcCall,
  Session,
  SqlServer,
  SqlType,
  TransactionRequest,
} from '../../contracts.ts';
import { listen } from '../server.ts';
import type { TdsListener, TdsOptions } from '../server.ts';

export interface FakeBehaviour {
  batch?: (text: string, sink: ResultSink, signal: AbortSignal, session: FakeSession) => Promise<void> | void;
  rpc?: (call: RpcCall, sink: ResultSink, signal: AbortSignal, session: FakeSession) => Promise<void> | void;
}

export const INT: SqlType = { name: 'int' };
export const SELECT = 193;
/** What mssql asks every connection that it takes out of its pool. */
const POOL_VALIDATION = 'SELECT 1;';

export function nvarchar(length: number): SqlType {
  return { name: 'nvarchar', length };
}

/** A session without SQL: it records what it is called with and gives what the test tells it to give. */
export class FakeSession implements Session {
  readonly spid: number;
  readonly login: LoginRequest;
  readonly batches: string[] = [];
  readonly calls: RpcCall[] = [];
  readonly transactions: TransactionRequest[] = [];
  readonly #behaviour: FakeBehaviour;
  database: string;
  resets = 0;
  closes = 0;
  running = 0;

  constructor(spid: number, login: LoginRequest, behaviour: FakeBehaviour) {
    this.spid = spid;
    this.login = login;
    this.#behaviour = behaviour;
    this.database = login.database || 'master';
  }

  async batch(text: string, sink: ResultSink, signal: AbortSignal): Promise<void> {
    this.batches.push(text);
    if (/^\s*set /i.test(text)) {
      for (const line of text.split('\n')) if (line.trim() !== '') sink.done({ curCmd: 249 });
      return;
    }
    await this.#alone(() => (this.#behaviour.batch ?? selectOne)(text, sink, signal, this));
  }

  async rpc(call: RpcCall, sink: ResultSink, signal: AbortSignal): Promise<void> {
    if (call.parameters[0]?.value === POOL_VALIDATION) {
      selectOne(POOL_VALIDATION, sink);
      return;
    }
    this.calls.push(call);
    await this.#alone(() => (this.#behaviour.rpc ?? echo)(call, sink, signal, this));
  }

  transaction(request: TransactionRequest, sink: ResultSink): Promise<void> {
    this.transactions.push(request);
    const transaction = 7n;
    if (request.kind === 'begin') sink.env({ kind: 'begin', transaction });
    if (request.kind === 'commit') sink.env({ kind: 'commit', transaction });
    if (request.kind === 'rollback') sink.env({ kind: 'rollback', transaction });
    sink.done({ curCmd: 212 });
    return Promise.resolve();
  }

  reset(): Promise<void> {
    this.resets++;
    this.database = this.login.database || 'master';
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.closes++;
    return Promise.resolve();
  }

  async #alone(work: () => Promise<void> | void): Promise<void> {
    if (this.running++ > 0) throw new Error('Two calls of one session overlap.');
    try {
      await work();
    } finally {
      this.running--;
    }
  }
}

function selectOne(_text: string, sink: ResultSink): void {
  sink.columns([{ name: '', type: INT, nullable: false }]);
  sink.row([1]);
  sink.done({ curCmd: SELECT, rowCount: 1 });
}

/** Gives the parameters after statement and declaration back as one row; those for output also as return values. */
function echo(call: RpcCall, sink: ResultSink): void {
  const parameters = call.parameters.slice(2);
  sink.columns(parameters.map(({ name, type }) => ({ name: name.replace('@', ''), type })));
  sink.row(parameters.map(({ value }) => value));
  sink.done({ curCmd: SELECT, rowCount: 1 });
  for (const { name, type, value, output } of parameters) if (output) sink.returnValue({ name, type, value });
}

export class FakeServer implements SqlServer {
  readonly serverName = 'fake-sql';
  readonly version = [16, 0, 4236] as const;
  readonly sessions: FakeSession[] = [];
  readonly #behaviour: FakeBehaviour;

  constructor(behaviour: FakeBehaviour) {
    this.#behaviour = behaviour;
  }

  /** mssql logs in once to try the server, then for its pool. */
  get lastSession(): FakeSession {
    const session = this.sessions.at(-1);
    if (session === undefined) throw new Error('Nobody has logged in.');
    return session;
  }

  login(request: LoginRequest): Promise<Session> {
    if (request.user !== 'sa' || request.password !== PASSWORD) {
      const text = `Login failed for user '${request.user}'.`;
      return Promise.reject(new SqlError({ number: 18456, class: 14, state: 1, text }));
    }
    const session = new FakeSession(51 + this.sessions.length, request, this.#behaviour);
    this.sessions.push(session);
    return Promise.resolve(session);
  }
}

/** Characters of every kind that the obfuscation of LOGIN7 has to survive. */
export const PASSWORD = 'Pä55-wörd€!';

export interface FakeInstance extends AsyncDisposable {
  readonly server: FakeServer;
  readonly listener: TdsListener;
  readonly port: number;
  readonly logged: string[];
}

export async function fakeInstance(
  behaviour: FakeBehaviour = {},
  options: Pick<TdsOptions, 'certificate'> = {},
): Promise<FakeInstance> {
  const server = new FakeServer(behaviour);
  const logged: string[] = [];
  const listener = await listen({
    port: 0,
    host: '127.0.0.1',
    server,
    log: (line) => void logged.push(line),
    ...options,
  });
  return { server, listener, port: listener.port, logged, [Symbol.asyncDispose]: () => listener.close() };
}

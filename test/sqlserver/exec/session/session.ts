import {
  SqlError,
  type Database,
  type Instance,
  type Login,
  type LoginRequest,
  type ResultSink,
  type RpcCall,
  type Session,
  type SqlMessage,
  type SqlMoment,
  type SqlValue,
  type TransactionRequest,
} from '../../contracts.ts';
import type { CaughtError, SessionValues } from '../expression/compiled.ts';
import type { ApplicationLocks } from '../system/index.ts';
import type { SessionInfo } from '../system/contract.ts';
import { momentFromEpoch } from '../types/moment.ts';
import { runBatch } from '../interpreter/batch.ts';
import { runRpc } from '../interpreter/rpc.ts';
import { Interrupted } from '../interpreter/signals.ts';
import type { Activation } from './activation.ts';
import { SessionCatalog } from './catalog.ts';
import { Cursors } from './cursors.ts';
import { ClientOutput } from './output.ts';
import { Permissions } from './permissions.ts';
import { PreparedStatements } from './prepared.ts';
import { RunningRequest } from './request.ts';
import { Settings } from './settings.ts';
import { TemporaryTables } from './temporary.ts';
import { TransactionControl } from './transactions.ts';

export interface SessionOptions {
  readonly instance: Instance;
  readonly spid: number;
  readonly login: Login;
  readonly request: LoginRequest;
  readonly database: Database;
  readonly locks: ApplicationLocks;
  readonly sessions: () => Iterable<SessionInfo>;
  /** The session is over; it leaves the directory. */
  readonly closed: (session: ExecSession) => void;
}

/** One logged-in connection and everything it keeps between requests. */
export class ExecSession implements Session, SessionInfo, SessionValues {
  readonly spid: number;
  readonly instance: Instance;
  readonly permissions: Permissions;
  readonly settings = new Settings();
  readonly temporary = new TemporaryTables();
  readonly transactions: TransactionControl;
  readonly catalog: SessionCatalog;
  readonly cursors = new Cursors();
  readonly prepared = new PreparedStatements();
  readonly locks: ApplicationLocks;
  readonly hostName: string;
  readonly programName: string;
  readonly clientInterface: string;
  readonly clientAddress: string;
  readonly loginTime: SqlMoment;
  lastRequestStart: SqlMoment;
  lastRequestEnd: SqlMoment | null = null;
  readonly sessionContext = new Map<string, { readonly value: SqlValue; readonly readOnly: boolean }>();
  contextInfo: Uint8Array | null = null;
  request: RunningRequest | undefined;
  /** The innermost running batch or module. */
  activation: Activation | undefined;
  /** @@ROWCOUNT */
  affected = 0;
  lastError = 0;
  lastIdentity: bigint | null = null;
  fetchStatus = 0;
  cursorRows = 0;
  caught: CaughtError | undefined;
  /** The table with IDENTITY_INSERT ON: object of the Table. */
  identityInsert: { readonly table: object; readonly name: string } | undefined;
  /** Where ENVCHANGE tokens of transactions go while a request runs. */
  #sink: ResultSink | undefined;
  #database: Database;
  readonly #options: SessionOptions;
  #initialDatabase: string;
  readonly #killed = new AbortController();
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(options: SessionOptions) {
    const { instance, request } = options;
    this.#options = options;
    this.instance = instance;
    this.spid = options.spid;
    this.locks = options.locks;
    this.permissions = new Permissions(instance, options.login);
    this.hostName = request.hostName;
    this.programName = request.appName;
    this.clientInterface = request.libraryName;
    this.clientAddress = request.clientAddress;
    this.#database = options.database;
    this.#initialDatabase = options.database.name;
    this.loginTime = this.now();
    this.lastRequestStart = this.loginTime;
    this.catalog = new SessionCatalog(this);
    this.transactions = new TransactionControl(this.spid, {
      begun: (id) => this.#sink?.env({ kind: 'begin', transaction: id }),
      ended: (id, kind) => {
        this.locks.endTransaction(this.spid);
        this.#sink?.env({ kind, transaction: id });
      },
    });
  }

  /** The database the login asked for becomes the context. */
  start(database: Database): void {
    this.#database = database;
    this.#initialDatabase = database.name;
  }

  // ------------------------------------------------------------------------------------------------ what others see

  get login(): Login {
    return this.permissions.login;
  }

  get database(): string {
    return this.#database.name;
  }

  get databaseName(): string {
    return this.#database.name;
  }

  get databaseId(): number {
    return this.#database.id;
  }

  get language(): string {
    return this.settings.language;
  }

  get dateFormat(): string {
    return this.settings.dateFormat;
  }

  get dateFirst(): number {
    return this.settings.dateFirst;
  }

  get textSize(): number {
    return this.settings.textSize;
  }

  get lockTimeout(): number {
    return this.settings.lockTimeout;
  }

  get isolationLevel(): number {
    return this.settings.isolationLevel;
  }

  get options(): ReadonlyMap<string, boolean> {
    return this.settings.options;
  }

  get optionBits(): number {
    return this.settings.optionBits;
  }

  get rowCount(): bigint {
    return BigInt(this.affected);
  }

  get transactionCount(): number {
    return this.transactions.count;
  }

  get transactionState(): -1 | 0 | 1 {
    return this.transactions.state;
  }

  get scopeIdentity(): bigint | null {
    return this.activation?.scopeIdentity ?? null;
  }

  /** Databases that this session keeps in use: its context and where its transaction has work. */
  uses(databaseId: number): boolean {
    if (this.#database.id === databaseId) return true;
    return [...this.transactions.databases].some((database) => database.id === databaseId);
  }

  sessions(): Iterable<SessionInfo> {
    return this.#options.sessions();
  }

  now(): SqlMoment {
    const epoch = this.instance.clock.now();
    return momentFromEpoch(epoch, this.instance.clock.offsetMinutes(epoch));
  }

  // ------------------------------------------------------------------------------------------------------- requests

  batch(text: string, sink: ResultSink, signal: AbortSignal): Promise<void> {
    return this.#run(text, sink, signal, false, (output, combined) => runBatch(this, text, output, combined));
  }

  rpc(call: RpcCall, sink: ResultSink, signal: AbortSignal): Promise<void> {
    return this.#run(call.procedure, sink, signal, true, (output, combined) =>
      runRpc(this, call, sink, output, combined),
    );
  }

  transaction(request: TransactionRequest, sink: ResultSink, signal: AbortSignal): Promise<void> {
    return this.#run('', sink, signal, false, () => {
      const curCmd = this.#transact(request);
      sink.done({ curCmd });
      return Promise.resolve();
    });
  }

  #transact(request: TransactionRequest): number {
    switch (request.kind) {
      case 'begin':
        if (request.isolation > 0) this.settings.isolationLevel = request.isolation;
        this.transactions.begin(request.name);
        return 212;
      case 'commit':
        this.transactions.commit();
        if (request.beginNext) this.transactions.begin();
        return 213;
      case 'rollback':
        this.transactions.rollback(request.name);
        if (request.beginNext) this.transactions.begin();
        return 210;
      case 'save':
        this.transactions.save(request.name);
        return 211;
    }
  }

  async #run(
    text: string,
    sink: ResultSink,
    signal: AbortSignal,
    rpc: boolean,
    work: (output: ClientOutput, signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    if (this.#killed.signal.aborted) throw killState();
    this.permissions.refresh();
    const startedAt = this.instance.clock.now();
    this.lastRequestStart = this.now();
    this.request = new RunningRequest(text, this.lastRequestStart, startedAt);
    this.#sink = sink;
    const output = new ClientOutput({ sink, inProcedure: rpc, rpc, noCount: () => this.settings.isOn('NOCOUNT') });
    const combined = AbortSignal.any([signal, this.#killed.signal]);
    const over = Promise.withResolvers<void>();
    this.#running = over.promise;
    try {
      await work(output, combined);
    } catch (error) {
      if (this.#killed.signal.aborted) {
        this.transactions.rollbackAll();
        throw killState();
      }
      if (error instanceof Interrupted || signal.aborted) {
        if (this.settings.isOn('XACT_ABORT')) this.transactions.rollbackAll();
        signal.throwIfAborted();
      }
      throw error;
    } finally {
      this.activation = undefined;
      this.caught = undefined;
      this.request = undefined;
      this.#sink = undefined;
      this.lastRequestEnd = this.now();
      this.#running = undefined;
      over.resolve();
    }
  }

  /** sp_reset_connection */
  async reset(): Promise<void> {
    this.transactions.rollbackAll();
    this.temporary.clear();
    this.cursors.clear();
    this.prepared.clear();
    this.settings.reset();
    this.sessionContext.clear();
    this.contextInfo = null;
    this.lastIdentity = null;
    this.affected = 0;
    this.lastError = 0;
    this.identityInsert = undefined;
    this.locks.endSession(this.spid);
    if (this.#database.name !== this.#initialDatabase) {
      const initial = this.instance.database(this.#initialDatabase);
      if (initial !== undefined && this.permissions.mayEnter(initial)) this.#database = initial;
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#killed.abort();
    await this.#running;
    this.transactions.rollbackAll();
    this.temporary.clear();
    this.cursors.clear();
    this.locks.endSession(this.spid);
    this.#options.closed(this);
  }

  /** KILL: work and transactions end now, then the connection. */
  async kill(): Promise<void> {
    this.#killed.abort();
    await this.#running;
    this.transactions.rollbackAll();
    this.#options.request.disconnect?.();
    await this.close();
  }

  // ------------------------------------------------------------------------------------------------------ USE

  /** Changes the context; messages as USE sends them. */
  use(database: Database, announce: (message: SqlMessage) => void): void {
    const previous = this.#database.name;
    this.#database = database;
    this.#sink?.env({ kind: 'database', next: database.name, previous });
    announce({ number: 5701, class: 0, state: 1, text: `Changed database context to '${database.name}'.` });
  }

  /** The context goes back where it was before dynamic SQL, without a word to the client when it did not move. */
  useQuietly(database: Database): void {
    if (this.#database === database) return;
    const previous = this.#database.name;
    this.#database = database;
    this.#sink?.env({ kind: 'database', next: database.name, previous });
  }

  get databaseObject(): Database {
    return this.#database;
  }

  /** Runs a module in the database it lives in; the client does not notice. */
  async within<T>(database: Database, work: () => Promise<T>): Promise<T> {
    const previous = this.#database;
    this.#database = database;
    try {
      return await work();
    } finally {
      if (this.#database === database) this.#database = previous;
    }
  }

  languageChanged(next: string, previous: string): void {
    this.#sink?.env({ kind: 'language', next, previous });
  }
}

function killState(): SqlError {
  return new SqlError({
    number: 596,
    class: 21,
    state: 1,
    text: 'Cannot continue the execution because the session is in the kill state.',
  });
}

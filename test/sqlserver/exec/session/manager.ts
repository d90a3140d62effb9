import {
  SqlError,
  type Instance,
  type LoginRequest,
  type Session,
  type SessionDirectory,
  type SqlServer,
} from '../../contracts.ts';
import { ApplicationLocks } from '../system/index.ts';
import { enterDatabase } from './catalog.ts';
import { ExecSession } from './session.ts';

/** Sessions of users begin above those of the server itself. */
const FIRST_SPID = 51;
const LAST_SPID = 32_767;

/** Logins and the sessions they become; the engine asks here who is in a database. */
export class SessionManager implements SqlServer, SessionDirectory {
  readonly #instance: Instance;
  readonly #sessions = new Map<number, ExecSession>();
  readonly #locks = new ApplicationLocks();

  constructor(instance: Instance) {
    this.#instance = instance;
    instance.sessions = this;
  }

  get serverName(): string {
    return this.#instance.serverName;
  }

  get version(): readonly [number, number, number] {
    return this.#instance.version;
  }

  get sessions(): Iterable<ExecSession> {
    return this.#sessions.values();
  }

  async login(request: LoginRequest): Promise<Session> {
    const instance = this.#instance;
    const login = instance.login(request.user);
    if (login === undefined || !instance.checkPassword(request.user, request.password)) throw loginFailed(request.user);
    if (login.disabled) {
      throw new SqlError({
        number: 18470,
        class: 14,
        state: 1,
        text: `Login failed for user '${request.user}'. Reason: The account is disabled.`,
      });
    }
    const wanted = request.database === '' ? login.defaultDatabase : request.database;
    const master = instance.database('master');
    if (master === undefined) throw new Error('a server has a master database');
    const session = new ExecSession({
      instance,
      spid: this.#freeSpid(),
      login,
      request,
      database: master,
      locks: this.#locks,
      sessions: () => this.#sessions.values(),
      closed: (ended) => this.#sessions.delete(ended.spid),
    });
    try {
      session.start(enterDatabase(session, wanted));
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      throw cannotOpen(wanted, request);
    }
    this.#sessions.set(session.spid, session);
    return session;
  }

  #freeSpid(): number {
    for (let spid = FIRST_SPID; spid <= LAST_SPID; spid += 1) if (!this.#sessions.has(spid)) return spid;
    throw new SqlError({
      number: 17809,
      class: 20,
      state: 1,
      text: 'Could not connect because the maximum number of user connections has already been reached.',
    });
  }

  inDatabase(databaseId: number): readonly number[] {
    return [...this.#sessions.values()].filter((session) => session.uses(databaseId)).map((session) => session.spid);
  }

  async kill(spid: number): Promise<void> {
    await this.#sessions.get(spid)?.kill();
  }

  /** Ends every session, for a clean stop. */
  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session.close()));
  }
}

function loginFailed(user: string): SqlError {
  return new SqlError({ number: 18456, class: 14, state: 1, text: `Login failed for user '${user}'.` });
}

/** 4060, then 18456: the login's database cannot be used. */
function cannotOpen(database: string, request: LoginRequest): SqlError {
  return new SqlError(
    {
      number: 4060,
      class: 11,
      state: 1,
      text: `Cannot open database "${database}" requested by the login. The login failed.`,
    },
    { number: 18456, class: 14, state: 1, text: `Login failed for user '${request.user}'.` },
  );
}

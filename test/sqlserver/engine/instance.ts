import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type {
  AlterDatabase,
  BackupStatement,
  CreateDatabase,
  Instance,
  Login,
  RestoreInfoStatement,
  RestoreStatement,
  SessionDirectory,
  SqlMoment,
  StatementContext,
} from '../contracts.ts';
import { alterDatabase } from './alter.ts';
import { runBackup } from './backup/backup.ts';
import { Catalog, Configuration } from './catalog.ts';
import { InstanceClock } from './clock.ts';
import { EngineDatabase } from './database.ts';
import type { DatabaseEntry, DatabaseHost } from './database.ts';
import { createDatabase, dropDatabase } from './databases.ts';
import { ErrorLog } from './error-log.ts';
import { Faults } from './faults.ts';
import { ServerPaths } from './files/paths.ts';
import type { Mount } from './files/paths.ts';
import { FilePool } from './files/pool.ts';
import { serverFiles } from './files/server-files.ts';
import type { Mark } from './log/block.ts';
import { recordMark } from './msdb/marks.ts';
import { momentNow } from './moment.ts';
import { releaseDataRoot, takeDataRoot } from './owner-lock.ts';
import { readInfo } from './restore/info.ts';
import { runRestore } from './restore/restore.ts';
import { hashPassword, passwordMatches, SA_SID } from './security.ts';
import { startSystemDatabases } from './system.ts';

export interface InstanceOptions {
  /** Host directory that stands for /var/opt/mssql. */
  readonly dataRoot: string;
  readonly serverName?: string;
  /** IANA name; UTC unless told, as in a container without TZ. */
  readonly timeZone?: string;
  readonly mounts?: readonly Mount[];
  /** Needed at the first start. */
  readonly saPassword?: string;
}

const DATA_PATH = '/var/opt/mssql/data';

/** One simulated SQL Server: what its rooms and the control port see of it. */
export class EngineInstance implements Instance, DatabaseHost {
  readonly serverName: string;
  readonly version = [16, 0, 4236] as const;
  readonly edition = 'Developer Edition (64-bit)';
  readonly clock: InstanceClock;
  readonly startTime: SqlMoment;
  readonly defaultDataPath = DATA_PATH;
  readonly defaultLogPath = DATA_PATH;
  readonly defaultBackupPath = DATA_PATH;
  readonly pool = new FilePool();
  readonly paths: ServerPaths;
  readonly faults = new Faults();
  /** Backup files that are being written. */
  readonly writing = new Set<string>();
  readonly errorLog: ErrorLog;
  readonly files: Instance['files'];
  readonly configuration: Configuration;
  readonly catalog: Catalog;
  sessions: SessionDirectory = { inDatabase: () => [], kill: () => Promise.resolve() };
  readonly #dataRoot: string;
  readonly #byName = new Map<string, EngineDatabase>();
  readonly #byId = new Map<number, EngineDatabase>();

  constructor(options: InstanceOptions) {
    mkdirSync(join(options.dataRoot, 'data'), { recursive: true });
    takeDataRoot(options.dataRoot);
    this.#dataRoot = options.dataRoot;
    this.serverName = options.serverName ?? 'sqlserver';
    this.clock = new InstanceClock(options.timeZone ?? 'UTC');
    this.startTime = momentNow(this.clock);
    this.paths = new ServerPaths(options.dataRoot, options.mounts ?? []);
    this.errorLog = new ErrorLog(join(options.dataRoot, 'log', 'errorlog'), this.clock);
    this.files = serverFiles(this.paths, this.faults);
    const { master, others } = startSystemDatabases(this);
    this.catalog = new Catalog(master);
    this.configuration = new Configuration(this.catalog);
    for (const database of [master, ...others]) this.#add(database);
    for (const entry of this.catalog.entries()) {
      this.#add(new EngineDatabase(entry, this));
      this.log(`Starting up database '${entry.name}'.`);
    }
    if (this.catalog.login('sa') === undefined) {
      if (options.saPassword === undefined) throw new Error('the first start needs a password for sa');
      this.putLogin(
        {
          name: 'sa',
          sid: SA_SID,
          defaultDatabase: 'master',
          disabled: false,
          serverRoles: ['sysadmin'],
          permissions: [],
        },
        options.saPassword,
      );
    }
  }

  log(text: string): void {
    this.errorLog.write('spid1s', text);
  }

  marked(database: EngineDatabase, mark: Mark, position: number): void {
    const { ticks } = momentNow(this.clock);
    recordMark(this, { database, ...mark, position, ticks }, new AbortController().signal).catch((error: unknown) =>
      this.log(`The mark '${mark.name}' could not be recorded: ${String(error)}`),
    );
  }

  databases(): Iterable<EngineDatabase> {
    return [...this.#byId.values()].toSorted((a, b) => a.id - b.id);
  }

  database(name: string): EngineDatabase | undefined {
    return this.#byName.get(name.toLowerCase());
  }

  databaseById(id: number): EngineDatabase | undefined {
    return this.#byId.get(id);
  }

  /** A host path that belongs to a database, whatever its state. */
  isDatabaseFile(real: string): boolean {
    return this.ownerOfFile(real) !== undefined;
  }

  ownerOfFile(real: string): EngineDatabase | undefined {
    return [...this.#byId.values()].find((d) => d.entry.files.some((f) => this.paths.real(f.physicalName) === real));
  }

  freeDatabaseId(): number {
    let id = 5;
    while (this.#byId.has(id)) id += 1;
    return id;
  }

  /** A database that the list in master now holds. */
  addDatabase(entry: DatabaseEntry): EngineDatabase {
    this.catalog.putEntry(entry);
    const database = new EngineDatabase(entry, this);
    this.#add(database);
    return database;
  }

  changeEntry(database: EngineDatabase, change: Partial<DatabaseEntry>): void {
    const entry = { ...database.entry, ...change };
    this.catalog.putEntry(entry);
    this.#byName.delete(database.name.toLowerCase());
    database.entry = entry;
    this.#byName.set(database.name.toLowerCase(), database);
  }

  forgetDatabase(database: EngineDatabase): void {
    this.catalog.dropEntry(database.id);
    this.#byName.delete(database.name.toLowerCase());
    this.#byId.delete(database.id);
  }

  #add(database: EngineDatabase): void {
    this.#byName.set(database.name.toLowerCase(), database);
    this.#byId.set(database.id, database);
  }

  async createDatabase(create: CreateDatabase, context: StatementContext): Promise<EngineDatabase> {
    return createDatabase(this, create, context);
  }

  alterDatabase(name: string, alter: AlterDatabase, context: StatementContext): Promise<void> {
    return alterDatabase(this, name, alter, context);
  }

  async dropDatabase(name: string, context: StatementContext): Promise<void> {
    dropDatabase(this, name, context);
  }

  backup(statement: BackupStatement, context: StatementContext): Promise<void> {
    return runBackup(this, statement, context);
  }

  restore(statement: RestoreStatement, context: StatementContext): Promise<void> {
    return runRestore(this, statement, context);
  }

  restoreInfo(statement: RestoreInfoStatement, context: StatementContext): ReturnType<Instance['restoreInfo']> {
    return readInfo(this, statement, context);
  }

  logins(): Iterable<Login> {
    return this.catalog.logins().map((stored) => stored.login);
  }

  login(name: string): Login | undefined {
    return this.catalog.login(name)?.login;
  }

  checkPassword(name: string, password: string): boolean {
    const stored = this.catalog.login(name);
    return stored !== undefined && passwordMatches(stored.password, password);
  }

  putLogin(login: Login, password?: string): void {
    const hash = password === undefined ? this.catalog.login(login.name)?.password : hashPassword(password);
    const createDate = login.createDate ?? this.catalog.login(login.name)?.login.createDate ?? momentNow(this.clock);
    this.catalog.putLogin({ login: { ...login, createDate }, password: hash ?? '' });
  }

  dropLogin(name: string): void {
    this.catalog.dropLogin(name);
  }

  async close(): Promise<void> {
    for (const database of this.databases()) await database.close();
    this.pool.close();
    releaseDataRoot(this.#dataRoot);
  }
}

export async function openInstance(options: InstanceOptions): Promise<EngineInstance> {
  return new EngineInstance(options);
}

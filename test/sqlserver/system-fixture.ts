import type {
  Database,
  DatabaseFile,
  Instance,
  Login,
  SqlMessage,
  SqlValue,
  StatementContext,
  StoredRow,
  Table,
  TableDefinition,
  Transaction,
} from './contracts.ts';
import type { PermissionCheck, ProcedureContext, SessionInfo, SystemContext } from './exec/system/contract.ts';
import { ApplicationLocks, systemFunctions, systemProcedures, systemViews } from './exec/system/index.ts';
import { momentOf, sameName } from './exec/system/values.ts';

/** An instance without an engine: what the system catalog reads, and nothing that runs. */

const moment = momentOf(Date.UTC(2026, 3, 20, 19, 46, 0), 0);

const unused = (name: string) => (): never => {
  throw new Error(`${name} is not part of this fixture`);
};

export const sa: Login = {
  name: 'sa',
  sid: '01',
  defaultDatabase: 'master',
  disabled: false,
  serverRoles: ['sysadmin'],
  permissions: [],
};

export const login = (name: string, changes: Partial<Login> = {}): Login => ({
  name,
  sid: Buffer.from(name.padEnd(16, '.').slice(0, 16)).toString('hex').toUpperCase(),
  defaultDatabase: 'master',
  disabled: false,
  serverRoles: [],
  permissions: [],
  ...changes,
});

export function table(
  definition: Partial<TableDefinition> & { readonly name: string },
  rows: SqlValue[][] = [],
): Table {
  const stored: StoredRow[] = rows.map((values, id) => ({ id, values }));
  return {
    id: 1_000 + definition.name.length,
    createDate: moment,
    definition: { schema: 'dbo', columns: [], keys: [], checks: [], foreignKeys: [], ...definition },
    get rowCount() {
      return stored.length;
    },
    rows: () => stored,
    seek: () => undefined,
    lastIdentity: null,
  };
}

function file(database: string, fileId: number, type: DatabaseFile['type']): DatabaseFile {
  return {
    fileId,
    type,
    logicalName: type === 'ROWS' ? database : `${database}_log`,
    physicalName: `/var/opt/mssql/data/${database}${type === 'ROWS' ? '.mdf' : '_log.ldf'}`,
    sizeBytes: 8 * 1024 * 1024,
    uniqueId: '11111111-1111-1111-1111-111111111111',
    createLsn: 0n,
  };
}

export interface FakeDatabase extends Partial<Omit<Database, 'tables' | 'users' | 'objects' | 'recovery'>> {
  readonly tables?: readonly Table[];
  readonly users?: ReturnType<Database['users']>;
  readonly objects?: ReturnType<Database['objects']>;
  readonly recovery?: Partial<Database['recovery']>;
}

export function database(id: number, name: string, changes: FakeDatabase = {}): Database {
  const { tables = [], users = [], objects = [], recovery, ...rest } = changes;
  const guid = `${String(id).padStart(8, '0')}-0000-0000-0000-000000000000`;
  const made: Database = {
    id,
    name,
    state: 'ONLINE',
    recoveryModel: 'FULL',
    userAccess: 'MULTI_USER',
    isReadOnly: false,
    isInStandby: false,
    createDate: moment,
    ownerSid: '01',
    collation: 'SQL_Latin1_General_CP1_CI_AS',
    compatibilityLevel: 160,
    files: [file(name, 1, 'ROWS'), file(name, 2, 'LOG')],
    recovery: {
      databaseGuid: guid,
      familyGuid: guid,
      recoveryForkGuid: guid,
      firstRecoveryForkGuid: guid,
      forkPointLsn: null,
      lastLogBackupLsn: null,
      differentialBaseLsn: null,
      differentialBaseGuid: null,
      differentialBaseTime: null,
      redoStartLsn: null,
      redoStartForkGuid: null,
      redoTargetLsn: null,
      ...recovery,
    },
    logStats: () => ({
      minLsn: 39_000_000_055_200_001n,
      endLsn: 39_000_000_115_200_001n,
      logBackupTime: null,
      logBackupLsn: null,
      sinceLastLogBackupBytes: 524_288,
      reuseWait: 'LOG_BACKUP',
    }),
    open: () => undefined,
    tables: () => tables,
    table: (schema, wanted) =>
      tables.find((one) => sameName(one.definition.schema, schema) && sameName(one.definition.name, wanted)),
    objects: () => objects,
    object: (schema, wanted) => [...objects].find((one) => sameName(one.schema, schema) && sameName(one.name, wanted)),
    schemas: () => ['dbo'],
    users: () => users,
    begin: unused('begin'),
    check: unused('check'),
    ...rest,
  };
  return made;
}

export interface Fixture {
  readonly instance: Instance;
  readonly locks: ApplicationLocks;
  session(spid: number, who?: Login, databaseName?: string): SessionInfo;
  context(options?: { readonly spid?: number; readonly database?: string; readonly who?: Login }): SystemContext;
  /** Rows of a view by column name, as the session of spid 51 (sa in master) sees it unless told otherwise. */
  select(name: string, options?: SelectOptions): Record<string, SqlValue>[];
  call(name: string, ...args: SqlValue[]): SqlValue;
  run(name: string, args?: Readonly<Record<string, SqlValue>>, options?: RunOptions): Promise<Outcome>;
}

export interface SelectOptions {
  readonly context?: SystemContext;
  readonly args?: readonly SqlValue[];
}

export interface RunOptions {
  readonly context?: SystemContext;
  readonly signal?: AbortSignal;
  readonly transaction?: Partial<Transaction>;
}

export interface Outcome {
  readonly returned: number;
  readonly sets: Record<string, SqlValue>[][];
  readonly messages: SqlMessage[];
  readonly outputs: Map<string, SqlValue>;
}

/** An instance over these databases and the four of the system. */
function fakeInstance(databases: readonly Database[], changes: Partial<Instance>): Instance {
  const all = [database(1, 'master'), database(2, 'tempdb'), database(3, 'model'), database(4, 'msdb'), ...databases];
  const logins: Login[] = [sa];
  return {
    serverName: 'sql1',
    version: [16, 0, 4236],
    edition: 'Developer Edition (64-bit)',
    clock: { now: () => Date.UTC(2026, 3, 20, 20, 0, 0), offsetMinutes: () => 0 },
    startTime: moment,
    defaultDataPath: '/var/opt/mssql/data',
    defaultLogPath: '/var/opt/mssql/data',
    defaultBackupPath: '/var/opt/mssql/data',
    sessions: { inDatabase: () => [], kill: unused('kill') },
    databases: () => all,
    database: (name) => all.find((one) => sameName(one.name, name)),
    databaseById: (id) => all.find((one) => one.id === id),
    createDatabase: unused('createDatabase'),
    alterDatabase: unused('alterDatabase'),
    dropDatabase: unused('dropDatabase'),
    backup: unused('backup'),
    restore: unused('restore'),
    restoreInfo: unused('restoreInfo'),
    logins: () => logins,
    login: (name) => logins.find((one) => sameName(one.name, name)),
    checkPassword: () => true,
    putLogin: (changed) => {
      const place = logins.findIndex((one) => sameName(one.name, changed.name));
      logins.splice(place < 0 ? logins.length : place, place < 0 ? 0 : 1, changed);
    },
    dropLogin: (name) => {
      logins.splice(
        logins.findIndex((one) => sameName(one.name, name)),
        1,
      );
    },
    configuration: new Map(),
    files: {
      exists: () => ({ exists: false, isDirectory: false, parentExists: false }),
      list: () => [],
      makeDirectory: unused('makeDirectory'),
      deleteBackup: unused('deleteBackup'),
    },
    close: () => Promise.resolve(),
    ...changes,
  };
}

export const fixture = (databases: readonly Database[] = [], changes: Partial<Instance> = {}): Fixture =>
  fixtureOver(fakeInstance(databases, changes));

/** Sessions and permissions over an instance, which may be a real one. */
export function fixtureOver(instance: Instance): Fixture {
  const sessions: SessionInfo[] = [];
  const locks = new ApplicationLocks();

  function session(spid: number, who: Login = sa, databaseName = 'master'): SessionInfo {
    const known = sessions.find((one) => one.spid === spid);
    if (known !== undefined) return known;
    const made: SessionInfo = {
      spid,
      login: who,
      hostName: 'host1',
      programName: 'test',
      clientInterface: 'node-mssql',
      clientAddress: '127.0.0.1',
      loginTime: moment,
      lastRequestStart: moment,
      lastRequestEnd: moment,
      databaseName,
      databaseId: instance.database(databaseName)?.id ?? 1,
      language: 'us_english',
      dateFormat: 'mdy',
      dateFirst: 7,
      textSize: 2_147_483_647,
      lockTimeout: -1,
      isolationLevel: 2,
      rowCount: 0n,
      lastError: 0,
      transactionCount: 0,
      transactionState: 0,
      options: new Map([['QUOTED_IDENTIFIER', true]]),
      sessionContext: new Map(),
      contextInfo: null,
      request: undefined,
    };
    sessions.push(made);
    return made;
  }

  const context: Fixture['context'] = ({ spid = 51, database: databaseName = 'master', who = sa } = {}) => ({
    instance,
    database: instance.database(databaseName) as Database,
    session: session(spid, who, databaseName),
    sessions: () => sessions,
    locks,
    permissions: permissionsOf(who),
    now: moment,
    offsetMinutes: 0,
    temporaryTables: () => [],
  });

  return {
    instance,
    locks,
    session,
    context,
    select(name, options = {}) {
      const [schema, viewName] = name.split('.') as [string, string];
      const view = systemViews.find((one) => sameName(one.schema, schema) && sameName(one.name, viewName));
      if (view === undefined) throw new Error(`no view ${name}`);
      const rows = view.rows(options.context ?? context(), options.args ?? [], new Map());
      return [...rows].map((row) => Object.fromEntries(view.columns.map((column, i) => [column.name, row[i] ?? null])));
    },
    call(name, ...args) {
      const found = systemFunctions.find((one) => sameName(one.name, name));
      if (found === undefined) throw new Error(`no function ${name}`);
      return found.evaluate(context(), args);
    },
    async run(name, args = {}, options = {}) {
      const found = systemProcedures.find((one) => sameName(one.name, name));
      if (found === undefined) throw new Error(`no procedure ${name}`);
      const outcome = { sets: [] as Record<string, SqlValue>[][], messages: [] as SqlMessage[], outputs: new Map() };
      const system = options.context ?? context();
      const procedureContext: ProcedureContext = {
        ...system,
        signal: options.signal ?? new AbortController().signal,
        statement: {} as StatementContext,
        async resultSet(columns, rows) {
          const set: Record<string, SqlValue>[] = [];
          for await (const row of rows)
            set.push(Object.fromEntries(columns.map(({ name: n }, i) => [n, row[i] ?? null])));
          outcome.sets.push(set);
        },
        message: (message) => outcome.messages.push(message),
        setOutput: (output, value) => outcome.outputs.set(output, value),
        inTransaction: false,
        withTransaction: async (_database, work) => work(options.transaction as Transaction),
        execute: unused('execute'),
      };
      const given = new Map(Object.entries(args).map(([key, value]) => [key.toLowerCase(), value]));
      return { returned: await found.run(procedureContext, given), ...outcome };
    },
  };
}

/** Roles and permissions straight from the login; a login that is no sysadmin has no access to user databases. */
function permissionsOf(who: Login): PermissionCheck {
  const isAdmin = who.serverRoles.includes('sysadmin');
  return {
    inServerRole: (role) => who.serverRoles.some((one) => sameName(one, role)),
    onServer: (permission) => isAdmin || who.permissions.includes(permission),
    inDatabaseRole: () => isAdmin,
    onDatabase: () => isAdmin,
    mayEnter: ({ id }) => isAdmin || id <= 4,
    userIn: () => (isAdmin ? 'dbo' : 'guest'),
  };
}

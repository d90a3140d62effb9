/**
 * The agreement between the sessions and queries of exec/ and the catalog of exec/system/.
 *
 * exec/system/index.ts exports
 *   systemViews:      readonly SystemView[]
 *   systemFunctions:  readonly SystemFunction[]
 *   systemProcedures: readonly SystemProcedure[]
 * and exec/ does the rest: name resolution, argument conversion, filtering, joins, wire output.
 *
 * Names compare case-insensitively everywhere; exec/ indexes the three lists once.
 */
import type {
  Database,
  Instance,
  Login,
  ResultColumn,
  SqlMessage,
  SqlMoment,
  SqlType,
  SqlValue,
  StatementContext,
  Table,
  Transaction,
} from '../../contracts.ts';

/** A statement that runs now: one row of sys.dm_exec_requests. */
export interface RequestInfo {
  readonly startTime: SqlMoment;
  /** Epoch milliseconds of startTime, for total_elapsed_time and estimated_completion_time. */
  readonly startedAt: number;
  /** `SELECT`, `INSERT`, `BACKUP DATABASE`, `RESTORE LOG`, `WAITFOR`, … as sys.dm_exec_requests.command says it. */
  readonly command: string;
  /** 0 unless the statement reports progress. */
  readonly percentComplete: number;
  /** Text of the whole batch; the statement is `text.slice(statementStart, statementEnd)`. */
  readonly text: string;
  readonly statementStart: number;
  readonly statementEnd: number;
  readonly status: 'running' | 'suspended';
  /** e.g. LCK_M_X, WAITFOR, BACKUPIO; null while running. */
  readonly waitType: string | null;
  /** spid that holds what this request waits for, 0 when nobody. */
  readonly blockedBy: number;
}

/** One session: one row of sys.dm_exec_sessions and sys.dm_exec_connections. Always a live view, never a copy. */
export interface SessionInfo {
  readonly spid: number;
  readonly login: Login;
  readonly hostName: string;
  readonly programName: string;
  readonly clientInterface: string;
  readonly clientAddress: string;
  readonly loginTime: SqlMoment;
  readonly lastRequestStart: SqlMoment;
  readonly lastRequestEnd: SqlMoment | null;
  /** Database context of the session (not of a procedure it runs). */
  readonly databaseName: string;
  readonly databaseId: number;
  readonly language: string;
  readonly dateFormat: string;
  readonly dateFirst: number;
  readonly textSize: number;
  readonly lockTimeout: number;
  /** 1 read uncommitted, 2 read committed, 3 repeatable read, 4 serializable, 5 snapshot. */
  readonly isolationLevel: number;
  readonly rowCount: bigint;
  readonly lastError: number;
  /** @@TRANCOUNT */
  readonly transactionCount: number;
  /** XACT_STATE() */
  readonly transactionState: -1 | 0 | 1;
  /** Session options by the name SESSIONPROPERTY and SET use, upper case: ANSI_NULLS, XACT_ABORT, … */
  readonly options: ReadonlyMap<string, boolean>;
  /** SESSION_CONTEXT(N'key') and sp_set_session_context. */
  readonly sessionContext: Map<string, { readonly value: SqlValue; readonly readOnly: boolean }>;
  contextInfo: Uint8Array | null;
  /** undefined while the session sleeps. */
  readonly request: RequestInfo | undefined;
}

/** 'Shared', 'Update', 'IntentShared', 'IntentExclusive', 'Exclusive' as sp_getapplock takes them. */
export type AppLockMode = 'Shared' | 'Update' | 'IntentShared' | 'IntentExclusive' | 'Exclusive';

/** sp_getapplock: locks of the whole server, freed with their session or, for owner Transaction, at its end. */
export interface AppLocks {
  /**
   * 0 granted at once, 1 granted after a wait, -1 timed out, -2 cancelled, -3 deadlock victim.
   * `timeoutMs` undefined waits for ever.
   */
  acquire(request: {
    readonly spid: number;
    readonly databaseId: number;
    readonly principal: string;
    readonly resource: string;
    readonly owner: 'Session' | 'Transaction';
    readonly mode: AppLockMode;
    readonly timeoutMs: number | undefined;
    readonly signal: AbortSignal;
  }): Promise<0 | 1 | -1 | -2 | -3>;
  /** false when this session does not hold it (error 1223). */
  release(request: {
    readonly spid: number;
    readonly databaseId: number;
    readonly principal: string;
    readonly resource: string;
    readonly owner: 'Session' | 'Transaction';
  }): boolean;
  /** APPLOCK_MODE; 'NoLock' when not held. */
  mode(request: {
    readonly spid: number;
    readonly databaseId: number;
    readonly principal: string;
    readonly resource: string;
    readonly owner: 'Session' | 'Transaction';
  }): AppLockMode | 'SharedIntentExclusive' | 'UpdateIntentExclusive' | 'NoLock';
  /** Requests that wait, for sys.dm_exec_requests and sys.dm_tran_locks. */
  waiting?(): Iterable<{
    readonly spid: number;
    readonly owner: 'Session' | 'Transaction';
    readonly databaseId: number;
    readonly resource: string;
    readonly mode: AppLockMode;
    /** A session that stands in the way; 0 when only the queue does. */
    readonly blockedBy: number;
  }>;
  /** For sys.dm_tran_locks and APPLOCK_TEST. */
  held(): Iterable<{
    readonly spid: number;
    readonly owner: 'Session' | 'Transaction';
    readonly databaseId: number;
    readonly principal: string;
    readonly resource: string;
    readonly mode: AppLockMode | 'SharedIntentExclusive' | 'UpdateIntentExclusive';
  }>;
}

/** What the caller may do. sysadmin may do everything; the owner of a database everything in it. */
export interface PermissionCheck {
  /** IS_SRVROLEMEMBER: fixed server role of the caller's login (sysadmin counts only as itself here). */
  inServerRole(role: string): boolean;
  /** e.g. 'VIEW SERVER STATE', 'CREATE ANY DATABASE', 'ALTER ANY CONNECTION'; implied by sysadmin and CONTROL SERVER. */
  onServer(permission: string): boolean;
  /** IS_MEMBER: database role of the caller in that database; db_owner for its owner and sysadmin. */
  inDatabaseRole(database: Database, role: string): boolean;
  /** e.g. 'BACKUP DATABASE', 'BACKUP LOG', 'CREATE DATABASE', 'CONTROL', 'VIEW DATABASE STATE'. */
  onDatabase(database: Database, permission: string): boolean;
  /** A right on one table, view or procedure: given on it, on its schema or on the database. Without it, onDatabase answers. */
  onObject?(database: Database, permission: string, schema: string, name: string): boolean;
  /** HAS_DBACCESS, 916: the login maps to a user (or guest in master, tempdb, msdb) and the database can be opened. */
  mayEnter(database: Database): boolean;
  /** Name of the database user the caller is in that database: dbo, guest, a user's name; null without access. */
  userIn(database: Database): string | null;
}

export interface SystemContext {
  readonly instance: Instance;
  /** The database whose catalog is asked: the one of the name (msdb.sys.tables), else the session's. */
  readonly database: Database;
  readonly session: SessionInfo;
  /** Every session of the server, this one too. */
  sessions(): Iterable<SessionInfo>;
  readonly locks: AppLocks;
  readonly permissions: PermissionCheck;
  /** Server-local time when the statement started (GETDATE of the whole statement). */
  readonly now: SqlMoment;
  /** Minutes of local minus UTC at `now`. */
  readonly offsetMinutes: number;
  /** Temporary tables of this session, by the names it gave them (`#t`); they live in tempdb. */
  temporaryTables(): Iterable<Table>;
}

/**
 * A system view, or a table-valued system function when `parameters` is there. A view that does not depend on the
 * database context ignores `context.database`.
 */
export interface SystemView {
  readonly schema: 'sys' | 'INFORMATION_SCHEMA' | 'dbo';
  readonly name: string;
  /** Set when the object exists in that database only (say master.dbo.spt_values); unset: in every database. */
  readonly onlyIn?: string;
  readonly columns: readonly ResultColumn[];
  /** Arguments are converted to these types before the call; missing optional ones arrive as null. */
  readonly parameters?: readonly SystemParameter[];
  /**
   * Rows in column order, made lazily. `equalities` (lower-case column name → value, from `col = constant` terms of the
   * WHERE clause) is only a hint: the query filters again, so a view may ignore it.
   * Throws SqlError for missing permission (300, 297, 262, …).
   */
  rows(
    context: SystemContext,
    args: readonly SqlValue[],
    equalities: ReadonlyMap<string, SqlValue>,
  ): Iterable<readonly SqlValue[]>;
}

export interface SystemParameter {
  /** With the leading @ for procedures; any name for functions. */
  readonly name: string;
  readonly type: SqlType;
  readonly optional?: boolean;
  readonly output?: boolean;
}

/**
 * A scalar function of the catalog kind: SERVERPROPERTY, DB_ID, DB_NAME, OBJECT_ID, SUSER_SNAME, HAS_PERMS_BY_NAME, …;
 * also `@@VERSION`, `@@SERVERNAME`, `@@SERVICENAME`, `@@MAX_CONNECTIONS`, `@@MAX_PRECISION`, `@@MICROSOFTVERSION` (name with
 * the @@, no parameters) and the niladic CURRENT_USER, SESSION_USER, SYSTEM_USER, USER (`niladic: true`).
 * exec/ itself has: every string, date, math, conversion, aggregate and ERROR_* function, NEWID, HASHBYTES, XACT_STATE,
 * SCOPE_IDENTITY, @@ROWCOUNT, @@ERROR, @@TRANCOUNT, @@SPID, @@IDENTITY, @@FETCH_STATUS, @@NESTLEVEL, @@PROCID,
 * @@LOCK_TIMEOUT, @@DATEFIRST, @@LANGUAGE, @@LANGID, @@TEXTSIZE, @@OPTIONS, @@CURSOR_ROWS.
 */
export interface SystemFunction {
  readonly name: string;
  /** Set for functions that must be called as `schema.name(…)`: sys.fn_…, msdb.dbo.…; unset: built-in name. */
  readonly schema?: 'sys' | 'dbo';
  readonly onlyIn?: string;
  readonly niladic?: boolean;
  readonly parameters: readonly SystemParameter[];
  /** More arguments of the last parameter's type may follow. */
  readonly variadic?: boolean;
  readonly type: SqlType;
  /** `args` may be padded with null for what was left out; `given` is how many arguments the call has. */
  evaluate(context: SystemContext, args: readonly SqlValue[], given?: number): SqlValue;
}

export interface ProcedureContext extends SystemContext {
  readonly signal: AbortSignal;
  /** For calls of Instance methods that take one. */
  readonly statement: StatementContext;
  /** Sends a result set to the client, or into the table of INSERT … EXEC. Obeys back-pressure. */
  resultSet(
    columns: readonly ResultColumn[],
    rows: Iterable<readonly SqlValue[]> | AsyncIterable<readonly SqlValue[]>,
  ): Promise<void>;
  /** INFO (class ≤ 10), or an error after which the procedure goes on. Errors that end it are thrown as SqlError. */
  message(message: SqlMessage): void;
  /** Assigns an OUTPUT parameter; ignored when the caller did not ask for it. */
  setOutput(name: string, value: SqlValue): void;
  /** true when the session is inside a user transaction (15002: not allowed within a transaction). */
  readonly inTransaction: boolean;
  /**
   * Runs `work` in the session's open transaction over that database, or in one that commits when `work` returns and rolls
   * back when it throws.
   */
  withTransaction<T>(database: Database, work: (transaction: Transaction) => T | Promise<T>): Promise<T>;
  /** Runs T-SQL in this session, its results going where this procedure's results go. `parameters` are visible as @name. */
  execute(
    text: string,
    parameters?: readonly { readonly name: string; readonly type: SqlType; readonly value: SqlValue }[],
  ): Promise<void>;
}

/**
 * Found by `EXEC name`, `EXEC sys.name`, `EXEC dbo.name`, `EXEC master.dbo.name`, `EXEC master..name`, from every database.
 * sp_executesql, sp_prepare, sp_execute, sp_prepexec, sp_unprepare and sp_reset_connection belong to exec/ itself.
 * exec/ binds and converts arguments and raises 201 (missing), 8144 (too many), 8145 (unknown name).
 */
export interface SystemProcedure {
  readonly name: string;
  readonly onlyIn?: string;
  readonly parameters: readonly SystemParameter[];
  /** Return code. `args` holds what the caller gave, by lower-case parameter name with @; what was left out is absent. */
  run(context: ProcedureContext, args: ReadonlyMap<string, SqlValue>): Promise<number>;
}

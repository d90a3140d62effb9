/**
 * What the rooms of the simulated SQL Server promise each other.
 *
 * tds/    speaks the wire protocol and knows no SQL: it turns requests into calls of {@link Session} and what comes
 *         back through {@link ResultSink} into tokens.
 * tsql/   lexer, parser and AST; knows no state.
 * exec/   sessions: runs parsed statements over {@link Instance}; queries, expressions, procedures, system views.
 * engine/ databases as real files: rows, transactions, locks, the log, recovery, BACKUP and RESTORE, msdb history.
 */

// ---------------------------------------------------------------------------------------------- values and types

/** decimal, numeric, money: `unscaled / 10^scale`. LSN columns are numeric(25,0) and would not survive a float. */
export interface Decimal {
  readonly unscaled: bigint;
  readonly scale: number;
}

/** Every date and time type: 100 ns ticks since 0001-01-01 of the *local* clock; the offset only for datetimeoffset. */
export interface SqlMoment {
  readonly ticks: bigint;
  readonly offsetMinutes?: number;
}

/** A value of type sql_variant, as SERVERPROPERTY returns it. */
export interface Variant {
  readonly type: SqlType;
  readonly value: SqlValue;
}

/**
 * null; bit: boolean; tinyint, smallint, int, real, float: number; bigint: bigint; decimal, numeric, money: Decimal;
 * character types and uniqueidentifier (upper case, dashes): string; binary types: Uint8Array; times: SqlMoment.
 */
export type SqlValue = null | boolean | number | bigint | string | Uint8Array | Decimal | SqlMoment | Variant;

export type SqlTypeName =
  | 'bit'
  | 'tinyint'
  | 'smallint'
  | 'int'
  | 'bigint'
  | 'decimal'
  | 'numeric'
  | 'money'
  | 'smallmoney'
  | 'real'
  | 'float'
  | 'char'
  | 'varchar'
  | 'nchar'
  | 'nvarchar'
  | 'text'
  | 'ntext'
  | 'sysname'
  | 'binary'
  | 'varbinary'
  | 'image'
  | 'uniqueidentifier'
  | 'date'
  | 'time'
  | 'datetime'
  | 'smalldatetime'
  | 'datetime2'
  | 'datetimeoffset'
  | 'sql_variant';

export interface SqlType {
  readonly name: SqlTypeName;
  /** Characters for n/char types, bytes for binary types; -1 is (max). */
  readonly length?: number;
  readonly precision?: number;
  readonly scale?: number;
}

export interface ResultColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable?: boolean;
  readonly identity?: boolean;
  /** Wire flags where the fact sheet gives them (9 nullable system column, 1 HEADERONLY, 33 computed). */
  readonly flags?: number;
}

// ------------------------------------------------------------------------------------------------------ messages

/** One row of sys.messages on its way to a client. `class` 0–10 travels as INFO, above as ERROR. */
export interface SqlMessage {
  readonly number: number;
  readonly class: number;
  readonly state: number;
  readonly text: string;
  readonly procedure?: string;
  readonly line?: number;
}

/** Thrown anywhere below a session; `messages` leave in this order (the cause first, 3013 last). */
export class SqlError extends Error {
  readonly messages: readonly SqlMessage[];
  constructor(...messages: SqlMessage[]) {
    super(messages.map((m) => `Msg ${m.number}, Level ${m.class}, State ${m.state}: ${m.text}`).join('\n'));
    this.messages = messages;
  }
}

// ---------------------------------------------------------------------------------------------- tds/ ⇄ exec/

export interface LoginRequest {
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly hostName: string;
  readonly appName: string;
  readonly libraryName: string;
  readonly language: string;
  readonly clientAddress: string;
  /** Ends the connection from the server's side (KILL of an idle session); close() of the session follows. */
  readonly disconnect?: () => void;
}

/** Thrown by login(): travels as ERROR tokens, then the connection closes. */
export interface SqlServer {
  readonly serverName: string;
  /** 16.0.4236 as [16, 0, 4236]. */
  readonly version: readonly [number, number, number];
  /** @throws SqlError 18456, 4060, … */
  login(request: LoginRequest): Promise<Session>;
}

export interface RpcParameter {
  /** With the leading @, or '' when positional. */
  readonly name: string;
  readonly type: SqlType;
  readonly value: SqlValue;
  readonly output: boolean;
}

export interface RpcCall {
  /** Well-known ids arrive as names: sp_executesql, sp_prepare, sp_execute, sp_prepexec, sp_unprepare, sp_cursor*. */
  readonly procedure: string;
  readonly parameters: readonly RpcParameter[];
}

export type TransactionRequest =
  | { readonly kind: 'begin'; readonly isolation: number; readonly name: string }
  | { readonly kind: 'commit'; readonly name: string; readonly beginNext: boolean }
  | { readonly kind: 'rollback'; readonly name: string; readonly beginNext: boolean }
  | { readonly kind: 'save'; readonly name: string };

/** One logged-in connection. Calls never overlap. `signal` aborts on ATTENTION and when the connection drops. */
export interface Session {
  readonly spid: number;
  readonly database: string;
  batch(text: string, sink: ResultSink, signal: AbortSignal): Promise<void>;
  rpc(call: RpcCall, sink: ResultSink, signal: AbortSignal): Promise<void>;
  transaction(request: TransactionRequest, sink: ResultSink, signal: AbortSignal): Promise<void>;
  /** sp_reset_connection: the RESETCONNECTION bit of the next request. */
  reset(): Promise<void>;
  /** The connection is gone: running work is over, open transactions roll back, locks are freed. Idempotent. */
  close(): Promise<void>;
}

export type EnvChange =
  | { readonly kind: 'database' | 'language'; readonly next: string; readonly previous: string }
  | { readonly kind: 'begin' | 'commit' | 'rollback'; readonly transaction: bigint };

/** Receives one request's answer in wire order. The TDS layer decides MORE flags, DONE kinds and packet borders. */
export interface ResultSink {
  columns(columns: readonly ResultColumn[]): void;
  row(values: readonly SqlValue[]): void;
  /** Resolves when the client has taken enough that more rows may be produced (back-pressure). */
  ready(): Promise<void>;
  message(message: SqlMessage): void;
  env(change: EnvChange): void;
  /** Ends a statement. `rowCount` sets the COUNT bit, `failed` the ERROR bit. */
  done(end: { readonly curCmd: number; readonly rowCount?: number; readonly failed?: boolean }): void;
  returnStatus(status: number): void;
  returnValue(parameter: { readonly name: string; readonly type: SqlType; readonly value: SqlValue }): void;
  /** Sends what is buffered now (progress messages of BACKUP must not wait for its end). */
  flush(): void;
}

// -------------------------------------------------------------------------------------------- exec/ ⇄ engine/

export interface Clock {
  /** Milliseconds since the epoch; may carry a fraction. */
  now(): number;
  /** Local minus UTC, of the server's time zone at that instant. */
  offsetMinutes(epochMs: number): number;
}

export type DatabaseState =
  'ONLINE' | 'RESTORING' | 'RECOVERING' | 'RECOVERY_PENDING' | 'SUSPECT' | 'EMERGENCY' | 'OFFLINE';
export type RecoveryModel = 'FULL' | 'BULK_LOGGED' | 'SIMPLE';

export interface ColumnDefinition {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  readonly identity?: { readonly seed: bigint; readonly increment: bigint };
  /** Source text of a DEFAULT or computed expression: exec/ parses it. */
  readonly defaultText?: string;
  readonly defaultName?: string;
  readonly computedText?: string;
}

export interface KeyDefinition {
  readonly name: string;
  readonly kind: 'primary' | 'unique' | 'index';
  readonly columns: readonly { readonly name: string; readonly descending: boolean }[];
  /** `unique` made by CREATE UNIQUE INDEX: no constraint in the catalog, and duplicates are 2601 instead of 2627. */
  readonly uniqueIndex?: true;
}

export interface CheckDefinition {
  readonly name: string;
  readonly text: string;
}

export interface ForeignKeyDefinition {
  readonly name: string;
  readonly columns: readonly string[];
  readonly references: { readonly schema: string; readonly table: string; readonly columns: readonly string[] };
}

export interface TableDefinition {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly ColumnDefinition[];
  readonly keys: readonly KeyDefinition[];
  readonly checks: readonly CheckDefinition[];
  readonly foreignKeys: readonly ForeignKeyDefinition[];
}

/** A stored row: `values[i]` belongs to `columns[i]`. Identity is the object; never change it in place. */
export interface StoredRow {
  readonly id: number;
  readonly values: readonly SqlValue[];
}

export interface Table {
  readonly id: number;
  readonly createDate: SqlMoment;
  readonly definition: TableDefinition;
  readonly rowCount: number;
  rows(): Iterable<StoredRow>;
  /** Equality look-up through a key's leading columns, or undefined when no key serves; the order of `columns` is free. */
  seek(columns: readonly string[], values: readonly SqlValue[]): Iterable<StoredRow> | undefined;
  /** Last identity value handed out, null when none was. */
  readonly lastIdentity: bigint | null;
}

/** Views, procedures and other objects that are kept as source text. */
export interface TextObject {
  readonly id: number;
  readonly kind: 'view' | 'procedure' | 'function' | 'trigger';
  readonly schema: string;
  readonly name: string;
  readonly text: string;
  /** create_date of sys.objects; without it the database's own creation date stands in. */
  readonly createDate?: SqlMoment;
}

/**
 * A transaction over one database. Changes are visible at once to its own session and, through locks, to nobody else
 * before commit. commit() has written every log record to the log file (so kill -9 loses nothing) when it returns.
 */
export interface Transaction {
  readonly id: bigint;
  /** Name given by BEGIN TRAN name WITH MARK, kept in the log. */
  mark?: { readonly name: string; readonly description: string };
  /** spid that holds what this transaction waits for; 0 when it does not wait. */
  readonly blockedBy?: number;
  /** Waits for a table lock; throws 1222 on lock timeout, 1205 for a deadlock victim. Shared locks end with the statement. */
  lock(table: Table, mode: 'shared' | 'exclusive', signal: AbortSignal, timeoutMs?: number): Promise<void>;
  releaseShared(): void;
  /** Values in column order; identity columns are filled in by nextIdentity. Throws 2627/2601 for duplicate keys. */
  insert(table: Table, values: readonly SqlValue[]): StoredRow;
  update(table: Table, row: StoredRow, values: readonly SqlValue[]): StoredRow;
  delete(table: Table, row: StoredRow): void;
  truncate(table: Table): void;
  nextIdentity(table: Table): bigint;
  reseed(table: Table, value: bigint): void;
  createTable(definition: TableDefinition): Table;
  /** Replaces the definition (ALTER TABLE, CREATE INDEX); `map` rewrites stored rows when columns change. */
  alterTable(
    table: Table,
    definition: TableDefinition,
    map?: (values: readonly SqlValue[]) => readonly SqlValue[],
  ): void;
  dropTable(table: Table): void;
  putObject(object: Omit<TextObject, 'id'>): TextObject;
  dropObject(object: TextObject): void;
  createSchema(name: string): void;
  putUser(user: DatabaseUser): void;
  dropUser(name: string): void;
  savepoint(): number;
  rollbackTo(savepoint: number): void;
  commit(): void;
  rollback(): void;
  readonly state: 'active' | 'committed' | 'rolledback';
}

export interface DatabaseUser {
  readonly name: string;
  /** Upper-case hex of the login's SID; null for a user without login or a role. */
  readonly sid: string | null;
  readonly kind: 'user' | 'role';
  readonly defaultSchema: string;
  readonly roles: readonly string[];
  /** e.g. 'BACKUP DATABASE', 'CONTROL'. */
  readonly permissions: readonly string[];
}

export interface DatabaseFile {
  readonly fileId: number;
  readonly type: 'ROWS' | 'LOG';
  readonly logicalName: string;
  /** As SQL Server writes it, e.g. /var/opt/mssql/data/db1.mdf. */
  readonly physicalName: string;
  readonly sizeBytes: number;
  readonly uniqueId: string;
  readonly createLsn: Lsn;
}

/** numeric(25,0): VLF ‖ 10-digit block ‖ 5-digit slot. */
export type Lsn = bigint;

export interface Database {
  readonly id: number;
  readonly name: string;
  readonly state: DatabaseState;
  readonly recoveryModel: RecoveryModel;
  readonly userAccess: 'MULTI_USER' | 'SINGLE_USER' | 'RESTRICTED_USER';
  readonly isReadOnly: boolean;
  readonly isInStandby: boolean;
  readonly createDate: SqlMoment;
  readonly ownerSid: string;
  readonly collation: string;
  readonly compatibilityLevel: number;
  readonly files: readonly DatabaseFile[];
  /** sys.database_recovery_status and the columns of sys.master_files that restore tools read. */
  readonly recovery: {
    readonly databaseGuid: string;
    readonly familyGuid: string;
    readonly recoveryForkGuid: string;
    readonly firstRecoveryForkGuid: string;
    readonly forkPointLsn: Lsn | null;
    /** null: a log backup is impossible (no base yet, pseudo-simple, SIMPLE). */
    readonly lastLogBackupLsn: Lsn | null;
    readonly differentialBaseLsn: Lsn | null;
    readonly differentialBaseGuid: string | null;
    readonly differentialBaseTime: SqlMoment | null;
    readonly redoStartLsn: Lsn | null;
    readonly redoStartForkGuid: string | null;
    readonly redoTargetLsn: Lsn | null;
  };
  /** sys.dm_db_log_stats. */
  logStats(): {
    readonly minLsn: Lsn;
    readonly endLsn: Lsn;
    readonly logBackupTime: SqlMoment | null;
    readonly logBackupLsn: Lsn | null;
    readonly sinceLastLogBackupBytes: number;
    readonly reuseWait: string;
  };
  /** Loads lazily; throws 927, 942, 922, 926 when the state does not allow access. */
  open(): void;
  tables(): Iterable<Table>;
  table(schema: string, name: string): Table | undefined;
  objects(): Iterable<TextObject>;
  object(schema: string, name: string): TextObject | undefined;
  schemas(): Iterable<string>;
  users(): Iterable<DatabaseUser>;
  /** `spid`: the session it belongs to, for the text of 1205. */
  begin(spid?: number): Transaction;
  /** DBCC CHECKDB: re-reads the files; messages of damage, empty when clean. */
  check(signal: AbortSignal): Promise<readonly SqlMessage[]>;
  /** DATABASEPROPERTYEX LastGoodCheckDbTime: the last CHECKDB that found no damage, null when none ran. */
  readonly lastGoodCheckTime?: SqlMoment | null;
}

export interface Login {
  readonly name: string;
  readonly sid: string;
  readonly defaultDatabase: string;
  readonly disabled: boolean;
  /** sysadmin, dbcreator, … */
  readonly serverRoles: readonly string[];
  /** 'VIEW SERVER STATE', 'CREATE ANY DATABASE', 'ALTER ANY CONNECTION', … */
  readonly permissions: readonly string[];
  /** create_date of sys.server_principals; without it the start of the instance stands in. */
  readonly createDate?: SqlMoment;
}

/** What a long statement gets from the session that runs it. */
export interface StatementContext {
  readonly spid: number;
  readonly login: Login;
  /** Database context of the session (3102 looks at it). */
  readonly currentDatabase: string;
  readonly inTransaction: boolean;
  readonly signal: AbortSignal;
  /** SET LOCK_TIMEOUT; undefined or negative: wait as long as it takes. A second full backup waits that long, then 3023. */
  readonly lockTimeoutMs?: number;
  /** An informational message; leaves at once, each followed by its own DONE (CurCmd of the statement). */
  info(message: SqlMessage): void;
  /** 0–100, for sys.dm_exec_requests. */
  progress(percent: number): void;
}

export interface BackupStatement {
  readonly kind: 'database' | 'log';
  readonly database: string;
  readonly devices: readonly { readonly type: 'DISK' | 'URL' | 'LOGICAL'; readonly path: string }[];
  readonly differential: boolean;
  readonly copyOnly: boolean;
  readonly init: boolean;
  readonly format: boolean;
  readonly skip: boolean;
  readonly checksum: boolean;
  readonly compression: boolean | undefined;
  readonly stats: number | undefined;
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly mediaName: string | undefined;
  readonly mediaDescription: string | undefined;
  readonly noRecovery: boolean;
  readonly standby: string | undefined;
  readonly noTruncate: boolean;
  readonly continueAfterError: boolean;
  readonly expireDate: SqlMoment | undefined;
}

export interface RestoreStatement {
  readonly kind: 'database' | 'log';
  readonly database: string;
  /** Empty for `RESTORE DATABASE x WITH RECOVERY`. */
  readonly devices: BackupStatement['devices'];
  /** FILE = n */
  readonly position: number | undefined;
  readonly recovery: 'recovery' | 'norecovery' | { readonly standby: string };
  readonly moves: readonly { readonly logicalName: string; readonly physicalName: string }[];
  readonly replace: boolean;
  readonly restart: boolean;
  readonly restrictedUser: boolean;
  readonly checksum: boolean | undefined;
  readonly continueAfterError: boolean;
  readonly stats: number | undefined;
  /** Local time of the server, datetime resolution. */
  readonly stopAt: SqlMoment | undefined;
  readonly stopMark:
    { readonly name: string; readonly before: boolean; readonly after: SqlMoment | undefined } | undefined;
}

export interface RestoreInfoStatement {
  readonly kind: 'headeronly' | 'filelistonly' | 'labelonly' | 'verifyonly';
  readonly devices: BackupStatement['devices'];
  readonly position: number | undefined;
  readonly checksum: boolean | undefined;
}

export interface CreateDatabase {
  readonly name: string;
  readonly files: readonly {
    readonly logicalName: string;
    readonly physicalName: string;
    readonly type: 'ROWS' | 'LOG';
    readonly sizeBytes?: number;
  }[];
  readonly collation?: string;
}

export type AlterDatabase =
  | { readonly set: 'recovery'; readonly model: RecoveryModel }
  | { readonly set: 'state'; readonly state: 'ONLINE' | 'OFFLINE' | 'EMERGENCY'; readonly rollbackImmediate: boolean }
  | { readonly set: 'access'; readonly access: Database['userAccess']; readonly rollbackImmediate: boolean }
  | { readonly set: 'readonly'; readonly readOnly: boolean; readonly rollbackImmediate: boolean }
  | { readonly set: 'name'; readonly name: string }
  | {
      readonly set: 'file';
      readonly file: { readonly logicalName: string; readonly physicalName: string; readonly type: 'ROWS' | 'LOG' };
    }
  | { readonly set: 'ignored'; readonly option: string };

/** The sessions, as engine/ needs to see them: who is in a database, and how to throw somebody out. */
export interface SessionDirectory {
  /** Sessions whose context is the database, or that hold a transaction in it. */
  inDatabase(databaseId: number): readonly number[];
  /** KILL: ends the session's work and its connection. */
  kill(spid: number): Promise<void>;
}

export interface Instance {
  readonly serverName: string;
  readonly version: readonly [number, number, number];
  readonly edition: string;
  readonly clock: Clock;
  readonly startTime: SqlMoment;
  readonly defaultDataPath: string;
  readonly defaultLogPath: string;
  readonly defaultBackupPath: string;
  sessions: SessionDirectory;

  databases(): Iterable<Database>;
  /** Case-insensitive. */
  database(name: string): Database | undefined;
  databaseById(id: number): Database | undefined;
  createDatabase(create: CreateDatabase, context: StatementContext): Promise<Database>;
  alterDatabase(name: string, alter: AlterDatabase, context: StatementContext): Promise<void>;
  dropDatabase(name: string, context: StatementContext): Promise<void>;

  backup(statement: BackupStatement, context: StatementContext): Promise<void>;
  restore(statement: RestoreStatement, context: StatementContext): Promise<void>;
  /** VERIFYONLY gives no columns and sends 3262 through the context. */
  restoreInfo(
    statement: RestoreInfoStatement,
    context: StatementContext,
  ): Promise<{ readonly columns: readonly ResultColumn[]; readonly rows: readonly (readonly SqlValue[])[] }>;

  logins(): Iterable<Login>;
  login(name: string): Login | undefined;
  checkPassword(name: string, password: string): boolean;
  putLogin(login: Login, password?: string): void;
  dropLogin(name: string): void;
  /** sp_configure, ALTER SERVER CONFIGURATION and the like; only 'backup compression default' has an effect. */
  configuration: Map<string, number>;

  /** Paths as SQL Server sees them (/var/opt/mssql/…), with its permission rules; for xp_ procedures and DMVs. */
  readonly files: {
    exists(path: string): { readonly exists: boolean; readonly isDirectory: boolean; readonly parentExists: boolean };
    list(path: string): readonly {
      readonly name: string;
      readonly isDirectory: boolean;
      readonly sizeBytes: number;
      readonly modified: number;
    }[];
    /** @throws SqlError when the place is not writable. */
    makeDirectory(path: string): void;
    /** Only removes what is a backup file, as xp_delete_file does. */
    deleteBackup(path: string): void;
    /** The volume a path lies on, for sys.dm_os_volume_stats and xp_fixeddrives; undefined when the path does not exist. */
    volume?(
      path: string,
    ): { readonly mountPoint: string; readonly totalBytes: number; readonly availableBytes: number } | undefined;
    /** Text of a file of the server's own log directory (errorlog, errorlog.1); undefined when there is none. */
    readLog?(name: string): string | undefined;
  };
  /** Writes what a clean stop writes; the process may be killed at any time instead. */
  close(): Promise<void>;
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqlError } from '../../contracts.ts';
import type {
  BackupStatement,
  Decimal,
  RestoreInfoStatement,
  RestoreStatement,
  SqlMessage,
  SqlMoment,
  SqlType,
  SqlValue,
  StatementContext,
  TableDefinition,
} from '../../contracts.ts';
import type { EngineDatabase } from '../database.ts';
import { openInstance } from '../instance.ts';
import type { EngineInstance, InstanceOptions } from '../instance.ts';
import { momentNow } from '../moment.ts';

/** A statement context of sa in master that keeps what it is told. */
export function sa(instance: EngineInstance, change: Partial<StatementContext> = {}) {
  const messages: SqlMessage[] = [];
  const context: StatementContext = {
    spid: 51,
    login: instance.login('sa')!,
    currentDatabase: 'master',
    inTransaction: false,
    signal: new AbortController().signal,
    info: (message) => messages.push(message),
    progress: () => undefined,
    ...change,
  };
  return { context, messages };
}

const INT: SqlType = { name: 'int' };

export const ITEMS: TableDefinition = {
  schema: 'dbo',
  name: 'items',
  columns: [
    { name: 'id', type: INT, nullable: false },
    { name: 'body', type: { name: 'nvarchar', length: 100 }, nullable: true },
  ],
  keys: [{ name: 'PK_items', kind: 'primary', columns: [{ name: 'id', descending: false }] }],
  checks: [],
  foreignKeys: [],
};

export function backupOf(database: string, path: string, change: Partial<BackupStatement> = {}): BackupStatement {
  return {
    kind: 'database',
    database,
    devices: [{ type: 'DISK', path }],
    differential: false,
    copyOnly: false,
    init: false,
    format: false,
    skip: false,
    checksum: false,
    compression: undefined,
    stats: undefined,
    name: undefined,
    description: undefined,
    mediaName: undefined,
    mediaDescription: undefined,
    noRecovery: false,
    standby: undefined,
    noTruncate: false,
    continueAfterError: false,
    expireDate: undefined,
    ...change,
  };
}

export function restoreOf(
  database: string,
  path: string | undefined,
  change: Partial<RestoreStatement> = {},
): RestoreStatement {
  return {
    kind: 'database',
    database,
    devices: path === undefined ? [] : [{ type: 'DISK', path }],
    position: undefined,
    recovery: 'norecovery',
    moves: [],
    replace: false,
    restart: false,
    restrictedUser: false,
    checksum: undefined,
    continueAfterError: false,
    stats: undefined,
    stopAt: undefined,
    stopMark: undefined,
    ...change,
  };
}

/** MOVE for the two files of a database that `createDatabase` made. */
export function moved(source: string, target: string): Pick<RestoreStatement, 'moves'> {
  return {
    moves: [
      { logicalName: source, physicalName: `/var/opt/mssql/data/${target}.mdf` },
      { logicalName: `${source}_log`, physicalName: `/var/opt/mssql/data/${target}_log.ldf` },
    ],
  };
}

/** A server in a folder of its own, with the statements that the tests use. */
export class Lab implements AsyncDisposable {
  readonly root: string;
  readonly options: Omit<InstanceOptions, 'dataRoot'>;
  instance: EngineInstance;

  private constructor(root: string, options: Omit<InstanceOptions, 'dataRoot'>, instance: EngineInstance) {
    this.root = root;
    this.options = options;
    this.instance = instance;
  }

  static async open(options: Omit<InstanceOptions, 'dataRoot'> = {}): Promise<Lab> {
    const root = mkdtempSync(join(tmpdir(), 'sim-engine-'));
    const instance = await openInstance({ saPassword: 'Secret.1', ...options, dataRoot: root });
    return new Lab(root, options, instance);
  }

  /** As after kill -9: nothing of the old instance is asked to write anything. */
  async reopen(): Promise<void> {
    this.instance.pool.close();
    this.instance = await openInstance({ ...this.options, dataRoot: this.root });
  }

  async create(name: string, table: TableDefinition = ITEMS): Promise<EngineDatabase> {
    const database = await this.instance.createDatabase({ name, files: [] }, sa(this.instance).context);
    const transaction = database.begin();
    transaction.createTable(table);
    transaction.commit();
    return database;
  }

  database(name: string): EngineDatabase {
    const database = this.instance.database(name);
    if (database === undefined) throw new Error(`no database ${name}`);
    return database;
  }

  /** Inserts a row in a transaction of its own; returns the moment just before and just after its commit. */
  insert(name: string, id: number, body = `row ${id}`): void {
    const database = this.database(name);
    const transaction = database.begin();
    transaction.insert(database.table('dbo', 'items')!, [id, body]);
    transaction.commit();
  }

  ids(name: string): readonly number[] {
    const rows = this.database(name).table('dbo', 'items')!.rows();
    return [...rows].map((r) => Number(r.values[0])).toSorted((a, b) => a - b);
  }

  async backup(database: string, path: string, change: Partial<BackupStatement> = {}): Promise<readonly SqlMessage[]> {
    const { context, messages } = sa(this.instance);
    await this.instance.backup(backupOf(database, path, change), context);
    return messages;
  }

  log(database: string, path: string, change: Partial<BackupStatement> = {}): Promise<readonly SqlMessage[]> {
    return this.backup(database, path, { kind: 'log', ...change });
  }

  async restore(
    database: string,
    path: string | undefined,
    change: Partial<RestoreStatement> = {},
  ): Promise<readonly SqlMessage[]> {
    const { context, messages } = sa(this.instance);
    await this.instance.restore(restoreOf(database, path, change), context);
    return messages;
  }

  async info(kind: RestoreInfoStatement['kind'], path: string, change: Partial<RestoreInfoStatement> = {}) {
    const { context, messages } = sa(this.instance);
    const statement = { kind, devices: [{ type: 'DISK' as const, path }], position: undefined, checksum: undefined };
    const { columns, rows } = await this.instance.restoreInfo({ ...statement, ...change }, context);
    const records = rows.map((row) => Object.fromEntries(columns.map((c, i) => [c.name, row[i] ?? null])));
    return { columns, records, messages };
  }

  history(table: string): readonly Readonly<Record<string, SqlValue>>[] {
    const found = this.database('msdb').table('dbo', table);
    if (found === undefined) throw new Error(`no msdb.dbo.${table}`);
    const names = found.definition.columns.map((c) => c.name);
    return [...found.rows()].map((row) => Object.fromEntries(names.map((n, i) => [n, row.values[i] ?? null])));
  }

  now(): SqlMoment {
    return momentNow(this.instance.clock);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.instance.close();
    rmSync(this.root, { recursive: true, force: true });
  }
}

export function lsnOf(value: SqlValue | undefined): bigint {
  return (value as Decimal).unscaled;
}

/** Lets the clock pass a datetime tick, so that a stop time lies clearly between two commits. */
export async function tick(): Promise<void> {
  const until = performance.now() + 8;
  while (performance.now() < until) await new Promise(setImmediate);
}

export function numbers(messages: readonly SqlMessage[]): readonly number[] {
  return messages.map((m) => m.number);
}

/** The numbers of the messages that a failed statement sends. */
export async function failsWith(work: Promise<unknown>): Promise<readonly number[]> {
  return numbers((await failure(work)).messages);
}

export async function failure(work: Promise<unknown>): Promise<SqlError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof SqlError) return error;
    throw error;
  }
  throw new Error('the statement succeeded');
}

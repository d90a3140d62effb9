import type {
  Clock,
  Database,
  DatabaseFile,
  DatabaseState,
  DatabaseUser,
  SqlMessage,
  SqlMoment,
  TextObject,
} from '../contracts.ts';
import { inaccessible, requireAccess, suspect } from './access.ts';
import type { Boot, StoredFile } from './boot.ts';
import { ByteWriter } from './bytes.ts';
import { checkStorage } from './check.ts';
import type { Content } from './content.ts';
import { DataFileError } from './files/data-file.ts';
import { LockManager } from './lock.ts';
import type { Mark } from './log/block.ts';
import { writeChange } from './log/change.ts';
import type { Change } from './log/change.ts';
import { logStats } from './log-stats.ts';
import type { LogStats } from './log-stats.ts';
import { sqlError } from './messages.ts';
import { Mutex } from './mutex.ts';
import { localTicks, momentNow } from './moment.ts';
import { RetiredStorage } from './storage.ts';
import type { Storage } from './storage.ts';
import { DatabaseFiles } from './database-files.ts';
import type { FilesHost } from './database-files.ts';
import { recoveryView } from './recovery-view.ts';
import type { TableData } from './table.ts';
import { EngineTransaction } from './transaction.ts';
import type { TransactionHome } from './transaction.ts';

/** A row of the database list, kept in master. */
export interface DatabaseEntry {
  readonly id: number;
  readonly name: string;
  readonly createTicks: bigint;
  readonly ownerSid: string;
  readonly mode: 'normal' | 'offline' | 'emergency';
  readonly userAccess: Database['userAccess'];
  readonly files: readonly StoredFile[];
}

/** What all databases of an instance share. */
export interface DatabaseHost extends FilesHost {
  readonly clock: Clock;
  /** Said in the error log: why a database did not come up. */
  log(text: string): void;
  /** A marked transaction is in the log. */
  marked(database: EngineDatabase, mark: Mark, position: number): void;
}

export class EngineDatabase implements Database {
  entry: DatabaseEntry;
  /** BACKUP and RESTORE that run on it now. */
  readonly running = { backups: 0, restore: false, recovering: false, tail: false };
  readonly dataBackup = new Mutex();
  readonly logBackup = new Mutex();
  readonly locks = new LockManager();
  /** tempdb: made anew at every start, so nothing of it is logged. */
  readonly volatile: boolean;
  readonly #host: DatabaseHost;
  readonly #files: DatabaseFiles;
  #lastTransaction = 0n;
  #checkpointPending = false;

  constructor(entry: DatabaseEntry, host: DatabaseHost, options: { readonly volatile?: boolean } = {}) {
    this.entry = entry;
    this.#host = host;
    this.#files = new DatabaseFiles(host, () => this.entry.files);
    this.volatile = options.volatile ?? false;
  }

  get id(): number {
    return this.entry.id;
  }
  get name(): string {
    return this.entry.name;
  }
  get createDate(): SqlMoment {
    return { ticks: this.entry.createTicks };
  }
  get ownerSid(): string {
    return this.entry.ownerSid;
  }
  get userAccess(): Database['userAccess'] {
    return this.entry.userAccess;
  }
  get recoveryModel(): Database['recoveryModel'] {
    return this.boot?.recoveryModel ?? 'FULL';
  }
  get isReadOnly(): boolean {
    return (this.boot?.isReadOnly ?? false) || this.isInStandby;
  }
  get isInStandby(): boolean {
    return this.boot?.restore?.standbyFile != null;
  }
  get collation(): string {
    return this.boot?.collation ?? 'SQL_Latin1_General_CP1_CI_AS';
  }
  get compatibilityLevel(): number {
    return this.boot?.compatibilityLevel ?? 160;
  }

  /** undefined when the files cannot be read. */
  get boot(): Boot | undefined {
    return this.#files.storage()?.boot;
  }

  /** @throws DataFileError when the files cannot be read. */
  get storage(): Storage {
    const storage = this.#files.storage();
    if (storage === undefined) throw this.#files.failure ?? new Error(`database ${this.name} has no files`);
    return storage;
  }

  /** The files are lost or damaged: what only a tail-log backup WITH NO_TRUNCATE can still read. */
  get isDamaged(): boolean {
    return this.entry.mode === 'normal' && this.boot === undefined;
  }

  /** @throws SqlError 945 */
  salvage(): Storage {
    return this.#files.salvage(this.name);
  }

  get state(): DatabaseState {
    if (this.entry.mode === 'offline') return 'OFFLINE';
    const { boot } = this;
    if (boot === undefined) return this.#files.failure?.missing === false ? 'SUSPECT' : 'RECOVERY_PENDING';
    if (this.entry.mode === 'emergency') return 'EMERGENCY';
    if (this.running.recovering) return 'RECOVERING';
    if (this.running.tail) return 'RESTORING';
    return boot.restore !== null && boot.restore.standbyFile === null ? 'RESTORING' : 'ONLINE';
  }

  fail(error: DataFileError): void {
    this.#files.fail(error);
    this.#host.log(`Starting up database '${this.name}' failed: ${error.message}`);
  }

  /** The file that holds the boot page, or the log, on the host. */
  realPath(type: StoredFile['type']): string {
    return this.#files.realPath(type);
  }

  forget(): void {
    this.#files.forget();
  }

  get files(): readonly DatabaseFile[] {
    return this.#files.list();
  }

  get recovery(): Database['recovery'] {
    return recoveryView(this.boot);
  }

  logStats(): LogStats {
    return this.#orFail(() => logStats(this.storage, this.running.backups > 0));
  }

  /** Reads the files; damage that shows only now takes the database out of service. @throws SqlError 926, 945 */
  #orFail<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const missing = 'code' in error && error.code === 'ENOENT';
      this.fail(new DataFileError(error.stack ?? error.message, missing));
      throw missing ? inaccessible(this.name) : suspect(this.name);
    }
  }

  open(): void {
    void this.content;
  }

  /** @throws SqlError 927, 942, 922, 926, 945 */
  requireAccess(): void {
    requireAccess(this.name, this.state);
  }

  get content(): Content {
    this.requireAccess();
    return this.#orFail(() => this.storage.content);
  }

  tables(): Iterable<TableData> {
    return this.content.tables.values();
  }
  table(schema: string, name: string): TableData | undefined {
    return this.content.table(schema, name);
  }
  objects(): Iterable<TextObject> {
    return this.content.objects.values();
  }
  object(schema: string, name: string): TextObject | undefined {
    return this.content.object(schema, name);
  }
  schemas(): Iterable<string> {
    return this.content.schemas;
  }
  users(): Iterable<DatabaseUser> {
    return this.content.users.values();
  }

  begin(spid = 0): EngineTransaction {
    const { content } = this;
    const { storage } = this;
    const home: TransactionHome = {
      content,
      locks: this.locks,
      clock: this.#host.clock,
      checkWritable: () => {
        if (this.isReadOnly || this.entry.mode === 'emergency') {
          throw sqlError(3906, `Failed to update database "${this.name}" because the database is read-only.`);
        }
      },
      commit: (records, mark) => this.#commit(storage, records, mark),
      end: (transaction) => {
        storage.open.delete(transaction.undo);
        this.locks.releaseAll(transaction);
      },
    };
    this.#lastTransaction += 1n;
    const transaction = new EngineTransaction(this.#lastTransaction, home, spid);
    storage.open.add(transaction.undo);
    return transaction;
  }

  /** A transaction of the server itself, over ballast. */
  writeBallast(changes: readonly Extract<Change, { op: 'extent' | 'filler' }>[]): void {
    this.requireAccess();
    const writer = new ByteWriter();
    for (const change of changes) writeChange(writer, change);
    const position = this.storage.log.end;
    this.#commit(this.storage, writer.view(), undefined);
    for (const change of changes) {
      if (change.op === 'extent') this.storage.redoExtent(change.index, change.seed, position);
    }
  }

  #commit(storage: Storage, records: Buffer, mark: Mark | undefined): void {
    if (this.volatile) return;
    const { boot } = storage;
    const commitMs = this.#host.clock.now();
    const offsetMinutes = this.#host.clock.offsetMinutes(commitMs);
    // A coarse rule: under BULK_LOGGED every write counts as minimally logged.
    const bulk = boot.recoveryModel === 'BULK_LOGGED';
    const position = storage.append({ kind: 'transaction', body: records, commitMs, offsetMinutes, bulk, mark });
    boot.lastCommitTicks = localTicks(commitMs, offsetMinutes);
    if (mark !== undefined) this.#host.marked(this, mark, position);
    if (!storage.checkpointDue || this.#checkpointPending) return;
    this.#checkpointPending = true;
    setImmediate(() => {
      storage
        .checkpoint()
        .then((pin) => storage.unpin(pin))
        .catch((error: unknown) => {
          if (error instanceof RetiredStorage) return;
          this.#host.log(`Checkpoint of database '${this.name}' failed: ${String(error)}`);
        })
        .finally(() => (this.#checkpointPending = false));
    });
  }

  async check(signal: AbortSignal): Promise<readonly SqlMessage[]> {
    this.open();
    const { storage } = this;
    const damage = await checkStorage(storage, signal);
    if (damage.length > 0) return damage;
    storage.boot.lastGoodCheckTicks = momentNow(this.#host.clock).ticks;
    storage.saveBoot();
    return [];
  }

  get lastGoodCheckTime(): SqlMoment | null {
    const ticks = this.boot?.lastGoodCheckTicks;
    return ticks == null ? null : { ticks };
  }

  /** Writes a checkpoint when there is something to write: a clean stop leaves no redo behind. */
  async close(): Promise<void> {
    const storage = this.#files.known;
    if (storage === undefined || this.volatile || !storage.loaded || storage.boot.restore !== null) return;
    if (storage.log.end > storage.boot.checkpoint) storage.unpin(await storage.checkpoint());
  }
}

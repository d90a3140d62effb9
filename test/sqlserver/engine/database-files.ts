import { existsSync, statSync } from 'node:fs';
import type { DatabaseFile } from '../contracts.ts';
import { inaccessible } from './access.ts';
import type { StoredFile } from './boot.ts';
import { DataFile, DataFileError } from './files/data-file.ts';
import type { ServerPaths } from './files/paths.ts';
import type { FilePool } from './files/pool.ts';
import { LogFile } from './log/log-file.ts';
import { lsnAt } from './log/lsn.ts';
import { Storage } from './storage.ts';

const SMALLEST_FILE = 8 << 20;
const PAGE = 8192;

export interface FilesHost {
  readonly pool: FilePool;
  readonly paths: ServerPaths;
}

/** The files of one database: read when first asked for, and not again while they are known to be unusable. */
export class DatabaseFiles {
  failure: DataFileError | undefined;
  readonly #host: FilesHost;
  /** Of the database's entry in the list of databases, which may change. */
  readonly #list: () => readonly StoredFile[];
  #storage: Storage | undefined;

  constructor(host: FilesHost, list: () => readonly StoredFile[]) {
    this.#host = host;
    this.#list = list;
  }

  /** undefined when the files cannot be used; `failure` says why. */
  storage(): Storage | undefined {
    if (this.#storage === undefined && this.failure === undefined) this.#start();
    return this.#storage;
  }

  /** What is known already, without touching a file. */
  get known(): Storage | undefined {
    return this.#storage;
  }

  #start(): void {
    try {
      const path = this.realPath('ROWS');
      const file = new DataFile(path, this.#host.pool);
      const boot = file.readBoot();
      const logPath = this.realPath('LOG');
      if (boot.restore === null) statSync(logPath);
      this.#storage = new Storage(file, logPath, boot, this.#host.pool);
    } catch (error) {
      this.fail(error instanceof DataFileError ? error : new DataFileError(String(error), true));
    }
  }

  fail(error: DataFileError): void {
    this.failure = error;
    this.#storage = undefined;
  }

  /** After RESTORE or ALTER DATABASE … ONLINE: whatever was known of the files is void. */
  forget(): void {
    if (this.#storage !== undefined) {
      this.#storage.retire();
      for (const path of [this.#storage.file.path, this.#storage.logPath]) this.#host.pool.drop(path);
    }
    this.#storage = undefined;
    this.failure = undefined;
  }

  /** The file that holds the boot page, or the log, on the host. */
  realPath(type: StoredFile['type']): string {
    const file = this.#list().find((f) => f.type === type);
    const real = file && this.#host.paths.real(file.physicalName);
    if (real === undefined) throw new DataFileError(`there is no ${type} file`, true);
    return real;
  }

  /** The log file alone, by the copy of the boot page that stands in it. @throws SqlError 945 */
  salvage(name: string): Storage {
    const path = this.realPath('LOG');
    const boot = existsSync(path) ? LogFile.bootSlots(path, this.#host.pool).read() : undefined;
    if (boot === undefined) throw inaccessible(name);
    return new Storage(new DataFile(this.realPath('ROWS'), this.#host.pool), path, boot, this.#host.pool);
  }

  list(): readonly DatabaseFile[] {
    return (this.storage()?.boot.files ?? this.#list()).map((file) => ({
      fileId: file.fileId,
      type: file.type,
      logicalName: file.logicalName,
      physicalName: file.physicalName,
      sizeBytes: this.#size(file),
      uniqueId: file.uniqueId,
      createLsn: file.created === 0 ? 0n : lsnAt(file.created),
    }));
  }

  #size(file: StoredFile): number {
    const real = this.#host.paths.real(file.physicalName);
    const size = real === undefined ? 0 : (statSync(real, { throwIfNoEntry: false })?.size ?? 0);
    return Math.max(SMALLEST_FILE, Math.ceil(size / PAGE) * PAGE);
  }
}

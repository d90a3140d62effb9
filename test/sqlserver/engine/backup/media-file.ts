import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { EngineInstance } from '../instance.ts';
import { cannotOpenDevice, osErrorText, osText, readFailed, sqlError } from '../messages.ts';
import {
  END_BYTES_LIMIT,
  MEDIA_BYTES,
  readEndBlock,
  readMediaBlock,
  readStartBlock,
  SET_BYTES,
  setOf,
} from './media.ts';
import type { BackupSet, MediaHeader, SetStart } from './set.ts';

/** What most start blocks need: a file of thousands of sets is read in small steps. */
const SHORT_SET_BYTES = 8192;

/** A backup set on one stripe. `set` is undefined when it was terminated while it was being created. */
export interface FoundSet {
  readonly start: SetStart;
  readonly set: BackupSet | undefined;
  readonly chunksAt: number;
  readonly endAt: number;
  /** Where the next set begins. */
  readonly next: number;
}

export const malformed = (path: string) =>
  sqlError(
    3241,
    `The media family on device '${path}' is incorrectly formed. SQL Server cannot process this media family.`,
    0,
  );

/** One stripe of a media set, open for reading. */
export class MediaFile {
  readonly path: string;
  readonly header: MediaHeader;
  readonly sizeBytes: number;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle, header: MediaHeader, sizeBytes: number) {
    this.path = path;
    this.#handle = handle;
    this.header = header;
    this.sizeBytes = sizeBytes;
  }

  /** @throws SqlError 3201, 3254, 3241 */
  static async open(instance: EngineInstance, given: string): Promise<MediaFile> {
    const path = instance.paths.normalize(given, instance.defaultBackupPath);
    const problem = instance.paths.problem(path, 'read');
    if (problem !== undefined) throw cannotOpenDevice(given, problem, 2);
    const real = instance.paths.real(path)!;
    if (instance.writing.has(real)) throw cannotOpenDevice(given, osText.inUse, 2);
    let handle: FileHandle;
    try {
      handle = await open(real, 'r');
    } catch (error) {
      throw cannotOpenDevice(given, osErrorText(error), 2);
    }
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) throw cannotOpenDevice(given, osText.denied, 2);
      if (stat.size < MEDIA_BYTES) throw sqlError(3254, `The volume on device '${given}' is empty.`);
      const bytes = Buffer.alloc(MEDIA_BYTES);
      await handle.read(bytes, 0, MEDIA_BYTES, 0);
      const header = readMediaBlock(bytes);
      if (header === undefined) throw malformed(given);
      return new MediaFile(given, handle, header, stat.size);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** @throws SqlError 3203 when the file ends before the bytes do. */
  async read(offset: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(length);
    let done = 0;
    while (done < length) {
      const { bytesRead } = await this.#handle.read(bytes, done, length - done, offset + done);
      if (bytesRead === 0) throw readFailed(this.path, osText.endOfFile);
      done += bytesRead;
    }
    return bytes;
  }

  /** Sets in order; an unfinished one is the last. @throws SqlError 3203, 3241 */
  async *sets(): AsyncGenerator<FoundSet> {
    let at = MEDIA_BYTES;
    while (at < this.sizeBytes) {
      if (this.sizeBytes - at < SET_BYTES) return;
      const found =
        readStartBlock(await this.read(at, SHORT_SET_BYTES)) ?? readStartBlock(await this.read(at, SET_BYTES));
      if (found === undefined) throw malformed(this.path);
      const chunksAt = at + SET_BYTES;
      if (found.endOffset === 0) {
        yield { start: found.start, set: undefined, chunksAt, endAt: this.sizeBytes, next: this.sizeBytes };
        return;
      }
      if (found.endOffset >= this.sizeBytes) throw readFailed(this.path, osText.endOfFile);
      const tail = await this.read(found.endOffset, Math.min(END_BYTES_LIMIT, this.sizeBytes - found.endOffset));
      const end = readEndBlock(tail);
      if (end === undefined) throw malformed(this.path);
      const next = found.endOffset + end.size;
      yield { start: found.start, set: setOf(found.start, end.end), chunksAt, endAt: found.endOffset, next };
      at = next;
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

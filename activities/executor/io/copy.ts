import { constants } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { failure } from '../../failure.ts';
import { EarlyFlush } from './early-flush.ts';
import { fileFailure, filing, isMissing } from './errors.ts';
import { createHasher } from './hasher.ts';

interface CopyOptions {
  readonly from: string;
  /** Must not exist. */
  readonly to: string;
  readonly signal: AbortSignal;
  /** Called with the bytes that were written since the last call. */
  readonly onBytes: (bytes: number) => void;
  /** Waits until the copy survives a power failure. */
  readonly durable: boolean;
  /** Last touch of the open copy, e.g. to give it another owner. */
  readonly finish?: (copy: FileHandle) => Promise<void>;
}

export interface Copied {
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/**
 * Copies a file in one pass in which reading, hashing, writing and flushing overlap. Memory is a few buffers whatever the
 * size. A copy that fails or is aborted is removed.
 * @throws failure FileMissing, FileDamaged when the file changes meanwhile, StorageFull, StoreUnavailable; the signal's reason
 */
export async function copyFile(options: CopyOptions): Promise<Copied> {
  const { from, to, signal, onBytes, durable } = options;
  await using source = await openSource(from);
  await using target = await filing(`make ${to}`, () => open(to, 'wx', 0o640));
  try {
    const flush = new EarlyFlush(target);
    const copied = await pump(source, from, signal, async (buffer, length, position) => {
      await filing(`write ${to}`, () => writeFully(target, buffer, length, position));
      if (durable) flush.written(length);
      onBytes(length);
    });
    await options.finish?.(target);
    if (durable) await filing(`write ${to}`, () => flush.settled());
    if (durable) await filing(`write ${to}`, () => target.sync());
    return copied;
  } catch (error) {
    await rm(to, { force: true });
    throw error;
  }
}

/** SHA-256 and size of a file, read the same way. */
export async function hashFile(
  path: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void = () => {},
): Promise<Copied> {
  await using source = await openSource(path);
  return await pump(source, path, signal, async (_buffer, length) => onBytes(length));
}

/** Never through a symbolic link: the folder belongs to another user, who could swap the file for one. */
async function openSource(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    throw isMissing(error)
      ? failure('FileMissing', `The file ${path} is not there`)
      : fileFailure(error, `read ${path}`);
  }
}

/** Takes the first bytes of a buffer, which lie at a position of the file. */
type Sink = (buffer: Buffer, length: number, position: number) => Promise<void>;

/** Reads a file into a ring of buffers; each is hashed and given to the sink at the same time, then filled again. */
async function pump(source: FileHandle, path: string, signal: AbortSignal, sink: Sink): Promise<Copied> {
  const { size } = await regular(source, path);
  await using hasher = createHasher(size);
  const { buffers } = hasher;
  /** When each buffer is hashed and written. */
  const free: Promise<unknown>[] = buffers.map(() => Promise.resolve());
  try {
    let position = 0;
    for (let turn = 0; position < size; turn = (turn + 1) % buffers.length) {
      signal.throwIfAborted();
      await free[turn];
      const buffer = buffers[turn]!;
      const length = Math.min(buffer.length, size - position);
      await readFully(source, buffer, length, position, path);
      const passed = Promise.all([hasher.update(turn, length), sink(buffer, length, position)]);
      passed.catch(() => {});
      free[turn] = passed;
      position += length;
    }
    await Promise.all(free);
  } finally {
    await Promise.allSettled(free);
  }
  signal.throwIfAborted();
  if ((await regular(source, path)).size !== size) throw failure('FileDamaged', `${path} changed while it was copied`);
  return { sizeBytes: size, sha256: await hasher.digest() };
}

async function regular(file: FileHandle, path: string): Promise<{ readonly size: number }> {
  const found = await filing(`read ${path}`, () => file.stat());
  if (!found.isFile()) throw failure('FileDamaged', `${path} is not a regular file`);
  return found;
}

async function readFully(
  file: FileHandle,
  into: Buffer,
  length: number,
  position: number,
  path: string,
): Promise<void> {
  for (let done = 0; done < length;) {
    const { bytesRead } = await filing(`read ${path}`, () => file.read(into, done, length - done, position + done));
    if (bytesRead === 0) throw failure('FileDamaged', `${path} became shorter while it was copied`);
    done += bytesRead;
  }
}

async function writeFully(file: FileHandle, from: Buffer, length: number, position: number): Promise<void> {
  for (let done = 0; done < length;) {
    done += (await file.write(from, done, length - done, position + done)).bytesWritten;
  }
}

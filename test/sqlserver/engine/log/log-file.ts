import { closeSync, fstatSync, ftruncateSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { BootSlots } from '../files/boot-slots.ts';
import type { FilePool } from '../files/pool.ts';
import { BLOCK_HEADER, blockSize, bodyIsWhole, decodeHeader, encodeBlock } from './block.ts';
import type { BlockContent, BlockHeader } from './block.ts';
import { SECTOR } from './lsn.ts';

const MAGIC = Buffer.from('SIMLDF01');
const START_BYTES = 4096;
/** A copy of the boot page stands in the log, so that its tail can be backed up when the data file is lost. */
const HEADER_BYTES = START_BYTES + BootSlots.bytes;
const SCAN_BYTES = 1 << 18;
const COPY_BYTES = 1 << 20;
/** Rewriting the file must free at least as much as it copies. */
const WORTH_TRIMMING = 4 << 20;

function header(base: number): Buffer {
  const bytes = Buffer.alloc(START_BYTES);
  MAGIC.copy(bytes);
  bytes.writeDoubleLE(base, 8);
  return bytes;
}

/**
 * An append-only log in one file that begins at position `base`. Trimming copies what is still needed to a new file and
 * renames it over the old one, so that a kill leaves one or the other.
 */
export class LogFile {
  readonly path: string;
  readonly #pool: FilePool;
  base: number;
  /** Where the next block goes. */
  end: number;

  constructor(path: string, pool: FilePool, base: number, end: number) {
    this.path = path;
    this.#pool = pool;
    this.base = base;
    this.end = end;
  }

  static create(path: string, pool: FilePool, base: number): LogFile {
    pool.drop(path);
    const fd = openSync(path, 'w');
    writeSync(fd, header(base));
    closeSync(fd);
    return new LogFile(path, pool, base, base);
  }

  /** `end` is what the caller knows to be whole; `scan` looks for more. */
  static open(path: string, pool: FilePool, end: number): LogFile {
    const bytes = Buffer.alloc(16);
    readSync(pool.get(path), bytes, 0, 16, 0);
    if (!bytes.subarray(0, 8).equals(MAGIC)) throw new Error(`${path} is not a log file`);
    const base = bytes.readDoubleLE(8);
    if (end < base) throw new Error(`${path} begins after its checkpoint`);
    return new LogFile(path, pool, base, end);
  }

  /** Where the copy of the boot page stands in any log file. */
  static bootSlots(path: string, pool: FilePool): BootSlots {
    return new BootSlots(path, pool, START_BYTES);
  }

  get sizeBytes(): number {
    return HEADER_BYTES + this.end - this.base;
  }

  offsetOf(position: number): number {
    return HEADER_BYTES + position - this.base;
  }

  append(block: Omit<BlockContent, 'position'>): number {
    const position = this.end;
    const bytes = encodeBlock({ ...block, position });
    this.#write(bytes, position);
    this.end = position + bytes.length;
    return position;
  }

  /** RESTORE LOG copies blocks as they are. */
  appendRaw(bytes: Buffer): void {
    this.#write(bytes, this.end);
    this.end += bytes.length;
  }

  #write(bytes: Buffer, position: number): void {
    const fd = this.#pool.get(this.path);
    let done = 0;
    while (done < bytes.length) {
      done += writeSync(fd, bytes, done, bytes.length - done, this.offsetOf(position) + done);
    }
  }

  /**
   * Reads blocks from `from` on and moves `end` behind the last whole one; without `limit` it runs to the end of the
   * file. What lies behind is a torn write: nobody was told that it is there, and it is cut off.
   */
  scan(from: number, visit: (header: BlockHeader, body: Buffer) => void, limit = Infinity): void {
    const fd = this.#pool.get(this.path);
    const fileEnd = this.base + fstatSync(fd).size - HEADER_BYTES;
    let position = from;
    let chunk: Buffer = Buffer.alloc(0);
    let chunkAt = from;
    const need = (bytes: number): Buffer | undefined => {
      if (position + bytes > fileEnd) return undefined;
      if (position - chunkAt + bytes > chunk.length) {
        const size = Math.max(bytes, Math.min(SCAN_BYTES, fileEnd - position));
        chunk = Buffer.allocUnsafe(size);
        chunkAt = position;
        if (readSync(fd, chunk, 0, size, this.offsetOf(position)) < size) return undefined;
      }
      return chunk.subarray(position - chunkAt, position - chunkAt + bytes);
    };
    while (position < limit) {
      const head = need(BLOCK_HEADER);
      const found = head && decodeHeader(head, 0, position);
      const whole = found && need(BLOCK_HEADER + found.bodyLength);
      const body = whole?.subarray(BLOCK_HEADER);
      if (found === undefined || body === undefined || !bodyIsWhole(found, body)) break;
      visit(found, body);
      position += blockSize(found);
    }
    this.end = position;
  }

  /** Cuts off what is behind `end`. */
  cut(): void {
    const fd = this.#pool.get(this.path);
    if (fstatSync(fd).size > this.offsetOf(this.end)) ftruncateSync(fd, this.offsetOf(this.end));
  }

  /** Forgets what is before `needed`, when that frees more than it costs. */
  trim(needed: number): void {
    const free = needed - this.base;
    if (free < WORTH_TRIMMING || free < this.end - needed) return;
    const from = needed - (needed % SECTOR);
    const next = `${this.path}.new`;
    const fd = openSync(next, 'w');
    writeSync(fd, header(from));
    const source = this.#pool.get(this.path);
    const bytes = Buffer.allocUnsafe(COPY_BYTES);
    readSync(source, bytes, 0, BootSlots.bytes, START_BYTES);
    writeSync(fd, bytes, 0, BootSlots.bytes, START_BYTES);
    for (let at = from; at < this.end;) {
      const count = readSync(source, bytes, 0, Math.min(COPY_BYTES, this.end - at), this.offsetOf(at));
      if (count === 0) throw new Error(`${this.path} is shorter than its log`);
      writeSync(fd, bytes, 0, count, HEADER_BYTES + at - from);
      at += count;
    }
    closeSync(fd);
    this.#pool.drop(this.path);
    renameSync(next, this.path);
    this.base = from;
  }
}

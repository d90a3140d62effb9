import { closeSync, openSync, read } from 'node:fs';
import { promisify } from 'node:util';
import { BLOCK_HEADER, blockSize, commitTicks, decodeHeader } from '../log/block.ts';
import type { BlockHeader } from '../log/block.ts';
import type { LogFile } from '../log/log-file.ts';

const CHUNK_BYTES = 1 << 20;
const readAt = promisify(read);

/** Bytes that should be log and are not. */
export class LogDamage extends Error {}

interface FoundBlock {
  readonly header: BlockHeader;
  /** Within the chunk. */
  readonly offset: number;
}

/** The blocks of a chunk that begins at `position`; the last one may reach beyond the chunk. @throws LogDamage */
export function* blocksIn(bytes: Buffer, position: number): Iterable<FoundBlock> {
  let offset = 0;
  while (offset < bytes.length) {
    const header = bytes.length - offset < BLOCK_HEADER ? undefined : decodeHeader(bytes, offset, position + offset);
    if (header === undefined) throw new LogDamage(`no log block at ${position + offset}`);
    yield { header, offset };
    offset += blockSize(header);
  }
}

/** What a log backup says about the transactions in it. */
export class LogSummary {
  lastCommitTicks: bigint | null = null;
  hasBulkLoggedData = false;

  see({ header }: FoundBlock): void {
    if (header.kind !== 'transaction') return;
    this.lastCommitTicks = commitTicks(header);
    if (header.bulk) this.hasBulkLoggedData = true;
  }
}

interface LogChunk {
  readonly bytes: Buffer;
  readonly blocks: readonly FoundBlock[];
}

/** Cuts a piece of log behind its last whole block. */
function wholeBlocks(bytes: Buffer, position: number): { readonly chunk: LogChunk; readonly missing: number } {
  const blocks: FoundBlock[] = [];
  for (const block of blocksIn(bytes, position)) {
    const end = block.offset + blockSize(block.header);
    if (end > bytes.length) {
      return { chunk: { bytes: bytes.subarray(0, block.offset), blocks }, missing: end - bytes.length };
    }
    blocks.push(block);
  }
  return { chunk: { bytes, blocks }, missing: 0 };
}

/**
 * The log from one block to another in chunks of whole blocks, read beside the writers: what is behind `to` is never
 * looked at. A block larger than a chunk makes its chunk as large as it is.
 */
export async function* logChunks(log: LogFile, from: number, to: number): AsyncIterable<LogChunk> {
  if (from >= to) return;
  // Opened in the same breath as its base is read: trimming replaces the file, and this one stays as it is.
  const fd = openSync(log.path, 'r');
  const offset = log.offsetOf(from);
  let rest: Buffer = Buffer.alloc(0);
  let wanted = CHUNK_BYTES;
  try {
    for (let at = from; at < to;) {
      const bytes = Buffer.allocUnsafe(Math.min(wanted, to - at));
      const { bytesRead } = await readAt(fd, bytes, 0, bytes.length, offset + at - from);
      if (bytesRead < bytes.length) throw new LogDamage(`${log.path} ends before ${to}`);
      const joined: Buffer = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      const { chunk, missing } = wholeBlocks(joined, at - rest.length);
      at += bytes.length;
      rest = joined.subarray(chunk.bytes.length);
      wanted = Math.max(CHUNK_BYTES, missing);
      if (chunk.bytes.length > 0) yield chunk;
    }
    if (rest.length > 0) throw new LogDamage(`${log.path} breaks off before ${to}`);
  } finally {
    closeSync(fd);
  }
}

import { crc32 } from 'node:zlib';
import { fromJson, toJson } from '../json.ts';
import type { BackupSet, MediaHeader, SetEnd, SetStart } from './set.ts';

/**
 * The file format of backup media, our own: one media header, then backup sets. A set is a start block, chunks, and an
 * end block; the start block is told where its end block is when the set is complete, and a set without one was
 * terminated while it was being created. All stripes of a media set carry the same blocks, chunks go round robin.
 */
export const MEDIA_MAGIC = Buffer.from('SIMBAK01');
export const MEDIA_BYTES = 4096;
/** Room for the list of files. */
export const SET_BYTES = 64 << 10;
export const CHUNK_HEADER = 24;
const SET_MAGIC = 0x5445_5342;
const END_MAGIC = 0x444e_4542;
const CHUNK_MAGIC = 0x4b4e_4843;
const BLOCK_HEADER = 24;

function sealed(magic: number, value: unknown, size?: number): Buffer {
  const body = Buffer.from(toJson(value));
  const bytes = Buffer.alloc(size ?? BLOCK_HEADER + body.length);
  if (BLOCK_HEADER + body.length > bytes.length) throw new Error('a backup block is larger than its room');
  bytes.writeUInt32LE(magic, 0);
  bytes.writeUInt32LE(body.length, 4);
  bytes.writeUInt32LE(crc32(body), 8);
  body.copy(bytes, BLOCK_HEADER);
  return bytes;
}

function opened<T>(magic: number, bytes: Buffer): T | undefined {
  if (bytes.length < BLOCK_HEADER || bytes.readUInt32LE(0) !== magic) return undefined;
  const size = bytes.readUInt32LE(4);
  const body = bytes.subarray(BLOCK_HEADER, BLOCK_HEADER + size);
  return body.length === size && crc32(body) === bytes.readUInt32LE(8) ? fromJson<T>(body.toString('utf8')) : undefined;
}

export function mediaBlock(header: MediaHeader): Buffer {
  const bytes = Buffer.alloc(MEDIA_BYTES);
  MEDIA_MAGIC.copy(bytes);
  sealed(SET_MAGIC, header, MEDIA_BYTES - 8).copy(bytes, 8);
  return bytes;
}

export function readMediaBlock(bytes: Buffer): MediaHeader | undefined {
  if (!bytes.subarray(0, 8).equals(MEDIA_MAGIC)) return undefined;
  return opened<MediaHeader>(SET_MAGIC, bytes.subarray(8));
}

/** Where in the start block the offset of the end block stands. */
export const END_OFFSET_AT = 16;

export function startBlock(start: SetStart): Buffer {
  return sealed(SET_MAGIC, start, SET_BYTES);
}

export function readStartBlock(bytes: Buffer): { readonly start: SetStart; readonly endOffset: number } | undefined {
  const start = opened<SetStart>(SET_MAGIC, bytes);
  return start && { start, endOffset: bytes.readDoubleLE(END_OFFSET_AT) };
}

export function endOffsetField(offset: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(offset);
  return bytes;
}

export function endBlock(end: SetEnd): Buffer {
  return sealed(END_MAGIC, end);
}

export function readEndBlock(bytes: Buffer): { readonly end: SetEnd; readonly size: number } | undefined {
  const end = opened<SetEnd>(END_MAGIC, bytes);
  return end && { end, size: BLOCK_HEADER + bytes.readUInt32LE(4) };
}

export const END_BYTES_LIMIT = 8192;

export function setOf(start: SetStart, end: SetEnd): BackupSet {
  return { ...start, ...end };
}

const KINDS = ['extent', 'snapshot', 'log'] as const;
export type ChunkKind = (typeof KINDS)[number];

export interface ChunkHeader {
  readonly kind: ChunkKind;
  readonly compressed: boolean;
  /** Index of the extent. */
  readonly index: number;
  readonly rawLength: number;
  readonly storedLength: number;
  readonly crc: number;
}

export function chunkHeader(chunk: ChunkHeader): Buffer {
  const bytes = Buffer.alloc(CHUNK_HEADER);
  bytes.writeUInt32LE(CHUNK_MAGIC, 0);
  bytes[4] = KINDS.indexOf(chunk.kind);
  bytes[5] = chunk.compressed ? 1 : 0;
  bytes.writeUInt32LE(chunk.index, 8);
  bytes.writeUInt32LE(chunk.rawLength, 12);
  bytes.writeUInt32LE(chunk.storedLength, 16);
  bytes.writeUInt32LE(chunk.crc, 20);
  return bytes;
}

export function readChunkHeader(bytes: Buffer): ChunkHeader | undefined {
  const kind = KINDS[bytes.readUInt8(4)];
  if (bytes.readUInt32LE(0) !== CHUNK_MAGIC || kind === undefined) return undefined;
  return {
    kind,
    compressed: bytes.readUInt8(5) === 1,
    index: bytes.readUInt32LE(8),
    rawLength: bytes.readUInt32LE(12),
    storedLength: bytes.readUInt32LE(16),
    crc: bytes.readUInt32LE(20),
  };
}

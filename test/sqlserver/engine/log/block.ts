import { crc32 } from 'node:zlib';
import { localTicks } from '../moment.ts';
import { ByteReader, ByteWriter } from '../bytes.ts';
import { padded } from './lsn.ts';

/**
 * A log block is what one commit or one checkpoint writes: a 40-byte header, the records, zeros up to a sector. Only
 * committed transactions reach the log, so redo needs no undo, and a block that is torn was never acknowledged.
 */
export const BLOCK_HEADER = 40;
const MAGIC = 0x4c4f_4742;
const FLAG = { bulk: 1, mark: 2 } as const;

type BlockKind = 'transaction' | 'checkpoint' | 'system';
const KINDS: readonly BlockKind[] = ['transaction', 'checkpoint', 'system'];

export interface Mark {
  readonly name: string;
  readonly description: string;
}

export interface BlockHeader {
  readonly position: number;
  readonly kind: BlockKind;
  /** Bytes of the body; the whole block takes `blockSize`. */
  readonly bodyLength: number;
  readonly bodyCrc: number;
  readonly commitMs: number;
  readonly offsetMinutes: number;
  readonly bulk: boolean;
  readonly marked: boolean;
}

export function blockSize(header: BlockHeader): number {
  return padded(BLOCK_HEADER + header.bodyLength);
}

/** Commit time on the server's local clock, which is what STOPAT is compared with. */
export function commitTicks(header: BlockHeader): bigint {
  return localTicks(header.commitMs, header.offsetMinutes);
}

export interface BlockContent {
  readonly position: number;
  readonly kind: BlockKind;
  readonly body: Buffer;
  readonly commitMs: number;
  readonly offsetMinutes: number;
  readonly bulk: boolean;
  readonly mark?: Mark | undefined;
}

export function encodeBlock(block: BlockContent): Buffer {
  let mark: Buffer | undefined;
  if (block.mark !== undefined) {
    const writer = new ByteWriter();
    writer.text(block.mark.name);
    writer.text(block.mark.description);
    mark = writer.view();
  }
  const markLength = mark?.length ?? 0;
  const bodyLength = markLength + block.body.length;
  const bytes = Buffer.alloc(padded(BLOCK_HEADER + bodyLength));
  mark?.copy(bytes, BLOCK_HEADER);
  block.body.copy(bytes, BLOCK_HEADER + markLength);
  bytes.writeUInt32LE(MAGIC, 0);
  bytes.writeUInt32LE(bodyLength, 4);
  bytes.writeDoubleLE(block.position, 8);
  bytes.writeUInt32LE(crc32(bytes.subarray(BLOCK_HEADER, BLOCK_HEADER + bodyLength)), 16);
  bytes[20] = KINDS.indexOf(block.kind);
  bytes[21] = (block.bulk ? FLAG.bulk : 0) | (mark === undefined ? 0 : FLAG.mark);
  bytes.writeInt16LE(block.offsetMinutes, 22);
  bytes.writeDoubleLE(block.commitMs, 24);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 32)), 32);
  return bytes;
}

/** undefined when no block of that position begins here: the end of the log, or a torn write. */
export function decodeHeader(bytes: Buffer, at: number, position: number): BlockHeader | undefined {
  if (bytes.length < at + BLOCK_HEADER || bytes.readUInt32LE(at) !== MAGIC) return undefined;
  if (bytes.readUInt32LE(at + 32) !== crc32(bytes.subarray(at, at + 32))) return undefined;
  if (bytes.readDoubleLE(at + 8) !== position) return undefined;
  const flags = bytes.readUInt8(at + 21);
  return {
    position,
    kind: KINDS[bytes.readUInt8(at + 20)] ?? 'system',
    bodyLength: bytes.readUInt32LE(at + 4),
    bodyCrc: bytes.readUInt32LE(at + 16),
    commitMs: bytes.readDoubleLE(at + 24),
    offsetMinutes: bytes.readInt16LE(at + 22),
    bulk: (flags & FLAG.bulk) !== 0,
    marked: (flags & FLAG.mark) !== 0,
  };
}

export function bodyIsWhole(header: BlockHeader, body: Buffer): boolean {
  return body.length === header.bodyLength && crc32(body) === header.bodyCrc;
}

/** The mark of a marked block, and where its records begin. */
export function readMark(
  header: BlockHeader,
  body: Buffer,
): { readonly mark: Mark | undefined; readonly records: number } {
  if (!header.marked) return { mark: undefined, records: 0 };
  const reader = new ByteReader(body);
  const mark = { name: reader.text(), description: reader.text() };
  return { mark, records: reader.at };
}

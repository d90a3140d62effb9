import { createCipheriv, createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { UNIT } from './data-file.ts';

/**
 * Ballast stands for data that nobody looks at: extents of 1 MB whose content follows from a seed, so that redo needs
 * the seed only. Half of every page is random, the other half is the same byte, so that compression has work and gain.
 */
const HEADER = 64;
const MAGIC = 0x544e_5458;
const PAGE = 8192;

interface ExtentHead {
  readonly index: number;
  /** The log record that wrote it. */
  readonly position: number;
  readonly seed: bigint;
}

function payload(seed: bigint): Buffer {
  const key = createHash('sha256').update(seed.toString()).digest();
  const random = createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(UNIT / 2));
  const bytes = Buffer.alloc(UNIT, 0x2e);
  for (let page = 0; page < UNIT / PAGE; page += 1) {
    random.copy(bytes, page * PAGE, (page * PAGE) / 2, ((page + 1) * PAGE) / 2);
  }
  return bytes;
}

export function makeExtent(head: ExtentHead): Buffer {
  const bytes = payload(head.seed);
  bytes.fill(0, 0, HEADER);
  bytes.writeUInt32LE(MAGIC, 0);
  bytes.writeUInt32LE(head.index, 4);
  bytes.writeDoubleLE(head.position, 8);
  bytes.writeBigInt64LE(head.seed, 16);
  bytes.writeUInt32LE(crc32(bytes.subarray(HEADER), crc32(bytes.subarray(0, 24))), 24);
  return bytes;
}

/** Only the head: cheap, and trusted no further than its magic and index. */
export function readHead(bytes: Buffer, index: number): ExtentHead | undefined {
  if (bytes.length < HEADER || bytes.readUInt32LE(0) !== MAGIC || bytes.readUInt32LE(4) !== index) return undefined;
  return { index, position: bytes.readDoubleLE(8), seed: bytes.readBigInt64LE(16) };
}

export function extentIsWhole(bytes: Buffer, index: number): boolean {
  if (bytes.length !== UNIT || readHead(bytes, index) === undefined) return false;
  return crc32(bytes.subarray(HEADER), crc32(bytes.subarray(0, 24))) === bytes.readUInt32LE(24);
}

export const EXTENT_HEAD_BYTES = HEADER;

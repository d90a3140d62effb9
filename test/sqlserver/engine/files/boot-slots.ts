import { readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Boot } from '../boot.ts';
import { fromJson, toJson } from '../json.ts';
import type { FilePool } from './pool.ts';

const MAGIC = 0x5349_4d44;
const SLOT_BYTES = 64 << 10;
const HEADER = 16;

/** Two slots for a boot page that are written in turn: a write that is torn leaves the other one. */
export class BootSlots {
  static readonly bytes = 2 * SLOT_BYTES;
  readonly #path: string;
  readonly #pool: FilePool;
  readonly #offset: number;
  #generation: number | undefined;

  constructor(path: string, pool: FilePool, offset: number) {
    this.#path = path;
    this.#pool = pool;
    this.#offset = offset;
  }

  /** The newest whole slot; undefined when there is none. */
  read(): Boot | undefined {
    let newest: { readonly generation: number; readonly boot: Boot } | undefined;
    const slot = Buffer.alloc(SLOT_BYTES);
    for (const index of [0, 1]) {
      const length = readSync(this.#pool.get(this.#path), slot, 0, SLOT_BYTES, this.#offset + index * SLOT_BYTES);
      if (length < HEADER || slot.readUInt32LE(0) !== MAGIC) continue;
      const body = slot.subarray(HEADER, HEADER + slot.readUInt32LE(4));
      const generation = slot.readUInt32LE(8);
      if (HEADER + body.length > length || crc32(body, generation) !== slot.readUInt32LE(12)) continue;
      if (newest !== undefined && newest.generation > generation) continue;
      newest = { generation, boot: fromJson<Boot>(body.toString('utf8')) };
    }
    this.#generation = newest?.generation ?? 0;
    return newest?.boot;
  }

  write(boot: Boot): void {
    if (this.#generation === undefined) this.read();
    const generation = (this.#generation ?? 0) + 1;
    const body = Buffer.from(toJson(boot));
    if (HEADER + body.length > SLOT_BYTES) throw new Error(`the boot page of ${this.#path} has grown too large`);
    const bytes = Buffer.alloc(HEADER + body.length);
    bytes.writeUInt32LE(MAGIC, 0);
    bytes.writeUInt32LE(body.length, 4);
    bytes.writeUInt32LE(generation, 8);
    bytes.writeUInt32LE(crc32(body, generation), 12);
    body.copy(bytes, HEADER);
    writeSync(this.#pool.get(this.#path), bytes, 0, bytes.length, this.#offset + (generation % 2) * SLOT_BYTES);
    this.#generation = generation;
  }
}

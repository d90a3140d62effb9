import { promisify } from 'node:util';
import { constants, crc32, zstdCompress } from 'node:zlib';
import type { InputType } from 'node:zlib';
import { chunkHeader, endBlock, startBlock } from './media.ts';
import type { ChunkKind } from './media.ts';
import type { SetEnd, SetStart } from './set.ts';
import type { OpenedMedia } from './stripes.ts';

const compress: (bytes: InputType, options: object) => Promise<Buffer> = promisify(zstdCompress);
const FASTEST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const IN_FLIGHT = 4;

/** Writes one backup set: chunks are compressed side by side and written in order, round robin over the stripes. */
export class SetWriter {
  rawBytes = 0;
  storedBytes = 0;
  readonly #media: OpenedMedia;
  readonly #pending: Promise<void>[] = [];
  #tail: Promise<void> = Promise.resolve();
  #next = 0;

  constructor(media: OpenedMedia) {
    this.#media = media;
  }

  async begin(start: SetStart): Promise<void> {
    const block = startBlock(start);
    for (const [i, stripe] of this.#media.stripes.entries()) {
      await stripe.begin(this.#media.isNew ? this.#media.headers[i] : undefined, block);
    }
    this.rawBytes += block.length;
    this.storedBytes += block.length;
  }

  /** Returns when few enough chunks are under way: memory stays flat however large the database is. */
  async chunk(kind: ChunkKind, index: number, raw: Buffer): Promise<void> {
    const stripe = this.#media.stripes[this.#next % this.#media.stripes.length]!;
    this.#next += 1;
    const { compressed } = this.#media;
    const body = compressed ? compress(raw, FASTEST) : Promise.resolve(raw);
    const written = Promise.all([body, this.#tail]).then(async ([bytes]) => {
      const head = { kind, compressed, index, rawLength: raw.length, storedLength: bytes.length, crc: crc32(bytes) };
      await stripe.write(Buffer.concat([chunkHeader(head), bytes]));
      this.rawBytes += raw.length;
      this.storedBytes += bytes.length;
    });
    // The error is taken by whoever waits for `pending`.
    this.#tail = written.catch(() => undefined);
    written.catch(() => undefined);
    this.#pending.push(written);
    if (this.#pending.length >= IN_FLIGHT) await this.#pending.shift();
  }

  async drain(): Promise<void> {
    while (this.#pending.length > 0) await this.#pending.shift();
  }

  async end(end: SetEnd): Promise<void> {
    await this.drain();
    const block = endBlock(end);
    for (const stripe of this.#media.stripes) await stripe.end(block);
  }

  async abandon(): Promise<void> {
    await Promise.allSettled(this.#pending);
    for (const stripe of this.#media.stripes) await stripe.abandon();
  }
}

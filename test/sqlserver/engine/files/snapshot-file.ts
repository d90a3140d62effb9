import { crc32 } from 'node:zlib';
import { ByteWriter } from '../bytes.ts';
import { readChanges, writeChange } from '../log/change.ts';
import type { Change } from '../log/change.ts';
import { UNIT } from './data-file.ts';
import type { DataFile } from './data-file.ts';
import { unitAt, withUnit } from './runs.ts';
import type { Run } from './runs.ts';

/** A stored snapshot: frames of `length, crc, changes`, laid over units as one stream of bytes. */
export interface StoredSnapshot {
  readonly runs: readonly Run[];
  readonly bytes: number;
}

export const EMPTY_SNAPSHOT: StoredSnapshot = { runs: [], bytes: 0 };
const FRAME_BYTES = 256 << 10;
const FRAME_HEADER = 8;

function* frames(changes: Iterable<Change>): Iterable<Buffer> {
  const writer = new ByteWriter(FRAME_BYTES + 4096);
  const frame = () => {
    const body = writer.view();
    const head = Buffer.alloc(FRAME_HEADER);
    head.writeUInt32LE(body.length, 0);
    head.writeUInt32LE(crc32(body), 4);
    return Buffer.concat([head, body]);
  };
  for (const change of changes) {
    writeChange(writer, change);
    if (writer.length < FRAME_BYTES) continue;
    yield frame();
    writer.length = 0;
  }
  if (writer.length > 0) yield frame();
}

/** Collects a stream of bytes into units; every full unit goes to the file at once. */
export class UnitStream {
  readonly #file: DataFile;
  readonly #allocate: () => number;
  readonly #buffer: Buffer = Buffer.allocUnsafe(UNIT);
  #used = 0;
  #runs: readonly Run[] = [];
  #bytes = 0;

  constructor(file: DataFile, allocate: () => number) {
    this.#file = file;
    this.#allocate = allocate;
  }

  write(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      const count = Math.min(UNIT - this.#used, bytes.length - at);
      bytes.copy(this.#buffer, this.#used, at, at + count);
      this.#used += count;
      at += count;
      if (this.#used === UNIT) this.#flush();
    }
    this.#bytes += bytes.length;
  }

  finish(): StoredSnapshot {
    if (this.#used > 0) this.#flush();
    return { runs: this.#runs, bytes: this.#bytes };
  }

  #flush(): void {
    const unit = this.#allocate();
    this.#file.writeUnit(unit, this.#buffer.subarray(0, this.#used));
    this.#runs = withUnit(this.#runs, unit);
    this.#used = 0;
  }
}

/** Lets other work in between frames: a checkpoint of a large database must not hold up commits. */
export async function writeSnapshot(stream: UnitStream, changes: Iterable<Change>): Promise<StoredSnapshot> {
  for (const frame of frames(changes)) {
    stream.write(frame);
    await new Promise(setImmediate);
  }
  return stream.finish();
}

/** The stored bytes, unit by unit, as a backup copies them. */
export function* storedUnits(file: DataFile, stored: StoredSnapshot): Iterable<Buffer> {
  for (let n = 0; n * UNIT < stored.bytes; n += 1) {
    yield file.readUnit(unitAt(stored.runs, n), Math.min(UNIT, stored.bytes - n * UNIT));
  }
}

/** @throws Error for a damaged frame. */
export function* readSnapshot(units: Iterable<Buffer>): Iterable<Change> {
  let rest: Buffer = Buffer.alloc(0);
  for (const unit of units) {
    rest = rest.length === 0 ? unit : Buffer.concat([rest, unit]);
    while (rest.length >= FRAME_HEADER) {
      const size = FRAME_HEADER + rest.readUInt32LE(0);
      if (rest.length < size) break;
      const body = rest.subarray(FRAME_HEADER, size);
      if (crc32(body) !== rest.readUInt32LE(4)) throw new Error('a snapshot frame is damaged');
      yield* readChanges(body);
      rest = rest.subarray(size);
    }
  }
  if (rest.length > 0) throw new Error('a snapshot is shorter than its last frame');
}

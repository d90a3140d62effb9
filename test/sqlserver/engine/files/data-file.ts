import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import type { Boot } from '../boot.ts';
import { BootSlots } from './boot-slots.ts';
import type { FilePool } from './pool.ts';

export const UNIT = 1 << 20;

/** Why a data file cannot be used: the file is missing, or what it says is damaged. */
export class DataFileError extends Error {
  readonly missing: boolean;
  constructor(message: string, missing: boolean) {
    super(message);
    this.missing = missing;
  }
}

/** `.mdf`: the boot page, then units of 1 MB for snapshots and ballast. */
export class DataFile {
  readonly path: string;
  readonly #pool: FilePool;
  readonly #slots: BootSlots;

  constructor(path: string, pool: FilePool) {
    this.path = path;
    this.#pool = pool;
    this.#slots = new BootSlots(path, pool, 0);
  }

  create(boot: Boot): void {
    this.#pool.drop(this.path);
    closeSync(openSync(this.path, 'w'));
    this.writeBoot(boot);
  }

  /** @throws DataFileError */
  readBoot(): Boot {
    let boot: Boot | undefined;
    try {
      boot = this.#slots.read();
    } catch (error) {
      throw new DataFileError(`${this.path}: ${String(error)}`, true);
    }
    if (boot === undefined) throw new DataFileError(`${this.path} has no boot page`, false);
    return boot;
  }

  writeBoot(boot: Boot): void {
    this.#slots.write(boot);
  }

  offsetOf(unit: number): number {
    return (unit + 1) * UNIT;
  }

  readUnit(unit: number, length = UNIT): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    const count = readSync(this.#pool.get(this.path), bytes, 0, length, this.offsetOf(unit));
    return count === length ? bytes : bytes.subarray(0, count);
  }

  writeUnit(unit: number, bytes: Buffer): void {
    const fd = this.#pool.get(this.path);
    let done = 0;
    while (done < bytes.length) done += writeSync(fd, bytes, done, bytes.length - done, this.offsetOf(unit) + done);
  }
}

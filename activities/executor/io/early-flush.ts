import type { FileHandle } from 'node:fs/promises';

const everyBytes = 64 * 1024 * 1024;

/** One at a time in a process: each holds a thread of Node's pool, which all other file work needs too. */
let busy = false;

/**
 * Has a file written out to the disk while it is still being copied, so that the disk does not wait for the end of the copy
 * and the copy not for the disk, and so that a large backup does not fill the host's memory with dirty pages.
 */
export class EarlyFlush {
  readonly #file: FileHandle;
  #unflushed = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(file: FileHandle) {
    this.#file = file;
  }

  written(bytes: number): void {
    this.#unflushed += bytes;
    if (this.#unflushed < everyBytes || busy) return;
    busy = true;
    this.#unflushed = 0;
    // The kernel reports a failed write once only, so what fails here must not be lost.
    this.#running = Promise.all([this.#running, this.#file.datasync()]).then(() => {});
    this.#running.catch(() => {}).finally(() => (busy = false));
  }

  /** @throws what failed on the way */
  async settled(): Promise<void> {
    await this.#running;
  }
}

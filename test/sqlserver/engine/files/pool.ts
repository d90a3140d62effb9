import { closeSync, openSync } from 'node:fs';

/** Open descriptors by real path, the least recently used closed first: a thousand databases share a few hundred. */
export class FilePool {
  readonly #limit: number;
  readonly #open = new Map<string, number>();

  constructor(limit = 256) {
    this.#limit = limit;
  }

  get(path: string): number {
    const known = this.#open.get(path);
    if (known !== undefined) {
      this.#open.delete(path);
      this.#open.set(path, known);
      return known;
    }
    const fd = openSync(path, 'r+');
    this.#open.set(path, fd);
    if (this.#open.size > this.#limit) this.drop(this.#open.keys().next().value!);
    return fd;
  }

  drop(path: string): void {
    const fd = this.#open.get(path);
    if (fd === undefined) return;
    this.#open.delete(path);
    closeSync(fd);
  }

  close(): void {
    for (const path of [...this.#open.keys()]) this.drop(path);
  }
}

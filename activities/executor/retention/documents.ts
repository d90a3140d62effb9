import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { z } from 'zod';
import { makeFolders, syncFolder } from '../io/durable.ts';
import { filing, isMissing, fileFailure } from '../io/errors.ts';
import { inside } from '../io/inside.ts';
import { sizeOf } from '../io/size.ts';
import { readSmall, replaceDurably } from '../io/text.ts';
import { layout } from '../store/layout.ts';

/** A lease names every backup of a long chain. */
const mostBytes = 64 * 1024 * 1024;

/** A JSON document of a hidden folder; null in `content` when it cannot be read. */
export interface Found<T> {
  /** Without `.json`. */
  readonly name: string;
  readonly content: T | null;
}

/** Small JSON files of one folder of an instance, each whole and durable when it can be seen. */
export class Documents<T> {
  readonly #store: string;
  readonly #instance: string;
  readonly #folder: string;
  readonly #schema: z.ZodType<T>;

  /** @param folder below the store */
  constructor(store: string, instance: string, folder: string, schema: z.ZodType<T>) {
    this.#store = store;
    this.#instance = instance;
    this.#folder = folder;
    this.#schema = schema;
  }

  async write(name: string, content: T): Promise<void> {
    const path = await this.#path(name);
    const partials = await inside(this.#store, layout.partials(this.#instance));
    await filing(`make ${dirname(path)}`, () => makeFolders(dirname(path)));
    await replaceDurably(path, `${JSON.stringify(content)}\n`, partials);
  }

  async remove(name: string): Promise<void> {
    const path = await this.#path(name);
    await filing(`remove ${path}`, async () => {
      await rm(path, { force: true });
      await syncFolder(dirname(path));
    });
  }

  /** Gives it another name, under which {@link all} leaves it out when that begins with a dot. Nothing there is fine. */
  async rename(name: string, to: string): Promise<void> {
    const [from, into] = [await this.#path(name), await this.#path(to)];
    await filing(`rename ${from}`, async () => {
      await rename(from, into).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
      });
      await syncFolder(dirname(into));
    });
  }

  async has(name: string): Promise<boolean> {
    return (await sizeOf(await this.#path(name))) !== null;
  }

  async read(name: string): Promise<T | null> {
    const text = await readSmall(await this.#path(name), mostBytes);
    try {
      return this.#schema.parse(JSON.parse(text ?? ''));
    } catch {
      return null;
    }
  }

  /** All of them, as they are now; one that goes meanwhile is left out. */
  async all(): Promise<Found<T>[]> {
    const names = await this.#names();
    const found: Found<T>[] = [];
    for (const name of names) {
      const content = await this.read(name);
      if (content !== null || (await this.#names()).includes(name)) found.push({ name, content });
    }
    return found;
  }

  /**
   * The folder is changed before it is listed. An NFS client may answer from what it remembers of a folder; a change of its own makes it
   * ask the server. unknown: whether any file system in use needs this; it costs two calls.
   */
  async #names(): Promise<string[]> {
    const folder = await inside(this.#store, this.#folder);
    const probe = join(folder, `.look-${randomBytes(6).toString('hex')}`);
    try {
      await writeFile(probe, '', { flag: 'wx' });
      await rm(probe, { force: true });
      return (await readdir(folder)).flatMap((name) =>
        !name.startsWith('.') && name.endsWith('.json') ? [name.slice(0, -'.json'.length)] : [],
      );
    } catch (error) {
      if (isMissing(error)) return [];
      throw fileFailure(error, `list ${folder}`);
    }
  }

  async #path(name: string): Promise<string> {
    return inside(this.#store, `${this.#folder}/${name}.json`);
  }
}

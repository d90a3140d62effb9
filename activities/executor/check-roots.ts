import { existsSync } from 'node:fs';
import { rm, statfs } from 'node:fs/promises';
import { failure } from '../failure.ts';
import { errnoOf } from './io/errors.ts';
import { inside } from './io/inside.ts';
import { newPartial } from './io/partial.ts';
import { writeDurably } from './io/durable.ts';
import type { Roots, Tasks } from './tasks.ts';

/** What a check of one root found. */
export interface RootCheck {
  /** Why a file could not be written there; null when one could, and was removed again. */
  readonly problem: string | null;
  /** Null when the file system does not say. */
  readonly freeBytes: number | null;
  readonly totalBytes: number | null;
}

export interface RootsCheck {
  checkRoots: {
    input: {
      readonly instance: string;
      /** Folder below the SQL root that backups are staged in; it may not be there yet. */
      readonly staging: string;
    };
    output: { readonly store: RootCheck; readonly sql: RootCheck };
  };
}

/** Writes a small file into the store's and the volume's roots, durably, and removes it; reads how much space there is. */
export async function checkRoots(
  { instance, staging }: Tasks['checkRoots']['input'],
  roots: Roots,
): Promise<Tasks['checkRoots']['output']> {
  if (instance.includes('/')) throw failure('InvalidInput', `${JSON.stringify(instance)} is no instance`);
  return {
    store: await checkRoot(roots.store, () => inside(roots.store, `${instance}/.partial`)),
    sql: await checkRoot(roots.sql, async () => {
      const folder = await inside(roots.sql, staging);
      return existsSync(folder) ? folder : inside(roots.sql, '.');
    }),
  };
}

async function checkRoot(root: string, folder: () => Promise<string>): Promise<RootCheck> {
  const space = await statfs(root).catch(() => null);
  const sizes =
    space === null || space.blocks === 0
      ? { freeBytes: null, totalBytes: null }
      : { freeBytes: space.bavail * space.bsize, totalBytes: space.blocks * space.bsize };
  try {
    const path = await newPartial(await folder(), 'doctor');
    try {
      await writeDurably(path, 'written by mssql-pitr doctor, and removed at once\n');
    } finally {
      await rm(path, { force: true });
    }
    return { problem: null, ...sizes };
  } catch (error) {
    return {
      problem: `${errnoOf(error) ?? 'error'}: ${error instanceof Error ? error.message : String(error)}`,
      ...sizes,
    };
  }
}

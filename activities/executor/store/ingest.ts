import { link, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { BackupFile } from '../../../workflows/domain/backup-set.ts';
import { failure } from '../../failure.ts';
import { copyFile, hashFile } from '../io/copy.ts';
import { publish, syncFolder, withoutLinks } from '../io/durable.ts';
import { errnoOf, filing } from '../io/errors.ts';
import { sizeOf } from '../io/size.ts';
import { freeBytes } from '../io/space.ts';
import { newPartial } from '../io/partial.ts';

interface IngestOptions {
  /** Folder for files on their way into the store. */
  readonly partials: string;
  /** Real path of the staged file. */
  readonly staged: string;
  /** File name in the store, and its real path. */
  readonly name: string;
  readonly final: string;
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
  readonly twin?: Twin | undefined;
}

/** A file of the store with the same content. */
export interface Twin extends Content {
  /** Real path. */
  readonly path: string;
}

/**
 * Brings one staged file into the store under its final name, whole and durable, or not at all. A file that stands there
 * already, left by an attempt that died before its manifest or put there by one that runs beside us, is taken when it
 * is a copy of the staged one, and left alone when it is not.
 */
export async function ingestFile(options: IngestOptions): Promise<BackupFile> {
  const { final, name, signal, staged } = options;
  if (((await sizeOf(final)) ?? 0) > 0) return await adopt(options, await hashFile(staged, signal));
  const { twin } = options;
  if (twin !== undefined && (await linkedTo(twin, final))) {
    return { name, sizeBytes: twin.sizeBytes, sha256: twin.sha256 };
  }

  const partial = await copyIn(options);
  try {
    const published = await filing(`rename to ${final}`, () => publish(partial.path, final));
    if (!published) return await adopt(options, partial);
  } finally {
    await rm(partial.path, { force: true });
  }
  return { name, sizeBytes: partial.sizeBytes, sha256: partial.sha256 };
}

interface Content {
  readonly sizeBytes: number;
  readonly sha256: string;
}

async function copyIn(options: IngestOptions): Promise<Content & { readonly path: string }> {
  const needed = await sizeOf(options.staged);
  if (needed === null) throw failure('FileMissing', `The file ${options.staged} is not there`);
  if (needed === 0) throw failure('FileDamaged', `${options.staged} is empty`);
  const free = await freeBytes(dirname(options.final));
  if (free !== null && needed > free) {
    throw failure(
      'StorageFull',
      `The store has ${free} bytes left in ${dirname(options.final)}; ${options.name} needs ${needed}`,
    );
  }
  const path = await newPartial(options.partials, options.name);
  const { signal, onBytes } = options;
  const copied = await copyFile({ from: options.staged, to: path, signal, onBytes, durable: true });
  return { ...copied, path };
}

/** Several backup sets in one file are several backups of the store: each has names of its own, for the same bytes. */
async function linkedTo(twin: Twin, final: string): Promise<boolean> {
  return filing(`link ${final}`, async () => {
    try {
      await link(twin.path, final);
    } catch (error) {
      if (['EEXIST', 'ENOENT', 'EXDEV', ...withoutLinks].includes(errnoOf(error) ?? '')) return false;
      throw error;
    }
    await syncFolder(dirname(final));
    return true;
  });
}

async function adopt(options: IngestOptions, staged: Content): Promise<BackupFile> {
  const found = await hashFile(options.final, options.signal);
  if (found.sha256 !== staged.sha256) {
    throw failure(
      'FileDamaged',
      `${options.final} stands in the store without a manifest, and is not a copy of ${options.staged}; both are left alone`,
    );
  }
  await filing(`sync ${options.final}`, () => syncFolder(dirname(options.final)));
  return { name: options.name, sizeBytes: found.sizeBytes, sha256: found.sha256 };
}

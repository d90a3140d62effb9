import { z } from 'zod';
import type { BackupSet } from '../../../workflows/domain/backup-set.ts';
import { failure } from '../../failure.ts';
import { inside } from '../io/inside.ts';
import { readSmall, sha256 } from '../io/text.ts';
import { manifest } from '../store/manifest.ts';

/** A set that an import takes in. */
export interface ImportSet {
  /** One path for each media family, relative to the SQL root. */
  readonly sources: readonly string[];
  /** As many names in the store. */
  readonly names: readonly string[];
  /** An earlier set of the same import in the same files: its folder and names in the store. */
  readonly twin: { readonly folder: string; readonly names: readonly string[] } | null;
  readonly set: Omit<BackupSet, 'files' | 'committedAt'>;
}

const names = z.array(z.string()).min(1);

const document = z.object({
  formatVersion: z.literal(1),
  instance: z.string(),
  sets: z.array(
    z.object({
      sources: names,
      names,
      twin: z.object({ folder: z.string(), names }).nullable(),
      set: manifest.omit({ files: true, committedAt: true }),
    }),
  ),
});

const mostBytes = 256 * 1024 * 1024;

export function documentText(instance: string, sets: readonly ImportSet[]): string {
  return `${JSON.stringify({ formatVersion: 1, instance, sets })}\n`;
}

/** What an import was planned to take in; refused when it was changed since. */
export async function readDocument(store: string, path: string, digest: string): Promise<readonly ImportSet[]> {
  const text = await readSmall(await inside(store, path), mostBytes);
  if (text === null) throw failure('FileMissing', `${path} is not in the store`);
  if (sha256(text) !== digest) throw failure('FileDamaged', `${path} is not what was planned: its content changed`);
  return document.parse(JSON.parse(text)).sets;
}

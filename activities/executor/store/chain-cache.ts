import { join } from 'node:path';
import type { BackupSet } from '../../../workflows/domain/backup-set.ts';
import type { StoreChain } from '../../../workflows/domain/plan-types.ts';
import { readSmall, replaceQuickly, sha256 } from '../io/text.ts';
import { chainCache } from './layout.ts';

/**
 * What a chain is computed from: a set without what only a restore needs. Its manifest never changes, so it needs to be
 * read once.
 */
export interface SlimSet {
  /** Name of the manifest in the folder. */
  readonly manifest: string;
  readonly files: readonly SlimFile[];
  /** Without files and database files. */
  readonly set: BackupSet;
}

export type SlimFile = readonly [name: string, sizeBytes: number];

/** Bytes in the store. */
export function bytesOf(sets: readonly Pick<SlimSet, 'files'>[]): number {
  return sets.flatMap(({ files }) => files).reduce((sum, [, bytes]) => sum + bytes, 0);
}

export interface CachedChain {
  /** From {@link folderDigest}, when the chain was computed. */
  readonly digest: string;
  readonly chain: StoreChain;
  /** Files that the chain stands on: while each has its size, and no name comes or goes, the chain is what it was. */
  readonly used: readonly SlimFile[];
  /** Sets of which a file had another size when they were looked at last: manifest and what was wrong. */
  readonly wrong: readonly (readonly [manifest: string, why: string])[];
  /** One line for each set. */
  readonly body: string;
}

const formatVersion = 2;
const mostCacheBytes = 256 * 1024 * 1024;

/**
 * A file beside the manifests that spares reading them again. First line: digest of the rest; second: the chain, and the
 * digest of the folder's names; then one line for each set, which says in what it differs from the line before (a log
 * backup differs from the last one in little). It is only ever a copy: without it, or when it is not whole, or of another
 * version, the manifests are read.
 */
export async function readChainCache(
  realFolder: string,
  instance: string,
  database: string,
): Promise<CachedChain | null> {
  const text = await readSmall(join(realFolder, chainCache), mostCacheBytes);
  if (text === null) return null;
  const [digest, rest] = cutLine(text);
  if (digest !== sha256(rest)) return null;
  const [headText, body] = cutLine(rest);
  const head = JSON.parse(headText) as Head;
  if (head.formatVersion !== formatVersion || head.instance !== instance || head.database !== database) return null;
  return { digest: head.digest, chain: head.chain, used: head.used, wrong: head.wrong, body };
}

/** @param body from {@link packSets} */
export async function writeChainCache(
  realFolder: string,
  partials: string,
  { body, ...found }: Omit<Head, 'formatVersion'> & { readonly body: string },
): Promise<void> {
  const head: Head = { formatVersion, ...found };
  const rest = `${JSON.stringify(head)}\n${body}`;
  await replaceQuickly(join(realFolder, chainCache), `${sha256(rest)}\n${rest}`, partials);
}

interface Head {
  readonly formatVersion: number;
  readonly instance: string;
  readonly database: string;
  readonly digest: string;
  readonly chain: StoreChain;
  readonly used: readonly SlimFile[];
  readonly wrong: CachedChain['wrong'];
}

function cutLine(text: string): readonly [string, string] {
  const end = text.indexOf('\n');
  return end === -1 ? [text, ''] : [text.slice(0, end), text.slice(end + 1)];
}

/** Changes with every name that comes or goes. */
export function folderDigest(instance: string, database: string, names: readonly string[]): string {
  return sha256([instance, database, ...names].join('\0'));
}

const none: readonly never[] = [];

export function slim(manifest: string, set: BackupSet): SlimSet {
  const files = set.files.map(({ name, sizeBytes }): SlimFile => [name, sizeBytes]);
  return { manifest, files, set: { ...set, files: none, databaseFiles: none, takenBy: null } };
}

type Line = readonly [manifest: string, files: readonly SlimFile[], changed: Readonly<Record<string, unknown>>];

/** Lines for sets, after those that are packed already. */
export function packSets(
  sets: readonly SlimSet[],
  after: { readonly body: string; readonly last: SlimSet } | null,
): string {
  let before: Readonly<Record<string, unknown>> = { ...after?.last.set };
  const lines = sets.map(({ manifest, files, set }) => {
    const now: Readonly<Record<string, unknown>> = { ...set };
    const changed = Object.fromEntries(Object.entries(now).filter(([key, value]) => value !== before[key]));
    before = now;
    return JSON.stringify([manifest, files, changed] satisfies Line);
  });
  return after === null ? lines.join('\n') : [after.body, ...lines].join('\n');
}

export function unpackSets(body: string): readonly SlimSet[] {
  if (body === '') return [];
  let before: object = { files: none, databaseFiles: none };
  return body.split('\n').map((line) => {
    const [manifest, files, changed] = JSON.parse(line) as Line;
    before = { ...before, ...changed, files: none, databaseFiles: none };
    return { manifest, files, set: before as BackupSet };
  });
}

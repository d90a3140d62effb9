import { lstat, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoreFinding } from '../../../workflows/contracts.ts';
import { restorableWindow } from '../../../workflows/domain/window.ts';
import { filing, isMissing } from '../io/errors.ts';
import { inside } from '../io/inside.ts';
import { isManifest } from '../store/catalogue.ts';
import { manifestEnding } from '../store/layout.ts';
import { lostSets } from '../store/known-sets.ts';
import { readDatabase } from '../store/read-database.ts';
import { isVerdict, verdictName } from '../store/verdict.ts';
import type { JournalLine } from './journal.ts';

type FolderLine = Extract<JournalLine, { folder: string }>;

/** A file gets its name before its manifest is written; a set of many large files may take a while in between. */
const foreignAfterMs = 60 * 60_000;

/** What can be said of a database when all of its sets have been read: files that belong to none, and the chain. */
export async function readFolder(
  store: string,
  instance: string,
  database: string,
  nowMs: number,
): Promise<FolderLine | null> {
  const read = await readDatabase(store, instance, database);
  if (read === null) return null;
  const { folder, sets } = read;
  const root = await inside(store, folder.path);
  const known = new Set(sets.flatMap(({ files }) => files.map(([name]) => name)));
  const findings: StoreFinding[] = [];
  for (const name of folder.names) {
    if (isManifest(name) || known.has(name) || folder.names.includes(`${name}${manifestEnding}`)) continue;
    if (isVerdict(name)) await removeOrphan(join(root, name), folder.names, name);
    else if (await isOld(join(root, name), nowMs)) findings.push(foreign(`${folder.path}/${name}`));
  }
  const { intervals, holes } = restorableWindow(
    sets.map(({ set }) => set),
    lostSets(sets),
  );
  const usable = sets.some(({ set }) => set.kind === 'full' && !set.isDamaged);
  if (sets.length > 0 && intervals.length === 0 && !usable) {
    findings.push({ kind: 'unrestorable', path: folder.path, what: `holds no usable full backup of ${database}` });
  }
  return { folder: folder.path, holes: holes.length, findings };
}

/** Files at a place where only folders of databases are, and folders without any manifest. */
export async function readStrayFolder(
  store: string,
  {
    path,
    names,
    problem,
  }: { readonly path: string; readonly names: readonly string[]; readonly problem: string | null },
  nowMs: number,
): Promise<FolderLine> {
  if (problem !== null) return { folder: path, holes: 0, findings: [{ kind: 'manifest', path, what: problem }] };
  const root = await inside(store, path);
  const findings: StoreFinding[] = [];
  for (const name of names) {
    if (await isOld(join(root, name), nowMs)) findings.push(foreign(`${path}/${name}`));
  }
  return { folder: path, holes: 0, findings };
}

function foreign(path: string): StoreFinding {
  return { kind: 'foreign', path, what: 'is in the store without a manifest' };
}

/** The verdict of a set that is there no more. */
async function removeOrphan(path: string, names: readonly string[], name: string): Promise<void> {
  const of = names.some((other) => isManifest(other) && verdictName(other) === name);
  if (!of) await filing(`remove ${path}`, () => rm(path, { force: true }));
}

async function isOld(path: string, nowMs: number): Promise<boolean> {
  try {
    return nowMs - (await lstat(path)).mtimeMs > foreignAfterMs;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

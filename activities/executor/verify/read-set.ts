import { join } from 'node:path';
import { storedBytes, type BackupFile, type BackupSet } from '../../../workflows/domain/backup-set.ts';
import type { StoreFinding } from '../../../workflows/contracts.ts';
import { failureType } from '../../failure.ts';
import { hashFile } from '../io/copy.ts';
import { errnoOf } from '../io/errors.ts';
import { inside } from '../io/inside.ts';
import { sizeOf } from '../io/size.ts';
import { readSmall } from '../io/text.ts';
import type { Folder } from '../store/catalogue.ts';
import { layout, manifestEnding } from '../store/layout.ts';
import { parseManifest } from '../store/manifest.ts';
import { removeVerdict, verdictName, writeVerdict } from '../store/verdict.ts';
import type { JournalLine } from './journal.ts';

export interface ReadContext {
  readonly store: string;
  readonly instance: string;
  readonly signal: AbortSignal;
  readonly onBytes: (file: string, bytes: number) => void;
}

type SetLine = Extract<JournalLine, { set: string }>;

interface Wrong {
  readonly kind: 'missing' | 'damaged';
  readonly name: string;
  readonly what: string;
}

/**
 * Reads every file of a set and leaves a verdict beside its manifest when one is wrong, or takes an earlier verdict away when all are
 * right. Null for a set that was removed meanwhile.
 */
export async function readSet(folder: Folder, name: string, context: ReadContext): Promise<SetLine | null> {
  const { store, instance } = context;
  const manifest = `${folder.path}/${name}`;
  const root = await inside(store, folder.path);
  const text = await readSmall(join(root, name));
  if (text === null && (await sizeOf(join(root, name))) === null) return null;
  const parsed = parseManifest(text ?? '');
  const set = 'set' in parsed ? parsed.set : null;
  const odd = set === null ? ('problem' in parsed ? parsed.problem : '') : misplaced(set, instance, folder, name);
  if (set === null || odd !== null) return line(manifest, 0, [{ kind: 'manifest', path: manifest, what: odd ?? '' }]);

  const wrong: Wrong[] = [];
  for (const file of set.files) {
    const found = await readOne(root, file, context);
    if (found !== null) wrong.push(found);
  }
  const present = (await sizeOf(join(root, name))) !== null;
  if (!present) return null;
  const healed = await judge(set, wrong, `${folder.path}/${verdictName(name)}`, context);
  const bytes = storedBytes(set);
  const findings = wrong.map(({ kind, name: file, what }) => ({ kind, path: `${folder.path}/${file}`, what }));
  return { ...line(manifest, bytes, findings), healed };
}

function line(set: string, bytes: number, findings: StoreFinding[]): SetLine {
  return { set, bytes, healed: false, findings };
}

function misplaced(set: BackupSet, instance: string, folder: Folder, name: string): string | null {
  const first = set.files[0]?.name ?? '';
  const here = set.instance === instance && set.database === folder.database && `${first}${manifestEnding}` === name;
  return here ? null : `belongs elsewhere: it names ${set.instance}, ${JSON.stringify(set.database)}, ${first}`;
}

async function readOne(root: string, file: BackupFile, context: ReadContext): Promise<Wrong | null> {
  const { name, sizeBytes, sha256 } = file;
  const path = join(root, name);
  const size = await sizeOf(path);
  if (size === null) return { kind: 'missing', name, what: 'is gone' };
  const damaged = (what: string): Wrong => ({ kind: 'damaged', name, what });
  if (size !== sizeBytes) return damaged(`has ${size} bytes, and its manifest says ${sizeBytes}`);
  try {
    const found = await hashFile(path, context.signal, (bytes) => context.onBytes(name, bytes));
    return found.sha256 === sha256 ? null : damaged(`has the hash ${found.sha256}, and its manifest says ${sha256}`);
  } catch (error) {
    const type = failureType(error);
    if (type === 'FileMissing') return { kind: 'missing', name, what: 'is gone' };
    if (type === 'FileDamaged') return damaged((error as Error).message);
    // A bad sector does not come back; every other trouble of a volume may.
    if (error instanceof Error && errnoOf(error.cause) === 'EIO') return damaged('cannot be read (EIO)');
    throw error;
  }
}

/** @returns true when an earlier verdict was taken away */
async function judge(set: BackupSet, wrong: readonly Wrong[], verdict: string, context: ReadContext): Promise<boolean> {
  const { store, instance } = context;
  const path = await inside(store, verdict);
  const stands = (await sizeOf(path)) !== null;
  if (wrong.length === 0) {
    if (stands) await removeVerdict(path);
    return stands;
  }
  const files = wrong.map(({ name, what }) => ({ name, what }));
  const foundAt = new Date().toISOString();
  await writeVerdict(
    path,
    { formatVersion: 1, setId: set.id, foundAt, files },
    await inside(store, layout.partials(instance)),
  );
  return false;
}

import type { SkippedBackup, SkipReason } from '../../workflows/contracts.ts';
import { failureType } from '../failure.ts';
import { headersOf, labelOf, type HeaderRow, type Label } from '../sql-server/header.ts';
import type { SqlConnection } from '../sql-server/connection.ts';
import type { ServerFacts } from '../sql-server/facts.ts';
import { onServer } from '../sql-server/paths.ts';

/** A backup medium, whole: its files in the order of their families, and the sets on it. */
export interface Medium {
  readonly files: readonly string[];
  readonly sizeBytes: number;
  readonly sets: readonly HeaderRow[];
}

export interface FoundFile {
  /** Relative to the SQL root. */
  readonly path: string;
  readonly sizeBytes: number;
}

interface Labelled extends FoundFile {
  readonly label: Label;
}

/** Tools that make backups of SQL Server agree on these; help texts also mention .dif. */
const backupName = /\.(bak|trn|dif|diff)$/i;

export interface Media {
  readonly media: readonly Medium[];
  readonly skipped: readonly SkippedBackup[];
}

/**
 * Has the server read every file's label and headers, and puts the files of striped media together. A medium of which a file is missing is
 * refused: nothing on it can be restored.
 * @param look called before each file
 */
export async function readMedia(
  connection: SqlConnection,
  facts: ServerFacts,
  files: readonly FoundFile[],
  look: (file: string) => void,
): Promise<Media> {
  const skipped: SkippedBackup[] = [];
  const labelled: Labelled[] = [];
  for (const file of files) {
    if (!backupName.test(file.path)) {
      skipped.push(skip(file.path, 'no-backup-file', 'its name does not end with .bak, .trn or .dif'));
      continue;
    }
    look(file.path);
    const label = await orSkipped(skipped, file.path, () => labelOf(connection, onServer(file.path)));
    if (label === null) skipped.push(skip(file.path, 'unreadable', 'SQL Server finds no media header in it'));
    else if (label !== undefined) labelled.push({ ...file, label });
  }
  const media: Medium[] = [];
  for (const members of Map.groupBy(labelled, ({ label }) => label.MediaSetId).values()) {
    const families = familiesOf(members, skipped);
    if (families === null) continue;
    const first = families[0] as Labelled;
    look(first.path);
    const sets = await orSkipped(skipped, first.path, () =>
      headersOf(connection, onServer(first.path), facts.majorVersion),
    );
    if (sets === undefined) continue;
    if (sets.length === 0) {
      skipped.push(skip(first.path, 'cut-off', 'no whole backup set is in it'));
      continue;
    }
    const sizeBytes = families.reduce((sum, family) => sum + family.sizeBytes, 0);
    media.push({ files: families.map(({ path }) => path), sizeBytes, sets });
  }
  return { media, skipped };
}

/** In their order; null when one is missing. A file that is there twice (a copy, or a mirror) counts once. */
function familiesOf(members: readonly Labelled[], skipped: SkippedBackup[]): readonly Labelled[] | null {
  const families = new Map<number, Labelled>();
  for (const member of members) {
    const { FamilySequenceNumber: n } = member.label;
    const known = families.get(n);
    if (known === undefined) families.set(n, member);
    else skipped.push(skip(member.path, 'duplicate', `it is the same medium as ${known.path}`));
  }
  const count = members[0]?.label.FamilyCount ?? 0;
  const missing = Array.from({ length: count }, (_, i) => i + 1).filter((n) => !families.has(n));
  if (missing.length > 0) {
    const why = `it is one of ${count} files of a striped backup, of which ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not in the folder`;
    for (const { path } of families.values()) skipped.push(skip(path, 'media-incomplete', why));
    return null;
  }
  return [...families].sort(([a], [b]) => a - b).map(([, family]) => family);
}

function skip(file: string, reason: SkipReason, why: string): SkippedBackup {
  return { file, position: null, database: null, reason, why };
}

/** A file that the server cannot read is that file's trouble; a server that does not answer is everybody's. */
export async function orSkipped<T>(
  skipped: SkippedBackup[],
  file: string,
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    const type = failureType(error);
    if (type === null || !['FileDamaged', 'FileMissing', 'AccessDenied', 'SqlError', 'InvalidInput'].includes(type))
      throw error;
    skipped.push(skip(file, 'unreadable', (error as Error).message));
    return undefined;
  }
}

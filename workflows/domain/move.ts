import type { DatabaseFile } from './backup-set.ts';
import { safeName, shortHash } from './naming.ts';

/** MOVE 'logicalName' TO 'path' */
export interface Move {
  readonly logicalName: string;
  readonly path: string;
}

export interface MoveOptions {
  readonly targetDatabase: string;
  /** From {@link fileToken}. */
  readonly token: string;
  /** Folders on the target, as its server sees them. */
  readonly dataPath: string;
  readonly logPath: string;
}

/** What a restore writes into the name of every file it makes, so that it knows its own databases again. */
export function fileToken(restoreId: string): string {
  return shortHash(restoreId).slice(0, 8);
}

/** Where each file of a database goes on the target. A FILESTREAM or memory-optimised container (type S) is a folder. */
export function moveClauses(files: readonly DatabaseFile[], options: MoveOptions): Move[] {
  const { targetDatabase, token, dataPath, logPath } = options;
  return files.map((file) => {
    const folder = file.type === 'L' ? logPath : dataPath;
    const name = `${safeName(targetDatabase)}_${file.fileId}_${token}${ending(file)}`;
    return { logicalName: file.logicalName, path: `${folder.replace(/\/+$/, '')}/${name}` };
  });
}

function ending(file: DatabaseFile): string {
  if (file.type === 'L') return '.ldf';
  if (file.type !== 'D') return '';
  return file.fileId === 1 ? '.mdf' : '.ndf';
}

/** Files that were added to the database after its base was taken: restoring a log makes them, so they are moved too. */
export function addedFiles(base: readonly DatabaseFile[], later: readonly DatabaseFile[]): DatabaseFile[] {
  const known = new Set(base.map((file) => `${file.fileId} ${file.logicalName}`));
  return later.filter((file) => !known.has(`${file.fileId} ${file.logicalName}`));
}

/** True when every file of a database carries the token, so that the database was made by the restore with that token. */
export function ownsFiles(physicalNames: readonly string[], token: string): boolean {
  const ours = new RegExp(`_\\d+_${token}(\\.mdf|\\.ndf|\\.ldf)?$`);
  return physicalNames.length > 0 && physicalNames.every((path) => ours.test(path));
}

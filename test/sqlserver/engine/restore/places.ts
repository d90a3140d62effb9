import { existsSync } from 'node:fs';
import { SqlError } from '../../contracts.ts';
import type { RestoreStatement, SqlMessage } from '../../contracts.ts';
import type { BackupSet } from '../backup/set.ts';
import type { Boot, StoredFile } from '../boot.ts';
import { createSecondary } from '../create.ts';
import type { EngineDatabase } from '../database.ts';
import { directoryLookup } from '../databases.ts';
import type { EngineInstance } from '../instance.ts';
import { failure, osText, sqlError } from '../messages.ts';

const PLANNING = failure(
  3119,
  'Problems were identified while planning for the RESTORE statement. Previous messages provide details.',
);

function checkMoves(statement: RestoreStatement, set: BackupSet): void {
  for (const move of statement.moves) {
    if (set.files.some((f) => f.logicalName.toLowerCase() === move.logicalName.toLowerCase())) continue;
    throw sqlError(
      3234,
      `Logical file '${move.logicalName}' is not part of database '${statement.database}'. Use RESTORE FILELISTONLY to list the logical file names.`,
      2,
    );
  }
}

/** unknown: whether an existing database's own file locations win over the backup's. Here they do, by file identity. */
function target(
  file: StoredFile,
  statement: RestoreStatement,
  existing: EngineDatabase | undefined,
  instance: EngineInstance,
): string {
  const move = statement.moves.findLast((m) => m.logicalName.toLowerCase() === file.logicalName.toLowerCase());
  if (move !== undefined) return instance.paths.normalize(move.physicalName);
  return existing?.entry.files.find((f) => f.uniqueId === file.uniqueId)?.physicalName ?? file.physicalName;
}

const cannotRestoreTo = (file: StoredFile) =>
  failure(
    3156,
    `File '${file.logicalName}' cannot be restored to '${file.physicalName}'. Use WITH MOVE to identify a valid location for the file.`,
    4,
  );

function problems(
  file: StoredFile,
  options: {
    readonly instance: EngineInstance;
    readonly existing: EngineDatabase | undefined;
    readonly replace: boolean;
  },
): readonly SqlMessage[] {
  const { instance, existing } = options;
  const path = file.physicalName;
  const problem = instance.paths.createProblem(path);
  if (problem === 'missing') return [directoryLookup(path), cannotRestoreTo(file)];
  if (problem === 'denied') {
    const text = `The operating system returned the error '${osText.denied}' while attempting 'RestoreContainer::ValidateTargetForCreation' on '${path}'.`;
    return [failure(3634, text), cannotRestoreTo(file)];
  }
  const real = instance.paths.real(path)!;
  const owner = instance.ownerOfFile(real);
  if (owner !== undefined && owner !== existing) {
    const text = `The file '${path}' cannot be overwritten.  It is being used by database '${owner.name}'.`;
    return [failure(1834, text), cannotRestoreTo(file)];
  }
  if (owner === undefined && existsSync(real) && !options.replace) {
    const text = `File "${file.logicalName}" cannot be restored over the existing "${path}". Reissue the RESTORE statement using WITH REPLACE to overwrite pre-existing files, or WITH MOVE to identify an alternate location.`;
    return [failure(3142, text)];
  }
  return [];
}

function twins(files: readonly StoredFile[]): readonly SqlMessage[] {
  return files.flatMap((file, i) => {
    const other = files.slice(0, i).find((f) => f.physicalName === file.physicalName);
    if (other === undefined) return [];
    const text = `File '${file.physicalName}' is claimed by '${file.logicalName}'(${file.fileId}) and '${other.logicalName}'(${other.fileId}). The WITH MOVE clause can be used to relocate one or more files.`;
    return [failure(3176, text)];
  });
}

function checkRoom(files: readonly StoredFile[], set: BackupSet, instance: EngineInstance): void {
  const needed = (file: StoredFile) => set.files.find((f) => f.fileId === file.fileId)?.sizeBytes ?? 0;
  for (const file of files) {
    const room = instance.faults.room(file.physicalName);
    if (needed(file) <= room) continue;
    throw new SqlError(
      failure(
        3257,
        `There is insufficient free space on disk volume '${file.physicalName.slice(0, file.physicalName.lastIndexOf('/'))}' to create the database. The database requires ${needed(file)} additional free bytes, while only ${room} bytes are available.`,
      ),
      PLANNING,
    );
  }
}

/** Where the files of the backup go. @throws SqlError 3234, or 5133, 3634, 1834, 3156, 3142, 3176, 3257 with 3119 */
export function planPlaces(
  instance: EngineInstance,
  statement: RestoreStatement,
  set: BackupSet,
  existing: EngineDatabase | undefined,
): readonly StoredFile[] {
  checkMoves(statement, set);
  return placed(instance, statement, set, existing, set.files);
}

/** Files that the database did not have when its data was backed up: MOVE on later steps is for them only. */
export function planAddedFiles(
  instance: EngineInstance,
  statement: RestoreStatement,
  set: BackupSet,
  database: EngineDatabase,
): readonly StoredFile[] {
  checkMoves(statement, set);
  const known = new Set(database.files.map((f) => f.fileId));
  const added = set.files.filter((f) => !known.has(f.fileId));
  return placed(instance, statement, set, database, added);
}

function placed(
  instance: EngineInstance,
  statement: RestoreStatement,
  set: BackupSet,
  existing: EngineDatabase | undefined,
  wanted: BackupSet['files'],
): readonly StoredFile[] {
  const files = wanted.map((file): StoredFile => {
    const { fileId, type, logicalName, uniqueId, created } = file;
    return { fileId, type, logicalName, uniqueId, created, physicalName: target(file, statement, existing, instance) };
  });
  const options = { instance, existing, replace: statement.replace };
  const found = [...files.flatMap((file) => problems(file, options)), ...twins(files)];
  if (found.length > 0) throw new SqlError(...found, PLANNING);
  checkRoom(files, set, instance);
  return files;
}

/** Makes the files that exist at the point that roll forward has reached. */
export function createAddedFiles(
  instance: EngineInstance,
  database: EngineDatabase,
  boot: Boot,
  added: readonly StoredFile[],
): void {
  if (added.length === 0) return;
  for (const file of added) {
    const real = instance.paths.real(file.physicalName)!;
    createSecondary(real, file);
    instance.paths.adopt(real);
  }
  boot.files = [...boot.files, ...added];
  instance.changeEntry(database, { files: boot.files });
}

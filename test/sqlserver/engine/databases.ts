import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { SqlError } from '../contracts.ts';
import type { CreateDatabase, StatementContext } from '../contracts.ts';
import { createFiles, DEFAULT_COLLATION, newBoot, numbered, removeFiles } from './create.ts';
import type { EngineDatabase } from './database.ts';
import type { EngineInstance } from './instance.ts';
import { failure, osText, sqlError } from './messages.ts';
import { momentNow } from './moment.ts';
import { denied, mayAlterDatabase, mayCreateDatabase } from './security.ts';
import { isSystemDatabase } from './system.ts';

type Files = CreateDatabase['files'];

function withDefaults(create: CreateDatabase, instance: EngineInstance): Files {
  const { name } = create;
  const given = create.files.map((f) => ({ ...f, physicalName: instance.paths.normalize(f.physicalName) }));
  const rows = given.some((f) => f.type === 'ROWS')
    ? []
    : [{ type: 'ROWS' as const, logicalName: name, physicalName: posix.join(instance.defaultDataPath, `${name}.mdf`) }];
  const logs = given.some((f) => f.type === 'LOG')
    ? []
    : [
        {
          type: 'LOG' as const,
          logicalName: `${name}_log`,
          physicalName: posix.join(instance.defaultLogPath, `${name}_log.ldf`),
        },
      ];
  return [...rows, ...given, ...logs];
}

/** @throws SqlError 5133, 5170, 5123 with 1802 behind it */
function checkPlaces(files: Files, instance: EngineInstance): void {
  const failed = failure(
    1802,
    'CREATE DATABASE failed. Some file names listed could not be created. Check related errors.',
    4,
  );
  for (const { physicalName } of files) {
    const problem = instance.paths.createProblem(physicalName);
    if (problem === 'missing') {
      throw new SqlError(directoryLookup(physicalName), failed);
    }
    if (problem === 'denied') {
      const text = `CREATE FILE encountered operating system error ${osText.denied} while attempting to open or create the physical file '${physicalName}'.`;
      throw new SqlError(failure(5123, text), failed);
    }
    if (existsSync(instance.paths.real(physicalName)!)) {
      const text = `Cannot create file '${physicalName}' because it already exists. Change the file path or the file name, and retry the operation.`;
      throw new SqlError(failure(5170, text), failed);
    }
  }
}

export const directoryLookup = (path: string) =>
  failure(5133, `Directory lookup for the file "${path}" failed with the operating system error ${osText.notFound}.`);

export function createDatabase(
  instance: EngineInstance,
  create: CreateDatabase,
  context: StatementContext,
): EngineDatabase {
  const { name } = create;
  if (!mayCreateDatabase(context.login)) throw denied('CREATE DATABASE', 'master');
  if (instance.database(name) !== undefined) {
    throw sqlError(1801, `Database '${name}' already exists. Choose a different database name.`, 3);
  }
  if (create.collation !== undefined && create.collation.toLowerCase() !== DEFAULT_COLLATION.toLowerCase()) {
    throw sqlError(
      448,
      `Invalid collation '${create.collation}': this simulated server knows ${DEFAULT_COLLATION} only.`,
    );
  }
  const files = withDefaults(create, instance);
  checkPlaces(files, instance);
  const stored = numbered(files.map(({ type, logicalName, physicalName }) => ({ type, logicalName, physicalName })));
  const model = instance.database('model')?.recoveryModel ?? 'FULL';
  createFiles(newBoot({ model, collation: DEFAULT_COLLATION, files: stored }), instance);
  return instance.addDatabase({
    id: instance.freeDatabaseId(),
    name,
    createTicks: momentNow(instance.clock).ticks,
    ownerSid: context.login.sid,
    mode: 'normal',
    userAccess: 'MULTI_USER',
    files: stored,
  });
}

export function dropDatabase(instance: EngineInstance, name: string, context: StatementContext): void {
  const database = instance.database(name);
  if (database === undefined || !mayAlterDatabase(context.login, database)) {
    throw sqlError(
      3701,
      `Cannot drop the database '${name}', because it does not exist or you do not have permission.`,
      1,
      11,
    );
  }
  if (isSystemDatabase(database)) {
    throw sqlError(3708, `Cannot drop the database '${database.name}' because it is a system database.`, 4);
  }
  const inUse =
    instance.sessions.inDatabase(database.id).length > 0 ||
    context.currentDatabase.toLowerCase() === database.name.toLowerCase();
  if (inUse || database.running.backups > 0 || database.running.restore) {
    throw sqlError(3702, `Cannot drop database "${database.name}" because it is currently in use.`, 3);
  }
  // The files of an OFFLINE database stay (DROP DATABASE (Transact-SQL)).
  const remove = database.entry.mode !== 'offline';
  const files = database.entry.files;
  instance.forgetDatabase(database);
  if (remove) removeFiles(files, instance);
  database.forget();
}

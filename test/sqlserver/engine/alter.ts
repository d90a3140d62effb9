import { setTimeout as delay } from 'node:timers/promises';
import { SqlError } from '../contracts.ts';
import type { AlterDatabase, RecoveryModel, StatementContext } from '../contracts.ts';
import { createSecondary, numbered } from './create.ts';
import type { EngineDatabase } from './database.ts';
import { directoryLookup } from './databases.ts';
import type { EngineInstance } from './instance.ts';
import { failure, info, sqlError } from './messages.ts';
import { mayAlterDatabase } from './security.ts';
import { isSystemDatabase } from './system.ts';

const POLL_MS = 10;
const failed = failure(5069, 'ALTER DATABASE statement failed.');

function notAllowed(name: string): SqlError {
  return new SqlError(
    failure(
      5011,
      `User does not have permission to alter database '${name}', the database does not exist, or the database is not in a state that allows access checks.`,
      5,
      14,
    ),
    failed,
  );
}

function others(instance: EngineInstance, database: EngineDatabase, context: StatementContext): readonly number[] {
  return instance.sessions.inDatabase(database.id).filter((spid) => spid !== context.spid);
}

/** Alone in the database: by throwing the others out, or by waiting for them to leave, which has no end of its own. */
async function becomeAlone(
  instance: EngineInstance,
  database: EngineDatabase,
  rollbackImmediate: boolean,
  context: StatementContext,
): Promise<void> {
  if (rollbackImmediate) {
    const spids = others(instance, database, context);
    const rolling = 'Nonqualified transactions are being rolled back. Estimated rollback completion:';
    if (spids.length > 0) context.info(info(5060, `${rolling} 0%.`));
    await Promise.all(spids.map((spid) => instance.sessions.kill(spid)));
    if (spids.length > 0) context.info(info(5060, `${rolling} 100%.`));
  }
  while (others(instance, database, context).length > 0 || database.running.backups > 0) {
    await delay(POLL_MS, undefined, { signal: context.signal });
  }
}

/** FULL is reached from SIMPLE without a log chain: until a data backup the database behaves as SIMPLE ("pseudo-simple"). */
function setRecoveryModel(database: EngineDatabase, model: RecoveryModel): void {
  const { storage } = database;
  const { boot } = storage;
  if (boot.recoveryModel === model) return;
  if (boot.recoveryModel === 'SIMPLE' || model === 'SIMPLE') {
    boot.logBackup = null;
    boot.beginsChain = true;
  }
  boot.recoveryModel = model;
  storage.saveBoot();
}

async function setState(
  instance: EngineInstance,
  database: EngineDatabase,
  alter: Extract<AlterDatabase, { set: 'state' }>,
  context: StatementContext,
): Promise<void> {
  if (alter.state === 'ONLINE') {
    instance.changeEntry(database, { mode: 'normal' });
    database.forget();
    if (database.state === 'ONLINE') database.open();
    return;
  }
  await becomeAlone(instance, database, alter.rollbackImmediate, context);
  if (database.state === 'ONLINE') await database.close();
  instance.changeEntry(database, { mode: alter.state === 'OFFLINE' ? 'offline' : 'emergency' });
  if (alter.state === 'OFFLINE') database.forget();
}

function addFile(
  instance: EngineInstance,
  database: EngineDatabase,
  alter: Extract<AlterDatabase, { set: 'file' }>,
): void {
  const { storage } = database;
  const physicalName = instance.paths.normalize(alter.file.physicalName);
  if (instance.paths.createProblem(physicalName) !== undefined)
    throw new SqlError(directoryLookup(physicalName), failed);
  const { files } = storage.boot;
  if (files.some((f) => f.logicalName.toLowerCase() === alter.file.logicalName.toLowerCase())) {
    throw sqlError(
      1828,
      `The logical file name "${alter.file.logicalName}" is already in use. Choose a different name.`,
      3,
    );
  }
  const [made] = numbered([{ ...alter.file, physicalName }]);
  const file = { ...made!, fileId: Math.max(...files.map((f) => f.fileId)) + 1, created: storage.log.end };
  const real = instance.paths.real(physicalName)!;
  createSecondary(real, file);
  instance.paths.adopt(real);
  storage.boot.files = [...files, file];
  storage.saveBoot();
  instance.changeEntry(database, { files: storage.boot.files });
}

export async function alterDatabase(
  instance: EngineInstance,
  name: string,
  alter: AlterDatabase,
  context: StatementContext,
): Promise<void> {
  const database = instance.database(name);
  if (database === undefined || !mayAlterDatabase(context.login, database)) throw notAllowed(name);
  if (alter.set === 'ignored') return;
  if (isSystemDatabase(database) && alter.set !== 'recovery') {
    throw new SqlError(
      failure(5058, `Option '${alter.set.toUpperCase()}' cannot be set in database '${database.name}'.`),
      failed,
    );
  }
  const { state } = database;
  if (state === 'RESTORING' || state === 'RECOVERING') {
    throw new SqlError(
      failure(
        5052,
        `ALTER DATABASE is not permitted while a database is in the ${state === 'RESTORING' ? 'Restoring' : 'Recovering'} state.`,
        1,
        14,
      ),
      failed,
    );
  }
  switch (alter.set) {
    case 'recovery':
      database.open();
      return setRecoveryModel(database, alter.model);
    case 'state':
      return setState(instance, database, alter, context);
    case 'access':
      if (alter.access === 'SINGLE_USER') await becomeAlone(instance, database, alter.rollbackImmediate, context);
      return instance.changeEntry(database, { userAccess: alter.access });
    case 'readonly': {
      await becomeAlone(instance, database, alter.rollbackImmediate, context);
      const { storage } = database;
      storage.boot.isReadOnly = alter.readOnly;
      return storage.saveBoot();
    }
    case 'name':
      if (instance.database(alter.name) !== undefined) {
        throw sqlError(1801, `Database '${alter.name}' already exists. Choose a different database name.`, 3);
      }
      if (others(instance, database, context).length > 0) {
        throw new SqlError(
          failure(5030, 'The database could not be exclusively locked to perform the operation.', 2),
          failed,
        );
      }
      instance.changeEntry(database, { name: alter.name });
      return context.info(info(5021, `The database name '${alter.name}' has been set.`));
    case 'file':
      return addFile(instance, database, alter);
  }
}

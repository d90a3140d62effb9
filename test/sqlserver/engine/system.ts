import { existsSync, rmSync } from 'node:fs';
import type { RecoveryModel } from '../contracts.ts';
import { createFiles, DEFAULT_COLLATION, newBoot, numbered } from './create.ts';
import { EngineDatabase } from './database.ts';
import type { DatabaseEntry, DatabaseHost } from './database.ts';
import { createHistoryTables } from './msdb/schema.ts';
import { momentNow } from './moment.ts';
import { SA_SID } from './security.ts';

interface SystemDatabase {
  readonly id: number;
  readonly name: string;
  readonly data: readonly [logical: string, file: string];
  readonly log: readonly [logical: string, file: string];
  readonly model: RecoveryModel;
}

const SYSTEM: readonly SystemDatabase[] = [
  { id: 1, name: 'master', data: ['master', 'master.mdf'], log: ['mastlog', 'mastlog.ldf'], model: 'SIMPLE' },
  { id: 2, name: 'tempdb', data: ['tempdev', 'tempdb.mdf'], log: ['templog', 'templog.ldf'], model: 'SIMPLE' },
  { id: 3, name: 'model', data: ['modeldev', 'model.mdf'], log: ['modellog', 'modellog.ldf'], model: 'FULL' },
  { id: 4, name: 'msdb', data: ['MSDBData', 'msdbdata.mdf'], log: ['MSDBLog', 'msdblog.ldf'], model: 'SIMPLE' },
];
const SYSTEM_IDS = 4;

export function isSystemDatabase(database: { readonly id: number }): boolean {
  return database.id <= SYSTEM_IDS;
}

function entryOf(system: SystemDatabase, host: DatabaseHost): DatabaseEntry {
  const at = (file: string) => `/var/opt/mssql/data/${file}`;
  return {
    id: system.id,
    name: system.name,
    createTicks: momentNow(host.clock).ticks,
    ownerSid: SA_SID,
    mode: 'normal',
    userAccess: 'MULTI_USER',
    files: numbered([
      { type: 'ROWS', logicalName: system.data[0], physicalName: at(system.data[1]) },
      { type: 'LOG', logicalName: system.log[0], physicalName: at(system.log[1]) },
    ]),
  };
}

/** Creates what is missing; tempdb is made anew at every start. */
function start(system: SystemDatabase, host: DatabaseHost): EngineDatabase {
  const entry = entryOf(system, host);
  const volatile = system.name === 'tempdb';
  const database = new EngineDatabase(entry, host, { volatile });
  const real = database.realPath('ROWS');
  if (volatile) rmSync(real, { force: true });
  if (existsSync(real)) return database;
  createFiles(newBoot({ model: system.model, collation: DEFAULT_COLLATION, files: entry.files }), host);
  if (system.name === 'msdb') createHistoryTables(database);
  return database;
}

export function startSystemDatabases(host: DatabaseHost): {
  readonly master: EngineDatabase;
  readonly others: readonly EngineDatabase[];
} {
  const [master, ...others] = SYSTEM.map((system) => start(system, host));
  // Opened now: a server whose master is damaged does not start.
  master!.open();
  return { master: master!, others };
}

import { closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs';
import type { Boot, StoredFile } from './boot.ts';
import type { DatabaseHost } from './database.ts';
import { DataFile } from './files/data-file.ts';
import { EMPTY_SNAPSHOT } from './files/snapshot-file.ts';
import { newGuid } from './ids.ts';
import { LogFile } from './log/log-file.ts';
import { FIRST_POSITION } from './log/lsn.ts';
import type { RecoveryModel } from '../contracts.ts';

export const DEFAULT_COLLATION = 'SQL_Latin1_General_CP1_CI_AS';

export function newBoot(options: {
  readonly model: RecoveryModel;
  readonly collation: string;
  readonly files: readonly StoredFile[];
}): Boot {
  const fork = newGuid();
  return {
    databaseGuid: newGuid(),
    familyGuid: fork,
    forkGuid: fork,
    firstForkGuid: fork,
    forkPoint: null,
    recoveryModel: options.model,
    collation: options.collation,
    compatibilityLevel: 160,
    isReadOnly: false,
    files: options.files,
    restore: null,
    checkpoint: FIRST_POSITION,
    snapshot: EMPTY_SNAPSHOT,
    ballast: { count: 0, runs: [] },
    logBackup: null,
    logBackupTicks: null,
    beginsChain: true,
    base: null,
    lastFull: null,
    lastCommitTicks: null,
    lastGoodCheckTicks: null,
  };
}

/** File ids as SQL Server gives them: 1 the primary, 2 the log, then the rest. */
export function numbered(files: readonly Omit<StoredFile, 'fileId' | 'uniqueId' | 'created'>[]): readonly StoredFile[] {
  const rows = files.filter((f) => f.type === 'ROWS');
  const logs = files.filter((f) => f.type === 'LOG');
  const order = [...rows.slice(0, 1), ...logs.slice(0, 1), ...rows.slice(1), ...logs.slice(1)];
  return order.map((file, i) => ({ ...file, fileId: i + 1, uniqueId: newGuid(), created: 0 }));
}

/** Secondary files hold nothing but who they are: all rows and ballast live in the primary file. */
export function createSecondary(real: string, file: StoredFile): void {
  const fd = openSync(real, 'w');
  writeSync(fd, `SIMNDF01 ${file.uniqueId} ${file.logicalName}\n`);
  closeSync(fd);
}

function isSecondary(files: readonly StoredFile[], file: StoredFile): boolean {
  return file !== files.find((f) => f.type === file.type);
}

/** Writes the files of an empty database. */
export function createFiles(boot: Boot, host: DatabaseHost): void {
  for (const file of boot.files) {
    const real = host.paths.real(file.physicalName);
    if (real === undefined) throw new Error(`${file.physicalName} is outside of this server`);
    host.pool.drop(real);
    if (isSecondary(boot.files, file)) createSecondary(real, file);
    else if (file.type === 'LOG') {
      LogFile.create(real, host.pool, boot.checkpoint);
      LogFile.bootSlots(real, host.pool).write(boot);
    } else new DataFile(real, host.pool).create(boot);
    host.paths.adopt(real);
  }
}

export function removeFiles(files: readonly StoredFile[], host: DatabaseHost): void {
  for (const file of files) {
    const real = host.paths.real(file.physicalName);
    if (real === undefined || !existsSync(real)) continue;
    host.pool.drop(real);
    rmSync(real);
  }
}

import type { BackupSet, DatabaseFile } from '../../../workflows/domain/backup-set.ts';
import { parseLsn } from '../../../workflows/domain/lsn.ts';

/** A data and a log file, as FILELISTONLY shows them. */
export const twoFiles: readonly DatabaseFile[] = [
  { fileId: 1, logicalName: 'db1', type: 'D', physicalName: '/var/opt/mssql/data/db1.mdf', sizeBytes: 8_388_608 },
  {
    fileId: 2,
    logicalName: 'db1_log',
    type: 'L',
    physicalName: '/var/opt/mssql/data/db1_log.ldf',
    sizeBytes: 8_388_608,
  },
];

export type SetFields = Partial<Omit<BackupSet, 'firstLsn' | 'lastLsn' | 'checkpointLsn' | 'forkPointLsn'>> & {
  readonly firstLsn?: number;
  readonly lastLsn?: number;
  readonly checkpointLsn?: number;
  readonly forkPointLsn?: number | null;
};

let made = 0;

/** A backup set of db1 on fork A; LSNs are small numbers. */
export function backupSet(fields: SetFields = {}): BackupSet {
  const { firstLsn = 0, lastLsn = 0, checkpointLsn = firstLsn, forkPointLsn = null, ...rest } = fields;
  made += 1;
  const id = rest.id ?? `00000000-0000-0000-0000-${String(made).padStart(12, '0')}`;
  const kind = rest.kind ?? 'full';
  const startedAt = rest.startedAt ?? '2026-03-01T00:00:00.000Z';
  return {
    formatVersion: 1,
    instance: 'mssql-rt',
    serverName: 'mssql-rt-0',
    database: 'db1',
    copyOnly: false,
    name: `mssql-pitr ${id}`,
    position: 1,
    files: [{ name: `${id}.${kind === 'log' ? 'trn' : 'bak'}`, sizeBytes: 1000, sha256: 'ab'.repeat(32) }],
    databaseBackupLsn: parseLsn('0'),
    differentialBaseLsn: null,
    differentialBaseId: null,
    familyId: 'FAMILY-1',
    firstRecoveryForkId: rest.recoveryForkId ?? 'FORK-A',
    recoveryForkId: 'FORK-A',
    finishedAt: startedAt,
    lastValidRestoreTime: null,
    utcOffsetMinutes: 0,
    recoveryModel: 'FULL',
    hasBulkLoggedData: false,
    beginsLogChain: false,
    hasChecksums: true,
    isDamaged: false,
    backupSizeBytes: 1000,
    databaseFiles: twoFiles,
    softwareMajorVersion: 16,
    takenBy: null,
    committedAt: startedAt,
    ...rest,
    id,
    kind,
    startedAt,
    firstLsn: parseLsn(String(firstLsn)),
    lastLsn: parseLsn(String(lastLsn)),
    checkpointLsn: parseLsn(String(checkpointLsn)),
    forkPointLsn: forkPointLsn === null ? null : parseLsn(String(forkPointLsn)),
  };
}

/** 1 March 2026, UTC: `at('10:00:05')`. */
export function at(time: string): string {
  return new Date(`2026-03-01T${time}Z`).toISOString();
}

export function ms(time: string): number {
  return Date.parse(at(time));
}

/** A full that ends at `lsn` and was taken within one second. */
export function full(time: string, lsn: number, fields: SetFields = {}): BackupSet {
  return backupSet({ kind: 'full', startedAt: at(time), firstLsn: lsn - 1, lastLsn: lsn, ...fields });
}

export function differential(time: string, lsn: number, base: BackupSet, fields: SetFields = {}): BackupSet {
  return backupSet({
    kind: 'differential',
    startedAt: at(time),
    firstLsn: lsn - 1,
    lastLsn: lsn,
    differentialBaseId: base.id,
    ...fields,
  });
}

/** A log of [first, last), taken within one second. */
export function log(time: string, first: number, last: number, fields: SetFields = {}): BackupSet {
  return backupSet({ kind: 'log', startedAt: at(time), firstLsn: first, lastLsn: last, ...fields });
}

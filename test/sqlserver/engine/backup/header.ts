import type { DatabaseFile } from '../../contracts.ts';
import { newGuid } from '../ids.ts';
import { momentAt, wholeSecond } from '../moment.ts';
import type { BackupJob } from './backup.ts';
import { BACKUP_TYPE } from './set.ts';
import type { BackupType, SetStart } from './set.ts';
import type { OpenedMedia } from './stripes.ts';

/** What differs between the kinds of backup. */
interface Range {
  readonly type: BackupType;
  readonly first: number;
  readonly checkpoint: number;
  readonly ballastCount: number;
  readonly snapshotBytes: number;
}

/** Size of one stored file: what the data file holds when it is larger than the smallest file. */
function sized(files: readonly DatabaseFile[], id: number): number {
  return files.find((f) => f.fileId === id)?.sizeBytes ?? 0;
}

export function describeSet(job: BackupJob, media: OpenedMedia, range: Range, startMs: number): SetStart {
  const { instance, statement, context, database } = job;
  const { boot } = job.storage;
  const isLog = range.type === BACKUP_TYPE.log;
  const crossing = isLog && boot.firstForkGuid !== boot.forkGuid;
  const files = database.files;
  return {
    setGuid: newGuid(),
    type: range.type,
    position: media.position,
    name: statement.name ?? null,
    description: statement.description ?? null,
    expirationTicks: statement.expireDate?.ticks ?? null,
    userName: context.login.name,
    serverName: instance.serverName,
    databaseName: database.name,
    databaseCreationTicks: database.createDate.ticks,
    databaseGuid: boot.databaseGuid,
    familyGuid: boot.familyGuid,
    firstForkGuid: crossing ? boot.firstForkGuid : boot.forkGuid,
    forkGuid: boot.forkGuid,
    forkPoint: crossing ? boot.forkPoint : null,
    recoveryModel: boot.recoveryModel,
    collation: boot.collation,
    compatibilityLevel: boot.compatibilityLevel,
    compressed: media.compressed,
    hasChecksums: statement.checksum || instance.configuration.get('backup checksum default') === 1,
    isCopyOnly: (statement.copyOnly || statement.noTruncate) && range.type !== BACKUP_TYPE.differential,
    isReadOnly: boot.isReadOnly,
    isSingleUser: database.userAccess === 'SINGLE_USER',
    isTail: isLog && (statement.noRecovery || statement.standby !== undefined),
    beginsChain: isLog && boot.beginsChain,
    startTicks: wholeSecond(momentAt(instance.clock, startMs)).ticks,
    timeZone: Math.round(instance.clock.offsetMinutes(startMs) / 15),
    first: range.first,
    checkpoint: range.checkpoint,
    databaseBackup: range.type === BACKUP_TYPE.differential ? boot.base!.position : boot.lastFull,
    base: range.type === BACKUP_TYPE.differential ? boot.base : null,
    databaseBase: boot.base,
    files: boot.files.map((f) => ({ ...f, sizeBytes: sized(files, f.fileId) })),
    ballastCount: range.ballastCount,
    snapshotBytes: range.snapshotBytes,
  };
}

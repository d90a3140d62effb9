import type { SqlValue } from '../../contracts.ts';
import { BACKUP_TYPE } from '../backup/set.ts';
import type { BackupSet, SetStart } from '../backup/set.ts';
import {
  compressionAlgorithm,
  count,
  databaseBackupLsn,
  DISK_DEVICE,
  flagsOf,
  lastValidRestoreTime,
  lsnValue,
  moment,
  PHYSICAL_BLOCK,
  SOFTWARE,
} from '../backup/values.ts';
import { NO_GUID } from '../ids.ts';
import { HEADER_COLUMNS } from './columns.ts';

const PAGE = 8192;
const DATA_MAX = 35_184_372_080_640n;
const LOG_MAX = 2_199_023_255_552n;

const DESCRIPTION = {
  [BACKUP_TYPE.full]: 'Database',
  [BACKUP_TYPE.log]: 'Transaction Log',
  [BACKUP_TYPE.differential]: 'Database Differential',
};

/** BULK-LOGGED is what msdb and headers write for BULK_LOGGED. */
function modelText(set: BackupSet): string {
  return set.recoveryModel.replace('_', '-');
}

/** One row of RESTORE HEADERONLY. TimeZone is only kept up by log backups; elsewhere a server shows what is in memory. */
export function headerRow(set: BackupSet): readonly SqlValue[] {
  const base = set.type === BACKUP_TYPE.differential ? set.base : null;
  return [
    set.name,
    set.description,
    set.type,
    moment(set.expirationTicks),
    set.compressed ? 1 : 0,
    set.position,
    DISK_DEVICE,
    set.userName,
    set.serverName,
    set.databaseName,
    SOFTWARE.databaseVersion,
    moment(set.databaseCreationTicks - (set.databaseCreationTicks % 10_000_000n)),
    BigInt(set.rawBytes),
    lsnValue(set.first),
    lsnValue(set.last),
    lsnValue(set.checkpoint),
    databaseBackupLsn(set),
    moment(set.startTicks),
    moment(set.finishTicks),
    SOFTWARE.sortOrder,
    0,
    SOFTWARE.locale,
    SOFTWARE.compareStyle,
    set.compatibilityLevel,
    SOFTWARE.vendor,
    SOFTWARE.major,
    SOFTWARE.minor,
    SOFTWARE.build,
    set.serverName,
    flagsOf(set),
    set.databaseGuid,
    set.forkGuid,
    set.collation,
    set.familyGuid,
    set.hasBulkLoggedData,
    false,
    set.isReadOnly,
    set.isSingleUser,
    set.hasChecksums,
    set.isDamaged,
    set.beginsChain,
    false,
    false,
    set.isCopyOnly,
    set.firstForkGuid,
    lsnValue(set.forkPoint),
    modelText(set),
    lsnValue(base?.position),
    base?.setGuid ?? null,
    DESCRIPTION[set.type],
    set.setGuid,
    BigInt(set.storedBytes),
    0,
    null,
    null,
    null,
    lastValidRestoreTime(set),
    set.type === BACKUP_TYPE.log ? set.timeZone : 0,
    compressionAlgorithm(set),
  ];
}

/** A set that was terminated while it was being created: HEADERONLY lists it, everything else refuses it. */
export function incompleteRow(start: SetStart, position: number): readonly SqlValue[] {
  return HEADER_COLUMNS.map(({ name }) => {
    if (name === 'BackupName') return '*** INCOMPLETE ***';
    if (name === 'BackupType') return start.type;
    return name === 'Position' ? position : null;
  });
}

/** RESTORE FILELISTONLY: an LSN that is none is 0, a GUID that is none is all zeros. */
export function fileRows(set: BackupSet): readonly (readonly SqlValue[])[] {
  const none = count(0);
  return set.files.map((file, i) => {
    const isData = file.type === 'ROWS';
    const first = set.files.findIndex((f) => f.type === file.type) === i;
    const pages = !first ? 0 : isData ? set.dataPages : set.logPages;
    const base = isData ? set.databaseBase : null;
    return [
      file.logicalName,
      file.physicalName,
      isData ? 'D' : 'L',
      isData ? 'PRIMARY' : null,
      BigInt(file.sizeBytes),
      isData ? DATA_MAX : LOG_MAX,
      BigInt(file.fileId),
      file.created === 0 ? none : lsnValue(file.created),
      none,
      file.uniqueId,
      none,
      none,
      BigInt(pages * PAGE),
      PHYSICAL_BLOCK,
      isData ? 1 : 0,
      null,
      lsnValue(base?.position) ?? none,
      base?.setGuid ?? NO_GUID,
      false,
      true,
      null,
      null,
    ];
  });
}

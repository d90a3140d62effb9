import { NO_GUID, newGuid } from '../ids.ts';
import type { EngineInstance } from '../instance.ts';
import { lsnAt } from '../log/lsn.ts';
import { BACKUP_TYPE } from '../backup/set.ts';
import type { BackupSet, MediaHeader } from '../backup/set.ts';
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
import { HistoryWriter } from './writer.ts';

const TABLES = ['backupfile', 'backupfilegroup', 'backupmediafamily', 'backupmediaset', 'backupset'];
const DRIVE = 'C:\\';
const PAGE = 8192;
const TYPE_LETTER = { [BACKUP_TYPE.full]: 'D', [BACKUP_TYPE.log]: 'L', [BACKUP_TYPE.differential]: 'I' };

/** The media that a set lies on: one header and one path for each stripe. */
export interface SetMedia {
  readonly headers: readonly MediaHeader[];
  readonly stripes: readonly { readonly path: string }[];
}

function mediaSet(writer: HistoryWriter, media: SetMedia): number {
  const header = media.headers[0]!;
  const known = writer.find('backupmediaset', 'media_uuid', header.mediaSetGuid);
  if (known !== undefined) return Number(writer.read('backupmediaset', known, 'media_set_id'));
  const id = writer.insert('backupmediaset', {
    media_uuid: header.mediaSetGuid,
    media_family_count: header.familyCount,
    name: header.name,
    description: header.description,
    software_name: SOFTWARE.name,
    software_vendor_id: SOFTWARE.vendor,
    MTF_major_version: 1,
    mirror_count: 1,
    is_password_protected: false,
    is_compressed: header.compressed,
    is_encrypted: null,
  });
  media.headers.forEach((family, i) =>
    writer.insert('backupmediafamily', {
      media_set_id: id,
      family_sequence_number: family.familyNumber,
      media_family_id: family.familyGuid,
      media_count: 1,
      logical_device_name: null,
      physical_device_name: media.stripes[i]?.path ?? null,
      device_type: DISK_DEVICE,
      physical_block_size: PHYSICAL_BLOCK,
      mirror: 0,
    }),
  );
  return id;
}

function setRow(set: BackupSet, mediaSetId: number) {
  const base = set.type === BACKUP_TYPE.differential ? set.base : null;
  return {
    backup_set_uuid: set.setGuid,
    media_set_id: mediaSetId,
    first_family_number: 1,
    first_media_number: 1,
    last_family_number: 1,
    last_media_number: 1,
    catalog_family_number: 1,
    catalog_media_number: 1,
    position: set.position,
    expiration_date: moment(set.expirationTicks),
    software_vendor_id: SOFTWARE.vendor,
    name: set.name,
    description: set.description,
    user_name: set.userName,
    software_major_version: SOFTWARE.major,
    software_minor_version: SOFTWARE.minor,
    software_build_version: SOFTWARE.build,
    time_zone: set.timeZone,
    mtf_minor_version: 0,
    first_lsn: lsnValue(set.first),
    last_lsn: lsnValue(set.last),
    checkpoint_lsn: lsnValue(set.checkpoint),
    database_backup_lsn: databaseBackupLsn(set),
    database_creation_date: moment(set.databaseCreationTicks),
    backup_start_date: moment(set.startTicks),
    backup_finish_date: moment(set.finishTicks),
    type: TYPE_LETTER[set.type],
    sort_order: SOFTWARE.sortOrder,
    code_page: 0,
    compatibility_level: set.compatibilityLevel,
    database_version: SOFTWARE.databaseVersion,
    backup_size: count(set.rawBytes),
    database_name: set.databaseName,
    server_name: set.serverName,
    machine_name: set.serverName,
    flags: flagsOf(set),
    unicode_locale: SOFTWARE.locale,
    unicode_compare_style: SOFTWARE.compareStyle,
    collation_name: set.collation,
    is_password_protected: false,
    recovery_model: set.recoveryModel.replace('_', '-'),
    has_bulk_logged_data: set.hasBulkLoggedData,
    is_snapshot: false,
    is_readonly: set.isReadOnly,
    is_single_user: set.isSingleUser,
    has_backup_checksums: set.hasChecksums,
    is_damaged: set.isDamaged,
    begins_log_chain: set.beginsChain,
    has_incomplete_metadata: false,
    is_force_offline: false,
    is_copy_only: set.isCopyOnly,
    first_recovery_fork_guid: set.firstForkGuid,
    last_recovery_fork_guid: set.forkGuid,
    fork_point_lsn: lsnValue(set.forkPoint),
    database_guid: set.databaseGuid,
    family_guid: set.familyGuid,
    differential_base_lsn: lsnValue(base?.position),
    differential_base_guid: base?.setGuid ?? null,
    compressed_backup_size: count(set.storedBytes),
    key_algorithm: null,
    encryptor_thumbprint: null,
    encryptor_type: null,
    last_valid_restore_time: lastValidRestoreTime(set),
    compression_algorithm: compressionAlgorithm(set),
  };
}

function insertFiles(writer: HistoryWriter, set: BackupSet, id: number): void {
  const filegroup = newGuid();
  for (const [i, file] of set.files.entries()) {
    const isData = file.type === 'ROWS';
    const first = set.files.findIndex((f) => f.type === file.type) === i;
    const pages = !first ? 0 : isData ? set.dataPages : set.logPages;
    writer.insert('backupfile', {
      backup_set_id: id,
      first_family_number: 1,
      first_media_number: 1,
      filegroup_name: isData ? 'PRIMARY' : null,
      page_size: PAGE,
      file_number: count(file.fileId),
      backed_up_page_count: count(pages),
      file_type: isData ? 'D' : 'L',
      source_file_block_size: count(PHYSICAL_BLOCK),
      file_size: count(file.sizeBytes),
      logical_name: file.logicalName,
      physical_drive: DRIVE,
      physical_name: file.physicalName,
      state: 0,
      state_desc: 'ONLINE',
      create_lsn: file.created === 0 ? count(0) : { unscaled: lsnAt(file.created), scale: 0 },
      drop_lsn: count(0),
      file_guid: file.uniqueId,
      read_only_lsn: count(0),
      read_write_lsn: count(0),
      differential_base_lsn: lsnValue(isData ? set.databaseBase?.position : null) ?? count(0),
      differential_base_guid: isData ? (set.databaseBase?.setGuid ?? NO_GUID) : NO_GUID,
      backup_size: count(pages * PAGE),
      filegroup_guid: isData ? filegroup : null,
      is_readonly: false,
      is_present: isData || set.type === BACKUP_TYPE.log || set.logPages > 0,
    });
  }
  writer.insert('backupfilegroup', {
    backup_set_id: id,
    name: 'PRIMARY',
    filegroup_id: 1,
    filegroup_guid: filegroup,
    type: 'FG',
    type_desc: 'ROWS_FILEGROUP',
    is_default: true,
    is_readonly: false,
  });
}

/** The history of one backup set; a set that is known already (a restore of an own backup) stays as it is. */
export function addBackup(writer: HistoryWriter, set: BackupSet, media: SetMedia): number {
  const known = writer.find('backupset', 'backup_set_uuid', set.setGuid);
  if (known !== undefined) return Number(writer.read('backupset', known, 'backup_set_id'));
  const id = writer.insert('backupset', setRow(set, mediaSet(writer, media)));
  insertFiles(writer, set, id);
  return id;
}

export const BACKUP_TABLES = TABLES;

export async function recordBackup(
  instance: EngineInstance,
  set: BackupSet,
  media: SetMedia,
  signal: AbortSignal,
): Promise<void> {
  const writer = await HistoryWriter.open(instance, TABLES, signal);
  try {
    addBackup(writer, set, media);
    writer.commit();
  } catch (error) {
    writer.rollback();
    throw error;
  }
}

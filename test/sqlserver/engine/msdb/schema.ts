import type { EngineDatabase } from '../database.ts';
import { historyTable, TYPES as T } from './columns.ts';
import type { ColumnList } from './columns.ts';

/** Column order and types as SQL Server 2022 reports them: "backupset (Transact-SQL)" and its sisters. */
const BACKUPSET: ColumnList = [
  ['backup_set_id', T.int, 'identity'],
  ['backup_set_uuid', T.guid, 'not null'],
  ['media_set_id', T.int, 'not null'],
  ['first_family_number', T.tinyint],
  ['first_media_number', T.smallint],
  ['last_family_number', T.tinyint],
  ['last_media_number', T.smallint],
  ['catalog_family_number', T.tinyint],
  ['catalog_media_number', T.smallint],
  ['position', T.int],
  ['expiration_date', T.datetime],
  ['software_vendor_id', T.int],
  ['name', T.name],
  ['description', T.text255],
  ['user_name', T.name],
  ['software_major_version', T.tinyint],
  ['software_minor_version', T.tinyint],
  ['software_build_version', T.smallint],
  ['time_zone', T.smallint],
  ['mtf_minor_version', T.tinyint],
  ['first_lsn', T.lsn],
  ['last_lsn', T.lsn],
  ['checkpoint_lsn', T.lsn],
  ['database_backup_lsn', T.lsn],
  ['database_creation_date', T.datetime],
  ['backup_start_date', T.datetime],
  ['backup_finish_date', T.datetime],
  ['type', T.char1],
  ['sort_order', T.smallint],
  ['code_page', T.smallint],
  ['compatibility_level', T.tinyint],
  ['database_version', T.int],
  ['backup_size', T.size],
  ['database_name', T.name],
  ['server_name', T.name],
  ['machine_name', T.name],
  ['flags', T.int],
  ['unicode_locale', T.int],
  ['unicode_compare_style', T.int],
  ['collation_name', T.name],
  ['is_password_protected', T.bit],
  ['recovery_model', T.text60],
  ['has_bulk_logged_data', T.bit],
  ['is_snapshot', T.bit],
  ['is_readonly', T.bit],
  ['is_single_user', T.bit],
  ['has_backup_checksums', T.bit],
  ['is_damaged', T.bit],
  ['begins_log_chain', T.bit],
  ['has_incomplete_metadata', T.bit],
  ['is_force_offline', T.bit],
  ['is_copy_only', T.bit],
  ['first_recovery_fork_guid', T.guid],
  ['last_recovery_fork_guid', T.guid],
  ['fork_point_lsn', T.lsn],
  ['database_guid', T.guid],
  ['family_guid', T.guid],
  ['differential_base_lsn', T.lsn],
  ['differential_base_guid', T.guid],
  ['compressed_backup_size', T.size],
  ['key_algorithm', T.text32],
  ['encryptor_thumbprint', T.thumbprint],
  ['encryptor_type', T.text32],
  ['last_valid_restore_time', T.datetime],
  ['compression_algorithm', T.text32],
];

const MEDIASET: ColumnList = [
  ['media_set_id', T.int, 'identity'],
  ['media_uuid', T.guid],
  ['media_family_count', T.tinyint],
  ['name', T.name],
  ['description', T.text255],
  ['software_name', T.name],
  ['software_vendor_id', T.int],
  ['MTF_major_version', T.tinyint],
  ['mirror_count', T.tinyint],
  ['is_password_protected', T.bit],
  ['is_compressed', T.bit],
  ['is_encrypted', T.bit],
];

const MEDIAFAMILY: ColumnList = [
  ['media_set_id', T.int, 'not null'],
  ['family_sequence_number', T.tinyint, 'not null'],
  ['media_family_id', T.guid],
  ['media_count', T.int],
  ['logical_device_name', T.name],
  ['physical_device_name', T.path],
  ['device_type', T.tinyint],
  ['physical_block_size', T.int],
  ['mirror', T.tinyint, 'not null'],
];

const BACKUPFILE: ColumnList = [
  ['backup_set_id', T.int, 'not null'],
  ['first_family_number', T.tinyint],
  ['first_media_number', T.smallint],
  ['filegroup_name', T.name],
  ['page_size', T.int],
  ['file_number', T.count, 'not null'],
  ['backed_up_page_count', T.count],
  ['file_type', T.char1],
  ['source_file_block_size', T.count],
  ['file_size', T.size],
  ['logical_name', T.name],
  ['physical_drive', T.path],
  ['physical_name', T.path],
  ['state', T.tinyint],
  ['state_desc', T.text64],
  ['create_lsn', T.lsn],
  ['drop_lsn', T.lsn],
  ['file_guid', T.guid],
  ['read_only_lsn', T.lsn],
  ['read_write_lsn', T.lsn],
  ['differential_base_lsn', T.lsn],
  ['differential_base_guid', T.guid],
  ['backup_size', T.size],
  ['filegroup_guid', T.guid],
  ['is_readonly', T.bit],
  ['is_present', T.bit],
];

const BACKUPFILEGROUP: ColumnList = [
  ['backup_set_id', T.int, 'not null'],
  ['name', T.name, 'not null'],
  ['filegroup_id', T.int, 'not null'],
  ['filegroup_guid', T.guid],
  ['type', { name: 'char', length: 2 }, 'not null'],
  ['type_desc', T.text60, 'not null'],
  ['is_default', T.bit, 'not null'],
  ['is_readonly', T.bit, 'not null'],
  ['log_filegroup_guid', T.guid],
];

const RESTOREHISTORY: ColumnList = [
  ['restore_history_id', T.int, 'identity'],
  ['restore_date', T.datetime],
  ['destination_database_name', T.name],
  ['user_name', T.name],
  ['backup_set_id', T.int, 'not null'],
  ['restore_type', T.char1],
  ['replace', T.bit],
  ['recovery', T.bit],
  ['restart', T.bit],
  ['stop_at', T.datetime],
  ['device_count', T.tinyint],
  ['stop_at_mark_name', T.name],
  ['stop_before', T.bit],
];

const RESTOREFILE: ColumnList = [
  ['restore_history_id', T.int, 'not null'],
  ['file_number', T.count],
  ['destination_phys_drive', T.path],
  ['destination_phys_name', T.path],
];

const RESTOREFILEGROUP: ColumnList = [
  ['restore_history_id', T.int, 'not null'],
  ['filegroup_name', T.name],
];

const LOGMARKHISTORY: ColumnList = [
  ['database_name', T.name, 'not null'],
  ['mark_name', T.name, 'not null'],
  ['description', T.text255],
  ['user_name', T.name, 'not null'],
  ['lsn', T.lsn, 'not null'],
  ['mark_time', T.datetime, 'not null'],
];

const SUSPECT_PAGES: ColumnList = [
  ['database_id', T.int, 'not null'],
  ['file_id', T.int, 'not null'],
  ['page_id', T.bigint, 'not null'],
  ['event_type', T.int, 'not null'],
  ['error_count', T.int, 'not null'],
  ['last_update_date', T.datetime, 'not null'],
];

const TABLES = [
  historyTable('backupmediaset', MEDIASET, ['media_set_id'], 'media_uuid'),
  historyTable('backupmediafamily', MEDIAFAMILY, ['media_set_id', 'family_sequence_number', 'mirror']),
  historyTable('backupset', BACKUPSET, ['backup_set_id'], 'backup_set_uuid'),
  historyTable('backupfile', BACKUPFILE, ['backup_set_id', 'file_number']),
  historyTable('backupfilegroup', BACKUPFILEGROUP, ['backup_set_id', 'filegroup_id']),
  historyTable('restorehistory', RESTOREHISTORY, ['restore_history_id'], 'backup_set_id'),
  historyTable('restorefile', RESTOREFILE, [], 'restore_history_id'),
  historyTable('restorefilegroup', RESTOREFILEGROUP, [], 'restore_history_id'),
  historyTable('logmarkhistory', LOGMARKHISTORY, [], 'mark_name'),
  historyTable('suspect_pages', SUSPECT_PAGES, []),
];

export function createHistoryTables(msdb: EngineDatabase): void {
  const transaction = msdb.begin();
  for (const definition of TABLES) transaction.createTable(definition);
  transaction.commit();
}

import type { Database } from '../../../contracts.ts';
import type { SystemContext } from '../contract.ts';
import {
  accessNumber,
  databaseVersion,
  isBrokerEnabled,
  isOpen,
  isSystemDatabase,
  recoveryNumber,
  reuseWaitNumber,
  stateNumber,
} from '../catalog/states.ts';
import type { Row } from '../layout.ts';
import { bytesOf, dateZero, zeroGuid } from '../values.ts';
import { view } from '../view.ts';
import { databasesOf } from './selection.ts';

function databaseRow(database: Database): Row {
  const open = isOpen(database);
  const system = isSystemDatabase(database);
  const reuseWait = open ? database.logStats().reuseWait : 'NOTHING';
  return {
    name: database.name,
    database_id: database.id,
    owner_sid: bytesOf(database.ownerSid),
    create_date: database.createDate,
    compatibility_level: database.compatibilityLevel,
    collation_name: open ? database.collation : null,
    user_access: accessNumber(database),
    user_access_desc: database.userAccess,
    is_read_only: database.isReadOnly || database.isInStandby,
    state: stateNumber(database),
    state_desc: database.state,
    is_in_standby: database.isInStandby,
    snapshot_isolation_state: Number(database.name === 'master' || database.name === 'msdb'),
    snapshot_isolation_state_desc: database.name === 'master' || database.name === 'msdb' ? 'ON' : 'OFF',
    recovery_model: recoveryNumber(database),
    recovery_model_desc: database.recoveryModel,
    is_fulltext_enabled: open && !system,
    is_trustworthy_on: database.name === 'msdb',
    is_db_chaining_on: ['master', 'tempdb', 'msdb'].includes(database.name),
    is_query_store_on: open && !system,
    service_broker_guid: open ? database.recovery.databaseGuid : zeroGuid,
    is_broker_enabled: open && isBrokerEnabled(database),
    log_reuse_wait: reuseWaitNumber(reuseWait),
    log_reuse_wait_desc: reuseWait,
    target_recovery_time_in_seconds: database.name === 'master' ? 0 : 60,
    is_mixed_page_allocation_on: system && database.name !== 'tempdb',
    physical_database_name: database.name,
  };
}

export const databaseViews = [
  view({
    name: 'sys.databases',
    columns: `
      name sysname, database_id int, source_database_id int null, owner_sid varbinary(85) null, create_date datetime,
      compatibility_level tinyint, collation_name sysname null, user_access tinyint null,
      user_access_desc nvarchar(60) null, is_read_only bit null, is_auto_close_on bit = 0,
      is_auto_shrink_on bit null = 0, state tinyint null, state_desc nvarchar(60) null, is_in_standby bit null,
      is_cleanly_shutdown bit null = 0, is_supplemental_logging_enabled bit null = 0,
      snapshot_isolation_state tinyint null, snapshot_isolation_state_desc nvarchar(60) null,
      is_read_committed_snapshot_on bit null = 0, recovery_model tinyint null, recovery_model_desc nvarchar(60) null,
      page_verify_option tinyint null = 2, page_verify_option_desc nvarchar(60) null = 'CHECKSUM',
      is_auto_create_stats_on bit null = 1, is_auto_create_stats_incremental_on bit null = 0,
      is_auto_update_stats_on bit null = 1, is_auto_update_stats_async_on bit null = 0,
      is_ansi_null_default_on bit null = 0, is_ansi_nulls_on bit null = 0, is_ansi_padding_on bit null = 0,
      is_ansi_warnings_on bit null = 0, is_arithabort_on bit null = 0, is_concat_null_yields_null_on bit null = 0,
      is_numeric_roundabort_on bit null = 0, is_quoted_identifier_on bit null = 0,
      is_recursive_triggers_on bit null = 0, is_cursor_close_on_commit_on bit null = 0,
      is_local_cursor_default bit null = 0, is_fulltext_enabled bit null, is_trustworthy_on bit null,
      is_db_chaining_on bit null, is_parameterization_forced bit null = 0,
      is_master_key_encrypted_by_server bit = 0, is_query_store_on bit null, is_published bit = 0,
      is_subscribed bit = 0, is_merge_published bit = 0, is_distributor bit = 0, is_sync_with_backup bit = 0,
      service_broker_guid uniqueidentifier, is_broker_enabled bit, log_reuse_wait tinyint null,
      log_reuse_wait_desc nvarchar(60) null, is_date_correlation_on bit = 0, is_cdc_enabled bit = 0,
      is_encrypted bit null = 0, is_honor_broker_priority_on bit null = 0, replica_id uniqueidentifier null,
      group_database_id uniqueidentifier null, resource_pool_id int null, default_language_lcid smallint null,
      default_language_name nvarchar(128) null, default_fulltext_language_lcid int null,
      default_fulltext_language_name nvarchar(128) null, is_nested_triggers_on bit null,
      is_transform_noise_words_on bit null, two_digit_year_cutoff smallint null, containment tinyint null = 0,
      containment_desc nvarchar(60) null = 'NONE', target_recovery_time_in_seconds int null,
      delayed_durability int null = 0, delayed_durability_desc nvarchar(60) null = 'DISABLED',
      is_memory_optimized_elevate_to_snapshot_on bit null = 0, is_federation_member bit null = 0,
      is_remote_data_archive_enabled bit null = 0, is_mixed_page_allocation_on bit null,
      is_temporal_history_retention_enabled bit null = 1, catalog_collation_type int = 0,
      catalog_collation_type_desc nvarchar(60) null = 'DATABASE_DEFAULT', physical_database_name nvarchar(128) null,
      is_result_set_caching_on bit null = 0, is_accelerated_database_recovery_on bit null = 0,
      is_tempdb_spill_to_remote_store bit null = 0, is_stale_page_detection_on bit null = 0,
      is_memory_optimized_enabled bit null = 1, is_data_retention_enabled bit null = 0, is_ledger_on bit null = 0,
      is_change_feed_enabled bit null = 0`,
    *rows(context, _args, equalities) {
      for (const database of databasesOf(context, equalities)) yield databaseRow(database);
    },
  }),
  view({
    name: 'sys.database_recovery_status',
    columns: `
      database_id int, database_guid uniqueidentifier null, family_guid uniqueidentifier null,
      last_log_backup_lsn numeric(25,0) null, recovery_fork_guid uniqueidentifier null,
      first_recovery_fork_guid uniqueidentifier null, fork_point_lsn numeric(25,0) null`,
    *rows(context, _args, equalities) {
      for (const database of databasesOf(context, equalities)) yield recoveryRow(database);
    },
  }),
  view({
    name: 'sys.database_mirroring',
    columns: `
      database_id int, mirroring_guid uniqueidentifier null, mirroring_state tinyint null,
      mirroring_state_desc nvarchar(60) null, mirroring_role tinyint null, mirroring_role_desc nvarchar(60) null,
      mirroring_role_sequence int null, mirroring_safety_level tinyint null,
      mirroring_safety_level_desc nvarchar(60) null, mirroring_safety_sequence int null,
      mirroring_partner_name nvarchar(128) null, mirroring_partner_instance nvarchar(128) null,
      mirroring_witness_name nvarchar(128) null, mirroring_witness_state tinyint null,
      mirroring_witness_state_desc nvarchar(60) null, mirroring_failover_lsn numeric(25,0) null,
      mirroring_connection_timeout int null, mirroring_redo_queue int null, mirroring_redo_queue_type nvarchar(60) null,
      mirroring_end_of_log_lsn numeric(25,0) null, mirroring_replication_lsn numeric(25,0) null`,
    *rows(context, _args, equalities) {
      for (const database of databasesOf(context, equalities)) yield { database_id: database.id };
    },
  }),
  view({
    name: 'sys.sysdatabases',
    columns: `
      name sysname, dbid smallint, sid varbinary(85) null, mode smallint = 0, status int, status2 int,
      crdate datetime, reserved datetime, category int = 0, cmptlevel tinyint, filename nvarchar(260) null,
      version smallint null`,
    *rows(context, _args, equalities) {
      for (const database of databasesOf(context, equalities)) yield compatibilityRow(context, database);
    },
  }),
];

/** "NULL = Database is offline or the database will not start": sys.database_recovery_status (Transact-SQL). */
function recoveryRow(database: Database): Row {
  if (!isOpen(database)) return { database_id: database.id };
  const { recovery } = database;
  return {
    database_id: database.id,
    database_guid: recovery.databaseGuid,
    family_guid: recovery.familyGuid,
    last_log_backup_lsn: recovery.lastLogBackupLsn,
    recovery_fork_guid: recovery.recoveryForkGuid,
    first_recovery_fork_guid: recovery.firstRecoveryForkGuid,
    fork_point_lsn: recovery.forkPointLsn,
  };
}

/** Bits of status and status2: sys.sysdatabases (Transact-SQL). */
function compatibilityRow(context: SystemContext, database: Database): Row {
  const status =
    (database.recoveryModel === 'BULK_LOGGED' ? 4 : database.recoveryModel === 'SIMPLE' ? 8 : 0) |
    65_536 |
    (database.state === 'RESTORING' ? 32 : 0) |
    (database.state === 'RECOVERING' ? 64 : 0) |
    (database.state === 'SUSPECT' ? 256 : 0) |
    (database.state === 'OFFLINE' ? 512 : 0) |
    (database.isReadOnly || database.isInStandby ? 1024 : 0) |
    (database.userAccess === 'RESTRICTED_USER' ? 2048 : 0) |
    (database.userAccess === 'SINGLE_USER' ? 4096 : 0);
  return {
    name: database.name,
    dbid: database.id,
    sid: bytesOf(database.ownerSid),
    status,
    status2: 0x4000_0000,
    crdate: database.createDate,
    reserved: dateZero,
    cmptlevel: database.compatibilityLevel,
    filename: database.files[0]?.physicalName ?? null,
    version: isOpen(database) ? databaseVersion(context.instance.version[0]) : null,
  };
}

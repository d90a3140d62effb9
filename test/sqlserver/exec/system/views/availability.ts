import { view } from '../view.ts';

/** Availability groups are not part of this server: IsHadrEnabled is 0 and every view of theirs is empty. */
export const availabilityViews = [
  view({
    name: 'sys.availability_groups',
    columns: `
      group_id uniqueidentifier, name sysname null, resource_id nvarchar(40) null, resource_group_id nvarchar(40) null,
      failure_condition_level int null, health_check_timeout int null, automated_backup_preference tinyint null,
      automated_backup_preference_desc nvarchar(60) null, version smallint null, basic_features bit null,
      dtc_support bit null, db_failover bit null, is_distributed bit null, cluster_type tinyint null,
      cluster_type_desc nvarchar(60) null, required_synchronized_secondaries_to_commit int null,
      sequence_number bigint null, is_contained bit null`,
  }),
  view({
    name: 'sys.availability_groups_cluster',
    columns: `
      group_id uniqueidentifier, name sysname null, resource_id nvarchar(40) null, resource_group_id nvarchar(40) null,
      failure_condition_level int null, health_check_timeout int null, automated_backup_preference tinyint null,
      automated_backup_preference_desc nvarchar(60) null`,
  }),
  view({
    name: 'sys.availability_replicas',
    columns: `
      replica_id uniqueidentifier null, group_id uniqueidentifier null, replica_metadata_id int null,
      replica_server_name nvarchar(256) null, owner_sid varbinary(85) null, endpoint_url nvarchar(256) null,
      availability_mode tinyint null, availability_mode_desc nvarchar(60) null, failover_mode tinyint null,
      failover_mode_desc nvarchar(60) null, session_timeout int null, primary_role_allow_connections tinyint null,
      primary_role_allow_connections_desc nvarchar(60) null, secondary_role_allow_connections tinyint null,
      secondary_role_allow_connections_desc nvarchar(60) null, create_date datetime null, modify_date datetime null,
      backup_priority int null, read_only_routing_url nvarchar(256) null, seeding_mode tinyint null,
      seeding_mode_desc nvarchar(60) null, read_write_routing_url nvarchar(256) null`,
  }),
  view({
    name: 'sys.availability_databases_cluster',
    columns: `
      group_id uniqueidentifier, group_database_id uniqueidentifier, database_name sysname null,
      truncation_lsn numeric(25,0) null`,
  }),
  view({
    name: 'sys.availability_group_listeners',
    columns: `
      group_id uniqueidentifier, listener_id nvarchar(36) null, dns_name nvarchar(63) null, port int null,
      is_conformant bit, ip_configuration_string_from_cluster nvarchar(max) null, is_distributed_network_name bit null`,
  }),
  view({
    name: 'sys.dm_hadr_availability_group_states',
    columns: `
      group_id uniqueidentifier, primary_replica nvarchar(128) null, primary_recovery_health tinyint null,
      primary_recovery_health_desc nvarchar(60) null, secondary_recovery_health tinyint null,
      secondary_recovery_health_desc nvarchar(60) null, synchronization_health tinyint null,
      synchronization_health_desc nvarchar(60) null`,
  }),
  view({
    name: 'sys.dm_hadr_availability_replica_states',
    columns: `
      replica_id uniqueidentifier, group_id uniqueidentifier, is_local bit, role tinyint null,
      role_desc nvarchar(60) null, operational_state tinyint null, operational_state_desc nvarchar(60) null,
      connected_state tinyint null, connected_state_desc nvarchar(60) null, recovery_health tinyint null,
      recovery_health_desc nvarchar(60) null, synchronization_health tinyint null,
      synchronization_health_desc nvarchar(60) null, last_connect_error_number int null,
      last_connect_error_description nvarchar(1024) null, last_connect_error_timestamp datetime null,
      write_lease_remaining_ticks bigint null, current_configuration_commit_start_time_utc datetime null`,
  }),
  view({
    name: 'sys.dm_hadr_availability_replica_cluster_states',
    columns: `
      replica_id uniqueidentifier, replica_server_name nvarchar(256) null, group_id uniqueidentifier,
      join_state tinyint null, join_state_desc nvarchar(60) null`,
  }),
  view({
    name: 'sys.dm_hadr_database_replica_states',
    columns: `
      database_id int, group_id uniqueidentifier, replica_id uniqueidentifier, group_database_id uniqueidentifier,
      is_local bit null, is_primary_replica bit null, synchronization_state tinyint null,
      synchronization_state_desc nvarchar(60) null, is_commit_participant bit null, synchronization_health tinyint null,
      synchronization_health_desc nvarchar(60) null, database_state tinyint null, database_state_desc nvarchar(60) null,
      is_suspended bit null, suspend_reason tinyint null, suspend_reason_desc nvarchar(60) null,
      recovery_lsn numeric(25,0) null, truncation_lsn numeric(25,0) null, last_sent_lsn numeric(25,0) null,
      last_sent_time datetime null, last_received_lsn numeric(25,0) null, last_received_time datetime null,
      last_hardened_lsn numeric(25,0) null, last_hardened_time datetime null, last_redone_lsn numeric(25,0) null,
      last_redone_time datetime null, log_send_queue_size bigint null, log_send_rate bigint null,
      redo_queue_size bigint null, redo_rate bigint null, filestream_send_rate bigint null,
      end_of_log_lsn numeric(25,0) null, last_commit_lsn numeric(25,0) null, last_commit_time datetime null,
      low_water_mark_for_ghosts bigint null, secondary_lag_seconds bigint null, quorum_commit_lsn numeric(25,0) null,
      quorum_commit_time datetime null, is_internal bit null`,
  }),
  view({
    name: 'sys.dm_hadr_database_replica_cluster_states',
    columns: `
      replica_id uniqueidentifier, group_database_id uniqueidentifier, database_name sysname null,
      is_failover_ready bit, is_pending_secondary_suspend bit, is_database_joined bit, recovery_lsn numeric(25,0) null,
      truncation_lsn numeric(25,0) null`,
  }),
  view({
    name: 'sys.dm_hadr_cluster',
    columns: `
      cluster_name nvarchar(256), quorum_type tinyint, quorum_type_desc nvarchar(60) null, quorum_state tinyint,
      quorum_state_desc nvarchar(60) null`,
  }),
  view({
    name: 'sys.dm_hadr_cluster_members',
    columns: `
      member_name nvarchar(256), member_type tinyint, member_type_desc nvarchar(60) null, member_state tinyint,
      member_state_desc nvarchar(60) null, number_of_quorum_votes int null`,
  }),
  view({
    name: 'dbo.log_shipping_primary_databases',
    onlyIn: 'msdb',
    columns: `
      primary_id uniqueidentifier, primary_database sysname, backup_directory nvarchar(500), backup_share nvarchar(500),
      backup_retention_period int, backup_job_id uniqueidentifier, monitor_server sysname, user_specified_monitor bit null,
      monitor_server_security_mode bit, last_backup_file nvarchar(500) null, last_backup_date datetime null,
      backup_compression tinyint`,
  }),
  view({
    name: 'dbo.log_shipping_secondary_databases',
    onlyIn: 'msdb',
    columns: `
      secondary_database sysname, secondary_id uniqueidentifier, restore_delay int, restore_all bit, restore_mode bit,
      disconnect_users bit, block_size int null, buffer_count int null, max_transfer_size int null,
      last_restored_file nvarchar(500) null, last_restored_date datetime null`,
  }),
];

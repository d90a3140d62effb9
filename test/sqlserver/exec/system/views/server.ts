import os from 'node:os';
import { requireServerState } from '../access.ts';
import { configuredValue, serverOptions, valueInUse } from '../catalog/options.ts';
import { view } from '../view.ts';

export const serverViews = [
  view({
    name: 'sys.configurations',
    columns: `
      configuration_id int, name nvarchar(35), value sql_variant null, minimum sql_variant null,
      maximum sql_variant null, value_in_use sql_variant null, description nvarchar(255), is_dynamic bit,
      is_advanced bit`,
    *rows({ instance }) {
      const int = (value: number) => ({ type: { name: 'int' as const }, value });
      for (const option of serverOptions) {
        yield {
          configuration_id: option.id,
          name: option.name,
          value: int(configuredValue(instance, option)),
          minimum: int(option.minimum),
          maximum: int(option.maximum),
          value_in_use: int(valueInUse(instance, option)),
          description: option.description,
          is_dynamic: option.isDynamic,
          is_advanced: option.isAdvanced,
        };
      }
    },
  }),
  view({
    name: 'sys.dm_os_sys_info',
    columns: `
      cpu_ticks bigint, ms_ticks bigint, cpu_count int, hyperthread_ratio int, physical_memory_kb bigint,
      virtual_memory_kb bigint, committed_kb bigint, committed_target_kb bigint, visible_target_kb bigint,
      stack_size_in_bytes int = 2093056, os_quantum bigint = 4, os_error_mode int = 5, os_priority_class int null = 32,
      max_workers_count int = 512, scheduler_count int, scheduler_total_count int,
      deadlock_monitor_serial_number int = 0, sqlserver_start_time_ms_ticks bigint, sqlserver_start_time datetime,
      affinity_type int = 2, affinity_type_desc nvarchar(60) = 'AUTO', process_kernel_time_ms bigint,
      process_user_time_ms bigint, time_source int = 0, time_source_desc nvarchar(60) = 'QUERY_PERFORMANCE_COUNTER',
      virtual_machine_type int = 0, virtual_machine_type_desc nvarchar(60) = 'NONE', softnuma_configuration int = 0,
      softnuma_configuration_desc nvarchar(60) = 'OFF', process_physical_affinity nvarchar(3072) = '',
      sql_memory_model int = 1, sql_memory_model_desc nvarchar(60) = 'CONVENTIONAL', socket_count int null,
      cores_per_socket int null, numa_node_count int null = 1, container_type int = 0,
      container_type_desc nvarchar(60) = 'NONE'`,
    *rows(context) {
      requireServerState(context);
      const cpus = os.cpus().length;
      const memory = process.memoryUsage().rss / 1024;
      const uptime = process.uptime() * 1000;
      const usage = process.cpuUsage();
      yield {
        cpu_ticks: process.hrtime.bigint(),
        ms_ticks: os.uptime() * 1000,
        cpu_count: cpus,
        hyperthread_ratio: cpus,
        physical_memory_kb: os.totalmem() / 1024,
        virtual_memory_kb: os.totalmem() / 1024,
        committed_kb: memory,
        committed_target_kb: os.totalmem() / 1024,
        visible_target_kb: os.totalmem() / 1024,
        scheduler_count: cpus,
        scheduler_total_count: cpus,
        sqlserver_start_time_ms_ticks: os.uptime() * 1000 - uptime,
        sqlserver_start_time: context.instance.startTime,
        process_kernel_time_ms: usage.system / 1000,
        process_user_time_ms: usage.user / 1000,
        socket_count: 1,
        cores_per_socket: cpus,
      };
    },
  }),
  view({
    name: 'sys.dm_os_host_info',
    columns: `
      host_platform nvarchar(256) = 'Linux', host_distribution nvarchar(256) = 'Ubuntu', host_release nvarchar(256) = '22.04',
      host_service_pack_level nvarchar(256) = '', host_sku int null, os_language_version int = 0,
      host_architecture nvarchar(256) = 'X64'`,
    *rows() {
      yield {};
    },
  }),
  view({
    name: 'sys.dm_server_services',
    columns: `
      servicename nvarchar(256) = 'SQL Server (MSSQLSERVER)', startup_type int null = 2,
      startup_type_desc nvarchar(256) = 'Automatic', status int null = 4, status_desc nvarchar(256) = 'Running',
      process_id int null, last_startup_time datetimeoffset(7) null, service_account nvarchar(256) = '',
      filename nvarchar(256) = '/opt/mssql/bin/sqlservr', is_clustered nvarchar(1) = 'N',
      cluster_nodename nvarchar(256) null, instant_file_initialization_enabled nvarchar(1) = 'N'`,
    *rows(context) {
      requireServerState(context);
      yield {
        process_id: process.pid,
        last_startup_time: { ticks: context.instance.startTime.ticks, offsetMinutes: context.offsetMinutes },
      };
    },
  }),
  view({
    name: 'sys.servers',
    columns: `
      server_id int = 0, name sysname, product sysname = 'SQL Server', provider sysname = 'SQLNCLI',
      data_source nvarchar(4000) null, location nvarchar(4000) null, provider_string nvarchar(4000) null,
      catalog sysname null, connect_timeout int null = 0, query_timeout int null = 0, is_linked bit = 0,
      is_remote_login_enabled bit = 1, is_rpc_out_enabled bit = 1, is_data_access_enabled bit = 0,
      is_collation_compatible bit = 0, uses_remote_collation bit = 1, collation_name sysname null,
      lazy_schema_validation bit = 0, is_system bit = 0, is_publisher bit = 0, is_subscriber bit null = 0,
      is_distributor bit null = 0, is_nonsql_subscriber bit null = 0, is_remote_proc_transaction_promotion_enabled bit null = 0,
      modify_date datetime, is_rda_server bit null = 0`,
    *rows({ instance }) {
      yield { name: instance.serverName, data_source: instance.serverName, modify_date: instance.startTime };
    },
  }),
  view({
    name: 'sys.sysservers',
    columns: `
      srvid smallint = 0, srvstatus smallint null = 1089, srvname sysname, srvproduct nvarchar(128) = 'SQL Server',
      providername nvarchar(128) = 'SQLNCLI', datasource nvarchar(4000) null, schemadate datetime`,
    *rows({ instance }) {
      yield { srvname: instance.serverName, datasource: instance.serverName, schemadate: instance.startTime };
    },
  }),
  view({
    name: 'sys.endpoints',
    columns: `
      name sysname, endpoint_id int, principal_id int null = 1, protocol tinyint, protocol_desc nvarchar(60) null,
      type tinyint = 2, type_desc nvarchar(60) null = 'TSQL', state tinyint null = 0,
      state_desc nvarchar(60) null = 'STARTED', is_admin_endpoint bit = 0`,
    *rows() {
      yield { name: 'TSQL Default TCP', endpoint_id: 4, protocol: 2, protocol_desc: 'TCP' };
    },
  }),
  view({
    name: 'sys.syslanguages',
    columns: `
      langid smallint = 0, dateformat nchar(3) = 'mdy', datefirst tinyint = 7, upgrade int null = 0,
      name sysname = 'us_english', alias sysname null = 'English', months nvarchar(372) null, shortmonths nvarchar(132) null,
      days nvarchar(217) null, lcid int = 1033, msglangid smallint = 1033`,
    *rows() {
      yield {
        months: 'January,February,March,April,May,June,July,August,September,October,November,December',
        shortmonths: 'Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec',
        days: 'Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday',
      };
    },
  }),
];

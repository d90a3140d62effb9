import { requireServerState } from '../access.ts';
import { connectionId, elapsed, settingColumns, settings, sqlHandle, waitOf } from '../catalog/sessions.ts';
import { bytesOf } from '../values.ts';
import { view } from '../view.ts';
import { visibleSessions } from './selection.ts';

export const sessionViews = [
  view({
    name: 'sys.dm_exec_sessions',
    columns: `
      session_id smallint, login_time datetime, host_name nvarchar(128) null, program_name nvarchar(128) null,
      host_process_id int null, client_version int null = 7, client_interface_name nvarchar(32) null,
      security_id varbinary(85), login_name nvarchar(128), nt_domain nvarchar(128) null, nt_user_name nvarchar(128) null,
      status nvarchar(30), context_info varbinary(128) null, cpu_time int = 0, memory_usage int = 4,
      total_scheduled_time int = 0, total_elapsed_time int, endpoint_id int = 4, last_request_start_time datetime,
      last_request_end_time datetime null, reads bigint = 0, writes bigint = 0, logical_reads bigint = 0,
      is_user_process bit = 1, ${settingColumns}, original_security_id varbinary(85), original_login_name nvarchar(128),
      last_successful_logon datetime null, last_unsuccessful_logon datetime null, unsuccessful_logons bigint null,
      group_id int = 2, database_id smallint, authenticating_database_id int null = 1, open_transaction_count int,
      page_server_reads bigint = 0, contained_availability_group_id uniqueidentifier null`,
    *rows(context) {
      for (const session of visibleSessions(context)) {
        const start = session.lastRequestStart;
        yield {
          session_id: session.spid,
          login_time: session.loginTime,
          host_name: session.hostName,
          program_name: session.programName,
          client_interface_name: session.clientInterface,
          security_id: bytesOf(session.login.sid),
          login_name: session.login.name,
          status: session.request === undefined ? 'sleeping' : 'running',
          context_info: session.contextInfo,
          total_elapsed_time: Math.max(
            0,
            Number(((session.lastRequestEnd ?? context.now).ticks - start.ticks) / 10_000n),
          ),
          last_request_start_time: start,
          last_request_end_time: session.lastRequestEnd,
          ...settings(session),
          original_security_id: bytesOf(session.login.sid),
          original_login_name: session.login.name,
          database_id: session.databaseId,
          open_transaction_count: session.transactionCount,
        };
      }
    },
  }),
  view({
    name: 'sys.dm_exec_connections',
    // unknown: whether a connection is encrypted, its packet counts and ports: sessions do not carry them, so NULL.
    columns: `
      session_id int null, most_recent_session_id int null, connect_time datetime, net_transport nvarchar(40) = 'TCP',
      protocol_type nvarchar(40) null = 'TSQL', protocol_version int null = 1946157060, endpoint_id int null = 4,
      encrypt_option nvarchar(40) null, auth_scheme nvarchar(40) = 'SQL', node_affinity smallint = 0,
      num_reads int null, num_writes int null, last_read datetime null, last_write datetime null,
      net_packet_size int null, client_net_address varchar(48) null, client_tcp_port int null,
      local_net_address varchar(48) null, local_tcp_port int null, connection_id uniqueidentifier,
      parent_connection_id uniqueidentifier null, most_recent_sql_handle varbinary(64) null`,
    *rows(context) {
      requireServerState(context);
      for (const session of context.sessions()) {
        yield {
          session_id: session.spid,
          most_recent_session_id: session.spid,
          connect_time: session.loginTime,
          last_read: session.lastRequestStart,
          last_write: session.lastRequestEnd,
          client_net_address: session.clientAddress,
          connection_id: connectionId(session),
        };
      }
    },
  }),
  view({
    name: 'sys.sysprocesses',
    columns: `
      spid smallint, kpid smallint = 0, blocked smallint, waittype binary(2), waittime bigint, lastwaittype nchar(32),
      waitresource nchar(256) = '', dbid smallint, uid smallint null = 1, cpu int = 0, physical_io bigint = 0,
      memusage int = 0, login_time datetime, last_batch datetime, ecid smallint = 0, open_tran smallint,
      status nchar(30), sid binary(86), hostname nchar(128), program_name nchar(128), hostprocess nchar(10) = '',
      cmd nchar(26), nt_domain nchar(128) = '', nt_username nchar(128) = '', net_address nchar(12) = '',
      net_library nchar(12) = 'TCP/IP', loginame nchar(128), context_info binary(128), sql_handle binary(20),
      stmt_start int = 0, stmt_end int = 0, request_id int = 0, page_resource binary(8) null`,
    *rows(context) {
      for (const session of visibleSessions(context)) {
        const { request } = session;
        const wait = request && waitOf(context, session, request);
        yield {
          spid: session.spid,
          blocked: wait?.blockedBy ?? 0,
          waittype: new Uint8Array(2),
          waittime: request === undefined || wait === undefined ? 0 : elapsed(context, request),
          lastwaittype: wait?.type ?? 'MISCELLANEOUS',
          dbid: session.databaseId,
          login_time: session.loginTime,
          last_batch: session.lastRequestStart,
          open_tran: session.transactionCount,
          status: wait === undefined ? (request?.status ?? 'sleeping') : 'suspended',
          sid: paddedBytes(bytesOf(session.login.sid), 86),
          hostname: session.hostName,
          program_name: session.programName,
          cmd: request?.command.slice(0, 26) ?? 'AWAITING COMMAND',
          loginame: session.login.name,
          context_info: paddedBytes(session.contextInfo ?? new Uint8Array(), 128),
          sql_handle: request === undefined ? new Uint8Array(20) : sqlHandle(request.text).subarray(0, 20),
        };
      }
    },
  }),
];

function paddedBytes(bytes: Uint8Array, length: number): Uint8Array {
  const padded = new Uint8Array(length);
  padded.set(bytes.subarray(0, length));
  return padded;
}

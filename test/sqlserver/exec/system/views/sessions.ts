import { createHash } from 'node:crypto';
import { maySeeServerState, requireServerState } from '../access.ts';
import { raise } from '../errors.ts';
import type { RequestInfo, SessionInfo, SystemContext } from '../contract.ts';
import type { Row } from '../layout.ts';
import { bytesOf, hexOf, intArg } from '../values.ts';
import { view } from '../view.ts';
import { visibleSessions } from './selection.ts';

/** 0x02 and a hash of the text, as the handle of an ad hoc batch looks; it leads back through sys.dm_exec_sql_text. */
const sqlHandle = (text: string): Uint8Array =>
  Buffer.concat([
    Buffer.from([2, 0, 0, 0]),
    createHash('sha256').update(text).digest().subarray(0, 20),
    Buffer.alloc(20),
  ]);

const option = (session: SessionInfo, name: string): boolean => session.options.get(name) ?? false;

/** SET options, which sessions and requests show alike. */
const settings = (session: SessionInfo): Row => ({
  text_size: session.textSize,
  language: session.language,
  date_format: session.dateFormat,
  date_first: session.dateFirst,
  quoted_identifier: option(session, 'QUOTED_IDENTIFIER'),
  arithabort: option(session, 'ARITHABORT'),
  ansi_null_dflt_on: option(session, 'ANSI_NULL_DFLT_ON'),
  ansi_defaults: option(session, 'ANSI_DEFAULTS'),
  ansi_warnings: option(session, 'ANSI_WARNINGS'),
  ansi_padding: option(session, 'ANSI_PADDING'),
  ansi_nulls: option(session, 'ANSI_NULLS'),
  concat_null_yields_null: option(session, 'CONCAT_NULL_YIELDS_NULL'),
  transaction_isolation_level: session.isolationLevel,
  lock_timeout: session.lockTimeout,
  row_count: session.rowCount,
  prev_error: session.lastError,
});
const settingColumns = `
  text_size int, language nvarchar(128) null, date_format nvarchar(3) null, date_first smallint,
  quoted_identifier bit, arithabort bit, ansi_null_dflt_on bit, ansi_defaults bit, ansi_warnings bit,
  ansi_padding bit, ansi_nulls bit, concat_null_yields_null bit, transaction_isolation_level smallint,
  lock_timeout int, deadlock_priority int = 0, row_count bigint, prev_error int`;

/** A guid per session, stable as long as it lives. */
function connectionId(session: SessionInfo): string {
  const hash = hexOf(createHash('md5').update(`${session.spid}/${session.loginTime.ticks}`).digest());
  return hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const elapsed = (context: SystemContext, request: RequestInfo): number =>
  Math.max(0, Math.round(context.instance.clock.now() - request.startedAt));

function requestRow(context: SystemContext, session: SessionInfo, request: RequestInfo): Row {
  const elapsedMs = elapsed(context, request);
  const percent = request.percentComplete;
  return {
    session_id: session.spid,
    start_time: request.startTime,
    status: request.status,
    command: request.command.slice(0, 32),
    sql_handle: sqlHandle(request.text),
    statement_start_offset: request.statementStart * 2,
    statement_end_offset: request.statementEnd >= request.text.length ? -1 : request.statementEnd * 2,
    plan_handle: null,
    database_id: session.databaseId,
    connection_id: connectionId(session),
    blocking_session_id: request.blockedBy,
    wait_type: request.waitType,
    wait_time: request.waitType === null ? 0 : elapsedMs,
    last_wait_type: request.waitType ?? 'MISCELLANEOUS',
    open_transaction_count: session.transactionCount,
    context_info: session.contextInfo,
    percent_complete: percent,
    estimated_completion_time: percent > 0 ? Math.round((elapsedMs * (100 - percent)) / percent) : 0,
    total_elapsed_time: elapsedMs,
    ...settings(session),
  };
}

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
    name: 'sys.dm_exec_requests',
    columns: `
      session_id smallint, request_id int = 0, start_time datetime, status nvarchar(30), command nvarchar(32),
      sql_handle varbinary(64) null, statement_start_offset int null, statement_end_offset int null,
      plan_handle varbinary(64) null, database_id smallint, user_id int = 1, connection_id uniqueidentifier null,
      blocking_session_id smallint null, wait_type nvarchar(60) null, wait_time int, last_wait_type nvarchar(60),
      wait_resource nvarchar(256) = '', open_transaction_count int, open_resultset_count int = 1,
      transaction_id bigint = 0, context_info varbinary(128) null, percent_complete real,
      estimated_completion_time bigint, cpu_time int = 0, total_elapsed_time int, scheduler_id int null = 0,
      task_address varbinary(8) null, reads bigint = 0, writes bigint = 0, logical_reads bigint = 0,
      ${settingColumns}, nest_level int = 0, granted_query_memory int = 0, executing_managed_code bit = 0,
      group_id int = 2, query_hash binary(8) null, query_plan_hash binary(8) null,
      statement_sql_handle varbinary(64) null, statement_context_id bigint null, dop int = 1,
      parallel_worker_count int null, external_script_request_id uniqueidentifier null, is_resumable bit = 0,
      page_resource binary(8) null, page_server_reads bigint = 0, dist_statement_id uniqueidentifier null`,
    *rows(context) {
      for (const session of visibleSessions(context)) {
        if (session.request !== undefined) yield requestRow(context, session, session.request);
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
    name: 'sys.dm_exec_sql_text',
    parameters: [{ name: 'handle', type: { name: 'varbinary', length: 64 } }],
    columns: `
      dbid smallint null, objectid int null, number smallint null, encrypted bit = 0, text nvarchar(max) null`,
    *rows(context, [handle]) {
      if (!(handle instanceof Uint8Array)) return;
      const wanted = hexOf(handle);
      for (const { request } of visibleSessions(context)) {
        if (request === undefined || hexOf(sqlHandle(request.text)) !== wanted) continue;
        yield { text: request.text };
        return;
      }
    },
  }),
  view({
    name: 'sys.dm_exec_input_buffer',
    parameters: [
      { name: 'session_id', type: { name: 'smallint' } },
      { name: 'request_id', type: { name: 'int' } },
    ],
    columns: 'event_type nvarchar(256) null, parameters smallint null = 0, event_info nvarchar(max) null',
    *rows(context, [spid]) {
      const id = intArg(spid);
      if (id !== context.session.spid && !maySeeServerState(context)) {
        throw raise(
          2571,
          14,
          10,
          `User '${context.session.login.name}' does not have permission to run DBCC INPUTBUFFER.`,
        );
      }
      for (const { spid: candidate, request } of context.sessions()) {
        if (candidate === id) yield { event_type: 'Language Event', event_info: request?.text ?? null };
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
        yield {
          spid: session.spid,
          blocked: request?.blockedBy ?? 0,
          waittype: new Uint8Array(2),
          waittime: request === undefined || request.waitType === null ? 0 : elapsed(context, request),
          lastwaittype: request?.waitType ?? 'MISCELLANEOUS',
          dbid: session.databaseId,
          login_time: session.loginTime,
          last_batch: session.lastRequestStart,
          open_tran: session.transactionCount,
          status: request?.status ?? 'sleeping',
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

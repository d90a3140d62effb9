import { maySeeServerState } from '../access.ts';
import { connectionId, elapsed, settingColumns, settings, sqlHandle, waitOf } from '../catalog/sessions.ts';
import type { RequestInfo, SessionInfo, SystemContext } from '../contract.ts';
import { raise } from '../errors.ts';
import type { Row } from '../layout.ts';
import { hexOf, intArg } from '../values.ts';
import { view } from '../view.ts';
import { visibleSessions } from './selection.ts';

function requestRow(context: SystemContext, session: SessionInfo, request: RequestInfo): Row {
  const wait = waitOf(context, session, request);
  const elapsedMs = elapsed(context, request);
  const percent = request.percentComplete;
  return {
    session_id: session.spid,
    start_time: request.startTime,
    status: wait === undefined ? request.status : 'suspended',
    command: request.command.slice(0, 32),
    sql_handle: sqlHandle(request.text),
    statement_start_offset: request.statementStart * 2,
    statement_end_offset: request.statementEnd >= request.text.length ? -1 : request.statementEnd * 2,
    plan_handle: null,
    database_id: session.databaseId,
    connection_id: connectionId(session),
    blocking_session_id: wait?.blockedBy ?? 0,
    wait_type: wait?.type ?? null,
    wait_time: wait === undefined ? 0 : elapsedMs,
    last_wait_type: wait?.type ?? 'MISCELLANEOUS',
    open_transaction_count: session.transactionCount,
    context_info: session.contextInfo,
    percent_complete: percent,
    estimated_completion_time: percent > 0 ? Math.round((elapsedMs * (100 - percent)) / percent) : 0,
    total_elapsed_time: elapsedMs,
    ...settings(session),
  };
}

export const requestViews = [
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
];

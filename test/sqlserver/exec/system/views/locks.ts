import { requireServerState } from '../access.ts';
import { modeLetters, type HeldMode } from '../app-lock-modes.ts';
import type { Row } from '../layout.ts';
import { view } from '../view.ts';

interface AppLock {
  readonly databaseId: number;
  readonly resource: string;
  readonly mode: HeldMode;
  readonly spid: number;
  readonly owner: 'Session' | 'Transaction';
}

const appLockRow = (lock: AppLock, status: 'GRANT' | 'WAIT'): Row => ({
  resource_type: 'APPLICATION',
  resource_database_id: lock.databaseId,
  resource_description: `0:[${lock.resource.slice(0, 32)}]`,
  request_mode: modeLetters[lock.mode],
  request_status: status,
  request_session_id: lock.spid,
  request_owner_type: lock.owner === 'Session' ? 'SESSION' : 'TRANSACTION',
});

export const lockViews = [
  view({
    name: 'sys.dm_tran_locks',
    // The shared lock every session holds on its database, and application locks. Locks of tables live in the engine and end
    // with their statement or transaction; they are not listed.
    columns: `
      resource_type nvarchar(60), resource_subtype nvarchar(60) = '', resource_database_id int,
      resource_description nvarchar(256) = '', resource_associated_entity_id bigint null = 0,
      resource_lock_partition int = 0, request_mode nvarchar(60), request_type nvarchar(60) = 'LOCK',
      request_status nvarchar(60) = 'GRANT', request_reference_count smallint = 1, request_lifetime int = 0,
      request_session_id int, request_exec_context_id int = 0, request_request_id int = 0,
      request_owner_type nvarchar(60), request_owner_id bigint null = 0, request_owner_guid uniqueidentifier null,
      request_owner_lockspace_id nvarchar(32) = '', lock_owner_address varbinary(8) null`,
    *rows(context) {
      requireServerState(context);
      for (const session of context.sessions()) {
        // Sessions in master and tempdb take no lock on the database.
        if (session.databaseId <= 2) continue;
        yield {
          resource_type: 'DATABASE',
          resource_database_id: session.databaseId,
          request_mode: 'S',
          request_session_id: session.spid,
          request_owner_type: 'SHARED_TRANSACTION_WORKSPACE',
        };
      }
      for (const lock of context.locks.held()) yield appLockRow(lock, 'GRANT');
      for (const lock of context.locks.waiting?.() ?? []) yield appLockRow(lock, 'WAIT');
    },
  }),
  view({
    name: 'sys.dm_tran_session_transactions',
    // A session has one transaction at most, so its spid names it: ids of the engine are counted per database.
    columns: `
      session_id int, transaction_id bigint, transaction_descriptor binary(8), enlist_count int = 1,
      is_user_transaction bit = 1, is_local bit = 1, is_enlisted bit = 0, is_bound bit = 0, open_transaction_count int`,
    *rows(context) {
      requireServerState(context);
      for (const session of context.sessions()) {
        if (session.transactionCount === 0) continue;
        const descriptor = Buffer.alloc(8);
        descriptor.writeBigUInt64LE(BigInt(session.spid));
        yield {
          session_id: session.spid,
          transaction_id: session.spid,
          transaction_descriptor: descriptor,
          open_transaction_count: session.transactionCount,
        };
      }
    },
  }),
  view({
    name: 'sys.dm_tran_active_transactions',
    // unknown: when a session's transaction began, so transaction_begin_time is NULL.
    columns: `
      transaction_id bigint, name nvarchar(32) = 'user_transaction', transaction_begin_time datetime null,
      transaction_type int = 1, transaction_uow uniqueidentifier null, transaction_state int = 2,
      transaction_status int = 0, transaction_status2 int = 258, dtc_state int = 0, dtc_status int = 0,
      dtc_isolation_level int = -1, filestream_transaction_id varbinary(128) null`,
    *rows(context) {
      requireServerState(context);
      for (const session of context.sessions()) {
        if (session.transactionCount > 0) yield { transaction_id: session.spid };
      }
    },
  }),
];

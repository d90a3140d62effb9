import type { Database, SqlValue } from '../../../contracts.ts';
import type { SessionInfo, SystemContext } from '../contract.ts';
import { maySeeServerState } from '../access.ts';
import { intArg, textArg } from '../values.ts';

/** What `WHERE database_id = …` leaves, so that a thousand databases cost nothing then. */
export function* databasesOf(context: SystemContext, equalities: ReadonlyMap<string, SqlValue>): Generator<Database> {
  const id = intArg(equalities.get('database_id') ?? equalities.get('dbid'));
  if (id !== undefined) {
    const database = context.instance.databaseById(id);
    if (database !== undefined) yield database;
    return;
  }
  yield* context.instance.databases();
}

/** The database of an optional id argument; NULL and DEFAULT mean the current one. */
export function databaseArg(context: SystemContext, value: SqlValue | undefined): Database | undefined {
  const id = intArg(value);
  return id === undefined ? context.database : context.instance.databaseById(id);
}

/** The database of an optional name argument. */
export function databaseNamed(context: SystemContext, value: SqlValue | undefined): Database | undefined {
  const name = textArg(value);
  return name === undefined ? context.database : context.instance.database(name);
}

/** sys.dm_exec_sessions and sys.dm_exec_requests: without VIEW SERVER STATE only the caller's own session. */
export function* visibleSessions(context: SystemContext): Generator<SessionInfo> {
  const all = maySeeServerState(context);
  for (const session of context.sessions()) if (all || session.spid === context.session.spid) yield session;
}

import type { StatementRun } from '../interpreter/statement-run.ts';
import type { SystemContext } from '../system/contract.ts';

/** What views and functions of the catalog see of the statement that asks them. */
export function makeSystemContext(run: StatementRun, databaseName: string): SystemContext {
  const { session } = run;
  const database =
    databaseName.toLowerCase() === session.database.toLowerCase()
      ? session.databaseObject
      : session.catalog.database(databaseName);
  return {
    instance: session.instance,
    database,
    session,
    sessions: () => session.sessions(),
    locks: session.locks,
    permissions: session.permissions,
    get now() {
      return run.now;
    },
    get offsetMinutes() {
      return run.offsetMinutes;
    },
    temporaryTables: () => session.temporary.all(),
  };
}

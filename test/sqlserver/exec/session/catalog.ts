import { SqlError, type Database, type Table } from '../../contracts.ts';
import { parse } from '../../tsql/parse.ts';
import type { Catalog, ViewDefinition } from '../query/planner.ts';
import type { SystemFunction, SystemView } from '../system/contract.ts';
import type { ExecSession } from './session.ts';
import { findSystemFunction, findSystemView } from './registry.ts';

/** Parsed views, by the object that holds their text. */
const VIEWS = new WeakMap<object, ViewDefinition>();

/** Names as one session sees them. */
export class SessionCatalog implements Catalog {
  readonly #session: ExecSession;

  constructor(session: ExecSession) {
    this.#session = session;
  }

  get current(): Database {
    return this.database(this.#session.database);
  }

  get defaultSchema(): string {
    return this.#session.permissions.schemaIn(this.current);
  }

  database(name: string): Database {
    return enterDatabase(this.#session, name);
  }

  temporaryTable(name: string): Table | undefined {
    return this.#session.temporary.find(name);
  }

  tableVariable(name: string): Table | undefined {
    return this.#session.activation?.tables.get(name.toLowerCase());
  }

  systemView(schema: string | undefined, name: string, database: Database): SystemView | undefined {
    return findSystemView(schema, name, database.name);
  }

  systemFunction(parts: readonly string[]): SystemFunction | undefined {
    return findSystemFunction(parts, this.#session.database);
  }

  view(database: Database, schema: string, name: string): ViewDefinition | undefined {
    const object = database.object(schema, name);
    if (object === undefined || object.kind !== 'view') return undefined;
    const known = VIEWS.get(object);
    if (known !== undefined) return known;
    const [statement] = parse(object.text).statements;
    const body = statement?.kind === 'create module' ? statement.body[0] : undefined;
    if (statement?.kind !== 'create module' || body?.kind !== 'select') return undefined;
    const definition: ViewDefinition = {
      object,
      query: body.query,
      ...(statement.columns === undefined ? {} : { columns: statement.columns }),
    };
    VIEWS.set(object, definition);
    return definition;
  }

  checkAccess(
    permission: 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE',
    database: Database,
    schema: string,
    name: string,
  ): void {
    if (this.#session.permissions.isSysadmin) return;
    // What a procedure does in its own database is its owner's right (ownership chains); dynamic SQL is the caller's.
    if (this.#session.activation?.kind === 'procedure' && database === this.#session.databaseObject) return;
    // What backup tools read of msdb is open to everybody who may enter it ("backupset", "Permissions": public).
    if (permission === 'SELECT' && database.name === 'msdb') return;
    if (this.#session.permissions.onObject(database, permission, schema, name)) return;
    throw new SqlError({
      number: 229,
      class: 14,
      state: 5,
      text: `The ${permission} permission was denied on the object '${name}', database '${database.name}', schema '${schema}'.`,
    });
  }
}

/** USE, three-part names, login. @throws SqlError 911, 916, 924, 927, 942, … */
export function enterDatabase(session: ExecSession, name: string): Database {
  const database = session.instance.database(name);
  if (database === undefined) {
    throw new SqlError({
      number: 911,
      class: 16,
      state: 1,
      text: `Database '${name}' does not exist. Make sure that the name is entered correctly.`,
    });
  }
  database.open();
  const { permissions } = session;
  if (!permissions.isSysadmin && permissions.userIn(database) === null) {
    throw new SqlError({
      number: 916,
      class: 14,
      state: 2,
      text: `The server principal "${permissions.login.name}" is not able to access the database "${database.name}" under the current security context.`,
    });
  }
  if (database.userAccess !== 'MULTI_USER') checkUserAccess(session, database);
  return database;
}

function checkUserAccess(session: ExecSession, database: Database): void {
  if (database.userAccess === 'RESTRICTED_USER') {
    const { permissions } = session;
    if (
      permissions.inServerRole('dbcreator') ||
      permissions.isSysadmin ||
      permissions.inDatabaseRole(database, 'db_owner')
    )
      return;
    throw new SqlError({
      number: 927,
      class: 14,
      state: 1,
      text: `Database '${database.name}' cannot be opened. It is in restricted-user mode.`,
    });
  }
  const others = session.instance.sessions.inDatabase(database.id).filter((spid) => spid !== session.spid);
  if (others.length === 0) return;
  throw new SqlError({
    number: 924,
    class: 14,
    state: 1,
    text: `Database '${database.name}' is already open and can only have one user at a time.`,
  });
}

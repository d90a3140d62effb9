import { type Database, type DatabaseUser } from '../../contracts.ts';
import type { PermissionStatement, SecurityStatement } from '../../tsql/ast/security.ts';
import { unsupported } from '../../tsql/errors.ts';
import type { Outcome } from '../interpreter/signals.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import { login, serverRole } from './logins.ts';
import { databaseRole, findUser, requireOnDatabase, user } from './users.ts';
import { failure } from './security-errors.ts';

/** Permissions that belong to the server; all others to a database. */
const SERVER_PERMISSIONS = new Set([
  'ADMINISTER BULK OPERATIONS',
  'ALTER ANY CONNECTION',
  'ALTER ANY CREDENTIAL',
  'ALTER ANY DATABASE',
  'ALTER ANY LOGIN',
  'ALTER ANY SERVER ROLE',
  'ALTER RESOURCES',
  'ALTER SERVER STATE',
  'ALTER SETTINGS',
  'ALTER TRACE',
  'CONNECT ANY DATABASE',
  'CONNECT SQL',
  'CONTROL SERVER',
  'CREATE ANY DATABASE',
  'SELECT ALL USER SECURABLES',
  'SHUTDOWN',
  'VIEW ANY DATABASE',
  'VIEW ANY DEFINITION',
  'VIEW ANY ERROR LOG',
  'VIEW SERVER PERFORMANCE STATE',
  'VIEW SERVER SECURITY STATE',
  'VIEW SERVER STATE',
]);

export async function executeSecurity(statement: SecurityStatement, run: StatementRun): Promise<Outcome> {
  switch (statement.kind) {
    case 'login':
      login(statement, run);
      break;
    case 'user':
      user(statement, run);
      break;
    case 'role':
      if (statement.server) serverRole(statement, run);
      else databaseRole(statement, run);
      break;
    case 'permission':
      permission(statement, run);
      break;
  }
  run.session.permissions.refresh();
  return { done: { curCmd: 253 } };
}

// ------------------------------------------------------------------------------------------------------- logins

// ---------------------------------------------------------------------------------------------------- database users

// ------------------------------------------------------------------------------------------------------ permissions

function permission(statement: PermissionStatement, run: StatementRun): void {
  const { securable } = statement;
  const server =
    securable === undefined
      ? statement.permissions.every((name) => SERVER_PERMISSIONS.has(name))
      : securable.type === 'LOGIN' || securable.type === 'SERVER';
  if (server) serverPermission(statement, run);
  else databasePermission(statement, run);
}

function changed(held: readonly string[], entries: readonly string[], action: PermissionStatement['action']): string[] {
  const denies = entries.map((entry) => `DENY ${entry}`);
  const rest = held.filter((name) => !entries.includes(name) && !denies.includes(name));
  if (action === 'REVOKE') return rest;
  return [...rest, ...(action === 'GRANT' ? entries : denies)];
}

function serverPermission(statement: PermissionStatement, run: StatementRun): void {
  const { instance, permissions, databaseObject } = run.session;
  if (databaseObject.name !== 'master') {
    throw failure(4621, 'Permissions at the server scope can only be granted when the current database is master');
  }
  if (!permissions.isSysadmin && !permissions.inServerRole('securityadmin')) {
    throw failure(15151, `Cannot find the server principal, because it does not exist or you do not have permission.`);
  }
  for (const name of statement.principals) {
    const existing = instance.login(name);
    if (existing === undefined) {
      throw failure(15151, `Cannot find the login '${name}', because it does not exist or you do not have permission.`);
    }
    instance.putLogin({
      ...existing,
      permissions: changed(existing.permissions, statement.permissions, statement.action),
    });
  }
}

function databasePermission(statement: PermissionStatement, run: StatementRun): void {
  const database = run.session.catalog.current;
  requireOnDatabase(run, database, 'CONTROL');
  const where = placeOf(statement, database, run);
  const entries = statement.permissions.map((name) => (where === '' ? name : `${name} ${where}`));
  const writer = run.unit.writer(database);
  for (const name of statement.principals) {
    const existing =
      findUser(database, name) ??
      (name.toLowerCase() === 'public' || name.toLowerCase() === 'guest'
        ? ({
            name: name.toLowerCase(),
            sid: null,
            kind: name.toLowerCase() === 'public' ? 'role' : 'user',
            defaultSchema: 'dbo',
            roles: [],
            permissions: [],
          } satisfies DatabaseUser)
        : undefined);
    if (existing === undefined) {
      throw failure(15151, `Cannot find the user '${name}', because it does not exist or you do not have permission.`);
    }
    writer.putUser({ ...existing, permissions: changed(existing.permissions, entries, statement.action) });
  }
}

function placeOf(statement: PermissionStatement, database: Database, run: StatementRun): string {
  const { securable } = statement;
  if (securable === undefined || securable.type === 'DATABASE') return '';
  const { name } = securable;
  if (securable.type === 'SCHEMA') return `ON SCHEMA::${name.name}`.toUpperCase();
  if (securable.type !== 'OBJECT') throw unsupported(`${statement.action} … ON ${securable.type}`, statement.line);
  const schema = name.schema ?? run.session.catalog.defaultSchema;
  if (database.table(schema, name.name) === undefined && database.object(schema, name.name) === undefined) {
    throw failure(
      15151,
      `Cannot find the object '${name.name}', because it does not exist or you do not have permission.`,
    );
  }
  return `ON OBJECT::${schema}.${name.name}`.toUpperCase();
}

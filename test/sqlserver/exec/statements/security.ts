import { randomBytes } from 'node:crypto';
import { SqlError, type Database, type DatabaseUser, type Login } from '../../contracts.ts';
import type {
  LoginStatement,
  PermissionStatement,
  RoleStatement,
  SecurityStatement,
  UserStatement,
} from '../../tsql/ast/security.ts';
import { unsupported } from '../../tsql/errors.ts';
import type { Outcome } from '../interpreter/signals.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';

const SERVER_ROLES = new Set([
  'sysadmin',
  'serveradmin',
  'setupadmin',
  'securityadmin',
  'processadmin',
  'dbcreator',
  'diskadmin',
  'bulkadmin',
]);
const DATABASE_ROLES = new Set([
  'db_owner',
  'db_accessadmin',
  'db_securityadmin',
  'db_ddladmin',
  'db_backupoperator',
  'db_datareader',
  'db_datawriter',
  'db_denydatareader',
  'db_denydatawriter',
]);

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

function denied(run: StatementRun): SqlError {
  run.throwIfInterrupted();
  return failure(15247, 'User does not have permission to perform this action.');
}

function failure(number: number, text: string, state = 1): SqlError {
  return new SqlError({ number, class: 16, state, text });
}

// ------------------------------------------------------------------------------------------------------- logins

function login(statement: LoginStatement, run: StatementRun): void {
  const { instance, permissions } = run.session;
  const { name } = statement;
  const own =
    permissions.login.name.toLowerCase() === name.toLowerCase() &&
    statement.action === 'alter' &&
    statement.password !== undefined;
  if (!own && !permissions.onServer('ALTER ANY LOGIN')) throw denied(run);
  if (statement.hashedPassword !== undefined) throw unsupported('LOGIN … WITH PASSWORD = 0x… HASHED', statement.line);
  const existing = instance.login(name);
  if (statement.action === 'create') {
    if (existing !== undefined) throw failure(15025, `The server principal '${name}' already exists.`, 2);
    if (statement.password === undefined)
      throw failure(15116, 'Password validation failed. The password is too short.');
    instance.putLogin(
      {
        name,
        sid: statement.sid ?? randomBytes(16).toString('hex').toUpperCase(),
        defaultDatabase: statement.defaultDatabase ?? 'master',
        disabled: false,
        serverRoles: [],
        permissions: [],
      },
      statement.password,
    );
    return;
  }
  if (existing === undefined) {
    throw failure(15151, `Cannot alter the login '${name}', because it does not exist or you do not have permission.`);
  }
  if (statement.newName !== undefined) throw unsupported('ALTER LOGIN … WITH NAME', statement.line);
  const changed: Login = {
    ...existing,
    defaultDatabase: statement.defaultDatabase ?? existing.defaultDatabase,
    disabled: statement.disabled ?? existing.disabled,
  };
  instance.putLogin(changed, statement.password);
}

export function dropLogin(name: string, run: StatementRun): void {
  const { instance, permissions } = run.session;
  if (!permissions.onServer('ALTER ANY LOGIN')) throw denied(run);
  if (instance.login(name) === undefined) {
    throw failure(15151, `Cannot drop the login '${name}', because it does not exist or you do not have permission.`);
  }
  for (const session of run.session.sessions()) {
    if (session.login.name.toLowerCase() !== name.toLowerCase()) continue;
    throw failure(15434, `Could not drop login '${name}' as the user is currently logged in.`);
  }
  instance.dropLogin(name);
}

function serverRole(statement: RoleStatement, run: StatementRun): void {
  const { instance, permissions } = run.session;
  const { role, member = '' } = statement;
  const known = role.toLowerCase();
  if (!SERVER_ROLES.has(known)) {
    throw failure(
      15151,
      `Cannot alter the server role '${role}', because it does not exist or you do not have permission.`,
    );
  }
  if (!permissions.isSysadmin && !(permissions.inServerRole(known) || permissions.onServer('ALTER ANY SERVER ROLE')))
    throw denied(run);
  const existing = instance.login(member);
  if (existing === undefined) {
    throw failure(
      15151,
      `Cannot add the principal '${member}', because it does not exist or you do not have permission.`,
    );
  }
  const others = existing.serverRoles.filter((name) => name.toLowerCase() !== known);
  instance.putLogin({ ...existing, serverRoles: statement.action === 'add member' ? [...others, known] : others });
}

// ---------------------------------------------------------------------------------------------------- database users

function findUser(database: Database, name: string): DatabaseUser | undefined {
  return [...database.users()].find((other) => other.name.toLowerCase() === name.toLowerCase());
}

function requireOnDatabase(run: StatementRun, database: Database, right: string): void {
  if (!run.session.permissions.onDatabase(database, right)) throw denied(run);
}

function user(statement: UserStatement, run: StatementRun): void {
  const { catalog } = run.session;
  const database = catalog.current;
  requireOnDatabase(run, database, 'ALTER ANY USER');
  const { name } = statement;
  const existing = findUser(database, name);
  const writer = run.unit.writer(database);
  const loginName =
    statement.login === undefined ? (statement.action === 'create' ? name : undefined) : (statement.login ?? undefined);
  const sid = loginName === undefined ? (existing?.sid ?? null) : loginSid(loginName, run);
  if (statement.action === 'create') {
    if (existing !== undefined || DATABASE_ROLES.has(name.toLowerCase())) {
      throw failure(15023, `User, group, or role '${name}' already exists in the current database.`);
    }
    const twin = sid === null ? undefined : [...database.users()].find((other) => other.sid === sid);
    if (twin !== undefined) throw failure(15063, 'The login already has an account under a different user name.');
    writer.putUser({
      name,
      sid,
      kind: 'user',
      defaultSchema: statement.defaultSchema ?? 'dbo',
      roles: [],
      permissions: [],
    });
    return;
  }
  if (existing === undefined || existing.kind !== 'user') {
    throw failure(15151, `Cannot alter the user '${name}', because it does not exist or you do not have permission.`);
  }
  if (statement.newName !== undefined) writer.dropUser(existing.name);
  writer.putUser({
    ...existing,
    name: statement.newName ?? existing.name,
    sid,
    defaultSchema: statement.defaultSchema ?? existing.defaultSchema,
  });
}

function loginSid(name: string, run: StatementRun): string {
  const found = run.session.instance.login(name);
  if (found === undefined) throw failure(15007, `'${name}' is not a valid login or you do not have permission.`);
  return found.sid;
}

function databaseRole(statement: RoleStatement, run: StatementRun): void {
  const database = run.session.catalog.current;
  const { role, member = '' } = statement;
  requireOnDatabase(run, database, 'ALTER ANY ROLE');
  const writer = run.unit.writer(database);
  if (statement.action === 'create') {
    if (findUser(database, role) !== undefined || DATABASE_ROLES.has(role.toLowerCase())) {
      throw failure(15023, `User, group, or role '${role}' already exists in the current database.`);
    }
    writer.putUser({ name: role, sid: null, kind: 'role', defaultSchema: 'dbo', roles: [], permissions: [] });
    return;
  }
  if (!DATABASE_ROLES.has(role.toLowerCase()) && findUser(database, role)?.kind !== 'role') {
    throw failure(15151, `Cannot alter the role '${role}', because it does not exist or you do not have permission.`);
  }
  const principal = findUser(database, member);
  if (principal === undefined) {
    throw failure(
      15151,
      `Cannot ${statement.action === 'add member' ? 'add' : 'drop'} the principal '${member}', because it does not exist or you do not have permission.`,
    );
  }
  const others = principal.roles.filter((name) => name.toLowerCase() !== role.toLowerCase());
  writer.putUser({ ...principal, roles: statement.action === 'add member' ? [...others, role] : others });
}

export function dropPrincipal(kind: 'user' | 'role', name: string, ifExists: boolean, run: StatementRun): void {
  const database = run.session.catalog.current;
  requireOnDatabase(run, database, kind === 'user' ? 'ALTER ANY USER' : 'ALTER ANY ROLE');
  const existing = findUser(database, name);
  if (existing === undefined || existing.kind !== kind) {
    if (ifExists) return;
    throw failure(15151, `Cannot drop the ${kind} '${name}', because it does not exist or you do not have permission.`);
  }
  const members = [...database.users()].some((other) =>
    other.roles.some((role) => role.toLowerCase() === name.toLowerCase()),
  );
  if (kind === 'role' && members)
    throw failure(15144, 'The role has members. It must be empty before it can be dropped.');
  run.unit.writer(database).dropUser(existing.name);
}

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

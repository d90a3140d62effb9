import type { Database, DatabaseUser } from '../../contracts.ts';
import type { RoleStatement, UserStatement } from '../../tsql/ast/security.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import { denied, failure } from './security-errors.ts';

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

export function findUser(database: Database, name: string): DatabaseUser | undefined {
  return [...database.users()].find((other) => other.name.toLowerCase() === name.toLowerCase());
}

export function requireOnDatabase(run: StatementRun, database: Database, right: string): void {
  if (!run.session.permissions.onDatabase(database, right)) throw denied(run);
}

export function user(statement: UserStatement, run: StatementRun): void {
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

export function databaseRole(statement: RoleStatement, run: StatementRun): void {
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

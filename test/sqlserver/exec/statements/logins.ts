import { randomBytes } from 'node:crypto';
import type { Login } from '../../contracts.ts';
import type { LoginStatement, RoleStatement } from '../../tsql/ast/security.ts';
import { unsupported } from '../../tsql/errors.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import { denied, failure } from './security-errors.ts';

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

export function login(statement: LoginStatement, run: StatementRun): void {
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

export function serverRole(statement: RoleStatement, run: StatementRun): void {
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

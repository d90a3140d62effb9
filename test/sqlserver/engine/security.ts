import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { SqlError } from '../contracts.ts';
import type { Login, StatementContext } from '../contracts.ts';
import type { EngineDatabase } from './database.ts';
import { failure } from './messages.ts';

export const SA_SID = '01';

/** Salted SHA-512, as sys.sql_logins.password_hash is. */
export function hashPassword(password: string, salt = randomBytes(4)): string {
  const digest = createHash('sha512').update(Buffer.from(password, 'utf16le')).update(salt).digest();
  return Buffer.concat([salt, digest]).toString('hex');
}

export function passwordMatches(stored: string, password: string): boolean {
  const bytes = Buffer.from(stored, 'hex');
  const again = Buffer.from(hashPassword(password, bytes.subarray(0, 4)), 'hex');
  return again.length === bytes.length && timingSafeEqual(again, bytes);
}

export function isSysadmin(login: Login): boolean {
  return login.serverRoles.some((r) => r.toLowerCase() === 'sysadmin');
}

function hasServerRight(login: Login, role: string, ...permissions: readonly string[]): boolean {
  return (
    isSysadmin(login) ||
    login.serverRoles.some((r) => r.toLowerCase() === role) ||
    ['CONTROL SERVER', ...permissions].some((p) => login.permissions.includes(p))
  );
}

export function mayCreateDatabase(login: Login): boolean {
  return hasServerRight(login, 'dbcreator', 'CREATE ANY DATABASE', 'ALTER ANY DATABASE');
}

export function mayAlterDatabase(login: Login, database: EngineDatabase): boolean {
  if (hasServerRight(login, 'dbcreator', 'ALTER ANY DATABASE') || database.ownerSid === login.sid) return true;
  return database.state === 'ONLINE' && databaseRoles(login, database).includes('db_owner');
}

function databaseRoles(login: Login, database: EngineDatabase): readonly string[] {
  const user = [...database.users()].find((u) => u.sid === login.sid);
  return (user?.roles ?? []).map((r) => r.toLowerCase());
}

/** sysadmin, db_owner, db_backupoperator or the permission itself: BACKUP (Transact-SQL), "Permissions". */
export function checkBackupRight(context: StatementContext, database: EngineDatabase, right: string): void {
  const { login } = context;
  if (hasServerRight(login, 'sysadmin') || database.ownerSid === login.sid) return;
  const users = [...database.users()];
  const user = users.find((u) => u.sid === login.sid) ?? users.find((u) => u.name.toLowerCase() === 'guest');
  if (user === undefined) {
    if (login.permissions.includes('CONNECT ANY DATABASE')) throw denied(right, database.name);
    throw new SqlError(
      failure(
        916,
        `The server principal "${login.name}" is not able to access the database "${database.name}" under the current security context.`,
        2,
        14,
      ),
    );
  }
  const roles = user.roles.map((r) => r.toLowerCase());
  if (roles.includes('db_owner') || roles.includes('db_backupoperator')) return;
  const granted = [user, ...users.filter((u) => u.kind === 'role' && roles.includes(u.name.toLowerCase()))];
  if (granted.some((u) => u.permissions.includes(right) || u.permissions.includes('CONTROL'))) return;
  throw denied(right, database.name);
}

export function denied(right: string, database: string): SqlError {
  return new SqlError(failure(262, `${right} permission denied in database '${database}'.`, 1, 14));
}

/** Members of db_owner may not: "RESTORE permissions are given to roles in which membership is always available". */
export function checkRestoreRight(context: StatementContext, name: string, existing: EngineDatabase | undefined): void {
  const { login } = context;
  if (mayCreateDatabase(login)) return;
  if (existing === undefined) throw denied('CREATE DATABASE', 'master');
  if (existing.ownerSid === login.sid) return;
  throw new SqlError(failure(3110, `User does not have permission to RESTORE database '${name}'.`, 1, 14));
}

/** HEADERONLY, FILELISTONLY, LABELONLY and VERIFYONLY need CREATE DATABASE. */
export function checkReadBackupRight(context: StatementContext): void {
  if (!mayCreateDatabase(context.login)) throw denied('CREATE DATABASE', 'master');
}

import type { Database, SqlValue } from '../../../contracts.ts';
import {
  databasePrincipals,
  rolesOf,
  serverPrincipals,
  type ServerPrincipal,
  fixedDatabaseRoles,
  fixedServerRoles,
} from '../catalog/principals.ts';
import type { SystemContext, SystemFunction } from '../contract.ts';
import { int, isLeftOut, niladic, scalar, sysname, varbinary } from '../function.ts';
import { bytesOf, hexOf, intArg, sameName, textArg } from '../values.ts';

const sid = varbinary(85);

/** CURRENT_USER without access to the database can't happen in a session; guest is what the server would say. */
const currentUser = (context: SystemContext): string => context.permissions.userIn(context.database) ?? 'guest';

const loginName = ({ session }: SystemContext): string => session.login.name;

const loginByName = ({ instance }: SystemContext, name: string): ServerPrincipal | undefined =>
  serverPrincipals(instance).find((principal) => sameName(principal.name, name));

/** The login of a name argument, the caller's own when it is left out, none for NULL. */
function loginArg(context: SystemContext, name: SqlValue | undefined, given: number | undefined) {
  const text = isLeftOut(name, given) ? loginName(context) : textArg(name);
  return text === undefined ? undefined : loginByName(context, text);
}

function nameBySid(context: SystemContext, [value]: readonly SqlValue[], given?: number): string | null {
  if (isLeftOut(value, given)) return loginName(context);
  if (!(value instanceof Uint8Array)) return null;
  const hex = hexOf(value);
  const principals = serverPrincipals(context.instance);
  return principals.find((principal) => principal.sid !== null && sameSid(principal.sid, hex))?.name ?? null;
}

const sameSid = (a: string, b: string): boolean => sameName(a.replace(/^0x/i, ''), b);

function isServerRoleMember(context: SystemContext, [role, login]: readonly SqlValue[]): number | null {
  const roleName = textArg(role) ?? '';
  if (!fixedServerRoles.some((one) => sameName(one.name, roleName))) return null;
  const other = textArg(login);
  if (sameName(roleName, 'public')) return 1;
  if (other === undefined) {
    return Number(context.permissions.inServerRole('sysadmin') || context.permissions.inServerRole(roleName));
  }
  const found = context.instance.login(other);
  if (found === undefined) return null;
  return Number(found.serverRoles.some((one) => sameName(one, roleName) || sameName(one, 'sysadmin')));
}

function isRole(database: Database, name: string): boolean {
  return (
    fixedDatabaseRoles.some((role) => sameName(role.name, name)) ||
    databasePrincipals(database).some((principal) => principal.type === 'R' && sameName(principal.name, name))
  );
}

function isRoleMember(context: SystemContext, [role, principal]: readonly SqlValue[]): number | null {
  const roleName = textArg(role) ?? '';
  const { database } = context;
  if (!isRole(database, roleName)) return null;
  const user = textArg(principal);
  if (user === undefined) {
    return Number(sameName(roleName, 'public') || context.permissions.inDatabaseRole(database, roleName));
  }
  if (!databasePrincipals(database).some((one) => sameName(one.name, user))) return null;
  if (sameName(user, 'dbo') && sameName(roleName, 'db_owner')) return 1;
  return Number(rolesOf(database, user).has(roleName.toLowerCase()));
}

const principalId: SystemFunction['evaluate'] = (context, [name], given) => {
  const wanted = isLeftOut(name, given) ? currentUser(context) : (textArg(name) ?? '');
  return databasePrincipals(context.database).find((principal) => sameName(principal.name, wanted))?.id ?? null;
};

const userName: SystemFunction['evaluate'] = (context, [id], given) => {
  if (isLeftOut(id, given)) return currentUser(context);
  const number = intArg(id);
  return databasePrincipals(context.database).find((principal) => principal.id === number)?.name ?? null;
};

export const principalFunctions = [
  scalar(
    'SUSER_ID',
    { 'login?': sysname },
    int,
    (context, [name], given) => loginArg(context, name, given)?.id ?? null,
  ),
  scalar('SUSER_SID', { 'login?': sysname, 'param2?': int }, sid, (context, [name], given) => {
    const found = loginArg(context, name, given)?.sid;
    return found === undefined || found === null ? null : bytesOf(found);
  }),
  scalar('SUSER_SNAME', { 'server_user_sid?': sid }, sysname, nameBySid),
  scalar('SUSER_NAME', { 'server_user_id?': int }, sysname, (context, [id], given) => {
    if (isLeftOut(id, given)) return loginName(context);
    const number = intArg(id);
    return serverPrincipals(context.instance).find((principal) => principal.id === number)?.name ?? null;
  }),
  scalar('ORIGINAL_LOGIN', {}, sysname, loginName),
  scalar('USER_NAME', { 'id?': int }, sysname, userName),
  scalar('USER_ID', { 'user?': sysname }, int, principalId),
  scalar('DATABASE_PRINCIPAL_ID', { 'principal_name?': sysname }, int, principalId),
  scalar('IS_SRVROLEMEMBER', { role: sysname, 'login?': sysname }, int, isServerRoleMember),
  scalar('IS_MEMBER', { role: sysname }, int, (context, [role]) => isRoleMember(context, [role ?? null])),
  scalar('IS_ROLEMEMBER', { role: sysname, 'database_principal?': sysname }, int, isRoleMember),
  niladic('CURRENT_USER', sysname, currentUser),
  niladic('SESSION_USER', sysname, currentUser),
  niladic('USER', sysname, currentUser),
  niladic('SYSTEM_USER', sysname, loginName),
];

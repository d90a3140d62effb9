import type { Login } from '../../../contracts.ts';
import { maySeeLogin } from '../access.ts';
import { parseGrant } from '../catalog/grants.ts';
import { permissionCode, serverPermissions } from '../catalog/permissions.ts';
import { serverPrincipals, type ServerPrincipal } from '../catalog/principals.ts';
import type { SystemContext } from '../contract.ts';
import type { Row } from '../layout.ts';
import { bytesOf, sameName } from '../values.ts';
import { view } from '../view.ts';

const principalColumns = `
  name sysname, principal_id int, sid varbinary(85) null, type char(1), type_desc nvarchar(60) null, is_disabled bit null,
  create_date datetime, modify_date datetime, default_database_name sysname null, default_language_name sysname null,
  credential_id int null`;

/** sys.server_principals dates sa and the fixed roles 2003-04-08 and 2009-04-13 on every server. */
const saCreated = { ticks: 631_853_898_359_100_000n };
const rolesCreated = { ticks: 633_752_243_460_300_000n };

function created(context: SystemContext, principal: ServerPrincipal) {
  if (principal.login === undefined) return rolesCreated;
  if (principal.id === 1) return saCreated;
  return principal.login.createDate ?? context.instance.startTime;
}

function principalRow(context: SystemContext, principal: ServerPrincipal): Row {
  const { login } = principal;
  return {
    name: principal.name,
    principal_id: principal.id,
    sid: principal.sid === null ? null : bytesOf(principal.sid),
    type: principal.type,
    type_desc: login === undefined ? 'SERVER_ROLE' : 'SQL_LOGIN',
    is_disabled: login?.disabled ?? false,
    create_date: created(context, principal),
    modify_date: created(context, principal),
    default_database_name: login?.defaultDatabase ?? null,
    default_language_name: login === undefined ? null : 'us_english',
  };
}

function* visiblePrincipals(context: SystemContext): Generator<ServerPrincipal> {
  for (const principal of serverPrincipals(context.instance)) {
    if (principal.login === undefined || maySeeLogin(context, principal.login)) yield principal;
  }
}

function* visibleLogins(context: SystemContext): Generator<ServerPrincipal & { readonly login: Login }> {
  for (const principal of visiblePrincipals(context)) {
    if (principal.login !== undefined) yield { ...principal, login: principal.login };
  }
}

const inRole = (login: Login, role: string): number =>
  Number(login.serverRoles.some((candidate) => sameName(candidate, role)));

export const serverPrincipalViews = [
  view({
    name: 'sys.server_principals',
    columns: `${principalColumns}, owning_principal_id int null, is_fixed_role bit, tenant_id uniqueidentifier null`,
    *rows(context) {
      for (const principal of visiblePrincipals(context)) {
        yield {
          ...principalRow(context, principal),
          owning_principal_id: principal.type === 'R' ? 1 : null,
          is_fixed_role: principal.fixed && principal.name !== 'public',
        };
      }
    },
  }),
  view({
    name: 'sys.sql_logins',
    // password_hash stays NULL: the engine keeps no hash of the shape that PWDCOMPARE reads.
    columns: `${principalColumns}, is_policy_checked bit null = 1, is_expiration_checked bit null = 0,
      password_hash varbinary(256) null`,
    *rows(context) {
      for (const principal of visibleLogins(context)) yield principalRow(context, principal);
    },
  }),
  view({
    name: 'sys.server_role_members',
    columns: 'role_principal_id int, member_principal_id int',
    *rows(context) {
      const principals = serverPrincipals(context.instance);
      for (const { id, login } of visibleLogins(context)) {
        for (const roleName of login.serverRoles) {
          const role = principals.find((candidate) => candidate.type === 'R' && sameName(candidate.name, roleName));
          if (role !== undefined) yield { role_principal_id: role.id, member_principal_id: id };
        }
      }
    },
  }),
  view({
    name: 'sys.server_permissions',
    columns: `
      class tinyint, class_desc nvarchar(60) null, major_id int = 0, minor_id int = 0, grantee_principal_id int,
      grantor_principal_id int = 1, type char(4), permission_name nvarchar(128) null, state char(1) = 'G',
      state_desc nvarchar(60) null = 'GRANT'`,
    *rows(context) {
      const server = { class: 100, class_desc: 'SERVER' };
      yield { ...server, grantee_principal_id: 2, type: 'VWDB', permission_name: 'VIEW ANY DATABASE' };
      for (const { id, login } of visibleLogins(context)) {
        for (const { permission, state, stateDesc } of [...new Set(['CONNECT SQL', ...login.permissions])].map(
          parseGrant,
        )) {
          yield {
            ...server,
            grantee_principal_id: id,
            type: permissionCode(serverPermissions, permission),
            permission_name: permission,
            state,
            state_desc: stateDesc,
          };
        }
      }
    },
  }),
  view({
    name: 'sys.syslogins',
    columns: `
      sid varbinary(85) null, status smallint null, createdate datetime, updatedate datetime, accdate datetime,
      totcpu int = 0, totio int = 0, spacelimit int = 0, timelimit int = 0, resultlimit int = 0, name sysname,
      dbname sysname null, password nvarchar(128) null, language sysname null, denylogin int null,
      hasaccess int null, isntname int null = 0, isntgroup int null = 0, isntuser int null = 0, sysadmin int null,
      securityadmin int null, serveradmin int null, setupadmin int null, processadmin int null, diskadmin int null,
      dbcreator int null, bulkadmin int null, loginname sysname`,
    *rows(context) {
      for (const principal of visibleLogins(context)) {
        const { login } = principal;
        const date = created(context, principal);
        yield {
          sid: bytesOf(login.sid),
          status: 9,
          createdate: date,
          updatedate: date,
          accdate: date,
          name: login.name,
          dbname: login.defaultDatabase,
          language: 'us_english',
          denylogin: 0,
          hasaccess: 1,
          sysadmin: inRole(login, 'sysadmin'),
          securityadmin: inRole(login, 'securityadmin'),
          serveradmin: inRole(login, 'serveradmin'),
          setupadmin: inRole(login, 'setupadmin'),
          processadmin: inRole(login, 'processadmin'),
          diskadmin: inRole(login, 'diskadmin'),
          dbcreator: inRole(login, 'dbcreator'),
          bulkadmin: inRole(login, 'bulkadmin'),
          loginname: login.name,
        };
      }
    },
  }),
];

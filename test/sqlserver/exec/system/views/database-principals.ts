import { parseGrant, securableOf } from '../catalog/grants.ts';
import { databasePermissions, permissionCode } from '../catalog/permissions.ts';
import { databasePrincipals } from '../catalog/principals.ts';
import { bytesOf, sameName } from '../values.ts';
import { view } from '../view.ts';

export const databasePrincipalViews = [
  view({
    name: 'sys.database_principals',
    columns: `
      name sysname, principal_id int, type char(1), type_desc nvarchar(60) null, default_schema_name sysname null,
      create_date datetime, modify_date datetime, owning_principal_id int null, sid varbinary(85) null,
      is_fixed_role bit, authentication_type int, authentication_type_desc nvarchar(60) null,
      default_language_name sysname null, default_language_lcid int null, allow_encrypted_value_modifications bit = 0,
      tenant_id uniqueidentifier null`,
    *rows({ database }) {
      database.open();
      for (const principal of databasePrincipals(database)) {
        const isRole = principal.type === 'R';
        // INSTANCE for dbo and for a user with the SID of a login, which is 16 bytes long.
        const fromLogin = !isRole && (principal.id === 1 || (principal.id >= 5 && principal.sid !== null));
        yield {
          name: principal.name,
          principal_id: principal.id,
          type: principal.type,
          type_desc: isRole ? 'DATABASE_ROLE' : 'SQL_USER',
          default_schema_name: principal.defaultSchema,
          create_date: database.createDate,
          modify_date: database.createDate,
          owning_principal_id: isRole ? 1 : null,
          sid: principal.sid === null ? null : bytesOf(principal.sid),
          is_fixed_role: principal.fixed && principal.name !== 'public',
          authentication_type: fromLogin ? 1 : 0,
          authentication_type_desc: fromLogin ? 'INSTANCE' : 'NONE',
        };
      }
    },
  }),
  view({
    name: 'sys.database_role_members',
    columns: 'role_principal_id int, member_principal_id int',
    *rows({ database }) {
      database.open();
      const principals = databasePrincipals(database);
      for (const member of principals) {
        const names = new Set(member.user?.roles.map((name) => name.toLowerCase()));
        if (member.id === 1) names.add('db_owner');
        for (const role of principals) {
          if (role.type !== 'R' || role.id === 0 || !names.has(role.name.toLowerCase())) continue;
          yield { role_principal_id: role.id, member_principal_id: member.id };
        }
      }
    },
  }),
  view({
    name: 'sys.database_permissions',
    columns: `
      class tinyint, class_desc nvarchar(60) null, major_id int, minor_id int = 0, grantee_principal_id int,
      grantor_principal_id int = 1, type char(4), permission_name nvarchar(128) null, state char(1),
      state_desc nvarchar(60) null`,
    *rows({ database }) {
      database.open();
      for (const { id, user, type } of databasePrincipals(database)) {
        const entries = new Set(user?.permissions);
        if (id === 1 || (id >= 5 && type === 'S')) entries.add('CONNECT');
        for (const grant of [...entries].map(parseGrant)) {
          const securable = securableOf(database, grant);
          if (securable === undefined) continue;
          yield {
            class: securable.class,
            class_desc: securable.classDesc,
            major_id: securable.majorId,
            grantee_principal_id: id,
            type: permissionCode(databasePermissions, grant.permission),
            permission_name: grant.permission,
            state: grant.state,
            state_desc: grant.stateDesc,
          };
        }
      }
    },
  }),
  view({
    name: 'sys.sysusers',
    columns: `
      uid smallint, status smallint null = 0, name sysname, sid varbinary(85) null, roles varbinary(2048) null,
      createdate datetime, updatedate datetime, altuid smallint null, password varbinary(256) null, gid smallint null = 0,
      environ varchar(255) null, hasdbaccess int null, islogin int null, isntname int null = 0, isntgroup int null = 0,
      isntuser int null = 0, issqluser int null, isaliased int null = 0, issqlrole int null, isapprole int null = 0`,
    *rows({ database }) {
      database.open();
      for (const principal of databasePrincipals(database)) {
        const isRole = Number(principal.type === 'R');
        yield {
          uid: principal.id,
          name: principal.name,
          sid: principal.sid === null ? null : bytesOf(principal.sid),
          createdate: database.createDate,
          updatedate: database.createDate,
          hasdbaccess: Number(
            principal.type === 'S' && !['sys', 'INFORMATION_SCHEMA'].some((n) => sameName(n, principal.name)),
          ),
          islogin: 1 - isRole,
          issqluser: 1 - isRole,
          issqlrole: isRole,
        };
      }
    },
  }),
];

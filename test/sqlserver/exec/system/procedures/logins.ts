import { randomBytes } from 'node:crypto';
import type { Login } from '../../../contracts.ts';
import { fixedServerRoles, serverPrincipals } from '../catalog/principals.ts';
import type { ProcedureContext } from '../contract.ts';
import { notPermitted, raise } from '../errors.ts';
import { procedure, sendRows } from '../procedure.ts';
import { bytesOf, hexOf, sameName } from '../values.ts';

function loginNamed(context: ProcedureContext, name: string, procedureName: string): Login {
  const login = context.instance.login(name);
  if (login !== undefined) return login;
  throw raise(15007, 16, 1, `'${name}' is not a valid login or you do not have permission.`, procedureName);
}

function requireLoginRight(context: ProcedureContext, procedureName: string): void {
  if (!context.permissions.onServer('ALTER ANY LOGIN')) throw notPermitted(procedureName);
}

/** A fixed role's members are added by sysadmin or by a member of that role. */
function changeRole(context: ProcedureContext, name: string, role: string, add: boolean): void {
  const procedureName = add ? 'sp_addsrvrolemember' : 'sp_dropsrvrolemember';
  const known = fixedServerRoles.find((one) => sameName(one.name, role) && one.name !== 'public');
  if (known === undefined) throw raise(15402, 16, 1, `'${role}' is not a fixed server role.`, procedureName);
  const { permissions } = context;
  if (!permissions.inServerRole('sysadmin') && !permissions.inServerRole(known.name)) throw notPermitted(procedureName);
  const login = loginNamed(context, name, procedureName);
  const others = login.serverRoles.filter((one) => !sameName(one, known.name));
  context.instance.putLogin({ ...login, serverRoles: add ? [...others, known.name] : others });
}

export const loginProcedures = [
  procedure({
    name: 'sp_addlogin',
    parameters: `@loginame sysname, @passwd sysname ?, @defdb sysname ?, @deflanguage sysname ?, @sid varbinary(16) ?,
      @encryptopt varchar(20) ?`,
    async run(context, args) {
      requireLoginRight(context, 'sp_addlogin');
      const name = args.text('@loginame') ?? '';
      if (args.text('@encryptopt') !== undefined) {
        throw raise(
          15600,
          15,
          1,
          "An invalid parameter or option was specified for procedure 'sp_addlogin'.",
          'sp_addlogin',
        );
      }
      if (context.instance.login(name) !== undefined) {
        throw raise(15025, 16, 1, `The server principal '${name}' already exists.`, 'sp_addlogin');
      }
      const sid = args.value('@sid');
      context.instance.putLogin(
        {
          name,
          sid: sid instanceof Uint8Array ? hexOf(sid) : hexOf(randomBytes(16)),
          defaultDatabase: args.text('@defdb') ?? 'master',
          disabled: false,
          serverRoles: [],
          permissions: [],
        },
        args.text('@passwd') ?? '',
      );
    },
  }),
  procedure({
    name: 'sp_droplogin',
    parameters: '@loginame sysname',
    async run(context, args) {
      requireLoginRight(context, 'sp_droplogin');
      const { name } = loginNamed(context, args.text('@loginame') ?? '', 'sp_droplogin');
      for (const session of context.sessions()) {
        if (sameName(session.login.name, name)) {
          throw raise(
            15434,
            16,
            1,
            `Could not drop login '${name}' as the user is currently logged in.`,
            'sp_droplogin',
          );
        }
      }
      context.instance.dropLogin(name);
    },
  }),
  procedure({
    name: 'sp_addsrvrolemember',
    parameters: '@loginame sysname, @rolename sysname',
    async run(context, args) {
      changeRole(context, args.text('@loginame') ?? '', args.text('@rolename') ?? '', true);
    },
  }),
  procedure({
    name: 'sp_dropsrvrolemember',
    parameters: '@loginame sysname, @rolename sysname',
    async run(context, args) {
      changeRole(context, args.text('@loginame') ?? '', args.text('@rolename') ?? '', false);
    },
  }),
  procedure({
    name: 'sp_helpsrvrolemember',
    parameters: '@srvrolename sysname ?',
    async run(context, args) {
      const role = args.text('@srvrolename');
      if (role !== undefined && !fixedServerRoles.some((one) => sameName(one.name, role))) {
        throw raise(15412, 16, 1, `'${role}' is not a known fixed role.`, 'sp_helpsrvrolemember');
      }
      const members = serverPrincipals(context.instance).flatMap(({ login }) => login ?? []);
      await sendRows(
        context,
        'ServerRole sysname, MemberName sysname, MemberSID varbinary(85) null',
        fixedServerRoles
          .filter((one) => role === undefined || sameName(one.name, role))
          .flatMap((one) =>
            members
              .filter((login) => login.serverRoles.some((name) => sameName(name, one.name)))
              .map((login) => ({ ServerRole: one.name, MemberName: login.name, MemberSID: bytesOf(login.sid) })),
          ),
      );
    },
  }),
];

import type { Database, DatabaseUser } from '../../../contracts.ts';
import { databasePrincipals, type DatabasePrincipal } from '../catalog/principals.ts';
import type { ProcedureContext } from '../contract.ts';
import { messageOf, notPermitted, raise } from '../errors.ts';
import { procedure, sendRows } from '../procedure.ts';
import { bytesOf, sameName } from '../values.ts';

const principalNamed = (database: Database, name: string): DatabasePrincipal | undefined =>
  databasePrincipals(database).find((principal) => sameName(principal.name, name));

async function changeRole(context: ProcedureContext, role: string, member: string, add: boolean): Promise<void> {
  const procedureName = add ? 'sp_addrolemember' : 'sp_droprolemember';
  const { database, permissions } = context;
  const known = principalNamed(database, role);
  if (known === undefined || known.type !== 'R') {
    throw raise(15014, 16, 1, `The role '${role}' does not exist in the current database.`, procedureName);
  }
  if (!permissions.inDatabaseRole(database, 'db_owner') && !permissions.inDatabaseRole(database, 'db_securityadmin')) {
    throw notPermitted(procedureName);
  }
  const user = principalNamed(database, member)?.user;
  if (user === undefined) {
    throw raise(15410, 16, 1, `User or role '${member}' does not exist in this database.`, procedureName);
  }
  const others = user.roles.filter((name) => !sameName(name, known.name));
  await putUser(context, { ...user, roles: add ? [...others, known.name] : others });
}

const putUser = (context: ProcedureContext, user: DatabaseUser): Promise<void> =>
  context.withTransaction(context.database, (transaction) => transaction.putUser(user));

/** Users made from a login whose login is gone, or has another SID on this server: what a restore leaves behind. */
function orphans(context: ProcedureContext): readonly DatabaseUser[] {
  const sids = new Set([...context.instance.logins()].map((login) => login.sid.toUpperCase()));
  return databasePrincipals(context.database).flatMap(({ id, user }) =>
    user === undefined || id < 5 || user.kind === 'role' || user.sid === null || sids.has(user.sid.toUpperCase())
      ? []
      : [user],
  );
}

async function relink(context: ProcedureContext, user: DatabaseUser, loginName: string): Promise<void> {
  const login = context.instance.login(loginName);
  if (login === undefined) {
    throw raise(
      15291,
      16,
      1,
      `Terminating this procedure. The Login name '${loginName}' is absent or invalid.`,
      'sp_change_users_login',
    );
  }
  await putUser(context, { ...user, sid: login.sid });
}

const fixedMessage = (number: number, text: string) => messageOf(number, 0, 1, text, 'sp_change_users_login');

export const userProcedures = [
  procedure({
    name: 'sp_addrolemember',
    parameters: '@rolename sysname, @membername sysname',
    run: (context, args) => changeRole(context, args.text('@rolename') ?? '', args.text('@membername') ?? '', true),
  }),
  procedure({
    name: 'sp_droprolemember',
    parameters: '@rolename sysname, @membername sysname',
    run: (context, args) => changeRole(context, args.text('@rolename') ?? '', args.text('@membername') ?? '', false),
  }),
  procedure({
    name: 'sp_change_users_login',
    parameters: '@Action varchar(10), @UserNamePattern sysname ?, @LoginName sysname ?, @Password sysname ?',
    async run(context, args) {
      if (!context.permissions.inDatabaseRole(context.database, 'db_owner'))
        throw notPermitted('sp_change_users_login');
      const action = args.text('@Action')?.toUpperCase();
      if (action === 'REPORT') {
        await sendRows(
          context,
          'UserName sysname, UserSID varbinary(85) null',
          orphans(context).map((user) => ({
            UserName: user.name,
            UserSID: user.sid === null ? null : bytesOf(user.sid),
          })),
        );
        return 0;
      }
      if (action !== 'UPDATE_ONE' && action !== 'AUTO_FIX') {
        throw raise(
          15286,
          16,
          1,
          `Terminating this procedure. The @action '${args.text('@Action')}' is unrecognized. Try 'REPORT', 'UPDATE_ONE', or 'AUTO_FIX'.`,
          'sp_change_users_login',
        );
      }
      const name = args.text('@UserNamePattern') ?? '';
      const user = principalNamed(context.database, name)?.user;
      if (user === undefined) {
        throw raise(
          15291,
          16,
          1,
          `Terminating this procedure. The User name '${name}' is absent or invalid.`,
          'sp_change_users_login',
        );
      }
      if (action === 'UPDATE_ONE') {
        await relink(context, user, args.text('@LoginName') ?? '');
        return 0;
      }
      const isOrphan = orphans(context).some((one) => sameName(one.name, user.name));
      if (isOrphan) {
        await relink(context, user, user.name);
        context.message(
          fixedMessage(
            15292,
            `The row for user '${user.name}' will be fixed by updating its login link to a login already in existence.`,
          ),
        );
      }
      context.message(
        fixedMessage(15295, `The number of orphaned users fixed by updating users was ${Number(isOrphan)}.`),
      );
      context.message(
        fixedMessage(15294, 'The number of orphaned users fixed by adding new logins and then updating users was 0.'),
      );
      return 0;
    },
  }),
];

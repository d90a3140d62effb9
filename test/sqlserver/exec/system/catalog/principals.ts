import type { Database, DatabaseUser, Instance, Login } from '../../../contracts.ts';
import { sameName } from '../values.ts';

export interface Principal {
  readonly id: number;
  readonly name: string;
  /** S SQL login or user, R role. */
  readonly type: 'S' | 'R';
  readonly fixed: boolean;
  readonly sid: string | null;
}

export interface ServerPrincipal extends Principal {
  readonly login?: Login;
}

export interface DatabasePrincipal extends Principal {
  readonly user?: DatabaseUser;
  readonly defaultSchema: string | null;
}

const role = (id: number, name: string, sid: string | null): Principal => ({ id, name, type: 'R', fixed: true, sid });

/** Server-Level Roles. unknown: ids of the ##MS_…## roles that 2022 adds, so they are not listed. */
export const fixedServerRoles: readonly Principal[] = [
  'public',
  'sysadmin',
  'securityadmin',
  'serveradmin',
  'setupadmin',
  'processadmin',
  'diskadmin',
  'dbcreator',
  'bulkadmin',
].map((name, i) => role(i + 2, name, (i + 2).toString(16).padStart(2, '0').toUpperCase()));

/** A role's SID is S-1-9-4-0-0-0-id. */
const roleSid = (id: number): string => {
  const sid = Buffer.alloc(28);
  Buffer.from('010500000000000904', 'hex').copy(sid);
  sid.writeUInt32LE(id, 24);
  return sid.toString('hex').toUpperCase();
};

/** Database-Level Roles. */
export const fixedDatabaseRoles: readonly Principal[] = (
  [
    [0, 'public'],
    [16384, 'db_owner'],
    [16385, 'db_accessadmin'],
    [16386, 'db_securityadmin'],
    [16387, 'db_ddladmin'],
    [16389, 'db_backupoperator'],
    [16390, 'db_datareader'],
    [16391, 'db_datawriter'],
    [16392, 'db_denydatareader'],
    [16393, 'db_denydatawriter'],
  ] as const
).map(([id, name]) => role(id, name, roleSid(id)));

/** First id that a new login gets on a fresh Linux server lies a little above 256, after the certificate logins. */
const firstLoginId = 268;

/** sa is 1. Other ids follow the order of the engine's list: a dropped login moves those behind it. */
export function serverPrincipals(instance: Instance): readonly ServerPrincipal[] {
  const others = [...instance.logins()].filter((login) => !sameName(login.name, 'sa'));
  const sa = instance.login('sa');
  return [
    ...(sa === undefined ? [] : [loginPrincipal(1, sa)]),
    ...fixedServerRoles,
    ...others.map((login, i) => loginPrincipal(firstLoginId + i, login)),
  ];
}

const loginPrincipal = (id: number, login: Login): ServerPrincipal => ({
  id,
  name: login.name,
  type: 'S',
  fixed: false,
  sid: login.sid,
  login,
});

/** dbo carries the SID of the owner of the database. */
export function databasePrincipals(database: Database): readonly DatabasePrincipal[] {
  const users = [...database.users()];
  const given = (name: string): { user?: DatabaseUser } => {
    const user = users.find((candidate) => sameName(candidate.name, name));
    return user === undefined ? {} : { user };
  };
  const fixed: DatabasePrincipal[] = [
    ...fixedDatabaseRoles.map((entry) => ({ ...entry, ...given(entry.name), defaultSchema: null })),
    { id: 1, name: 'dbo', type: 'S', fixed: false, sid: database.ownerSid, defaultSchema: 'dbo', ...given('dbo') },
    { id: 2, name: 'guest', type: 'S', fixed: false, sid: '00', defaultSchema: 'guest', ...given('guest') },
    { id: 3, name: 'INFORMATION_SCHEMA', type: 'S', fixed: false, sid: null, defaultSchema: null },
    { id: 4, name: 'sys', type: 'S', fixed: false, sid: null, defaultSchema: null },
  ];
  const own = users.filter((user) => !fixed.some((entry) => sameName(entry.name, user.name)));
  return [
    ...fixed,
    ...own.map((user, i): DatabasePrincipal => ({
      id: 5 + i,
      name: user.name,
      type: user.kind === 'role' ? 'R' : 'S',
      fixed: false,
      sid: user.sid,
      defaultSchema: user.kind === 'role' ? null : user.defaultSchema,
      user,
    })),
  ].sort((a, b) => a.id - b.id);
}

/** Every role a user is in, through roles in roles too; public always. */
export function rolesOf(database: Database, userName: string): ReadonlySet<string> {
  const users = [...database.users()];
  const found = new Set(['public']);
  const visit = (name: string): void => {
    for (const roleName of users.find((user) => sameName(user.name, name))?.roles ?? []) {
      const key = roleName.toLowerCase();
      if (found.has(key)) continue;
      found.add(key);
      visit(roleName);
    }
  };
  visit(userName);
  return found;
}

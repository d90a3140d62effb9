import { SqlError, type Database, type DatabaseUser, type Instance, type Login } from '../../contracts.ts';
import type { PermissionCheck } from '../system/contract.ts';

/** Databases that everybody may enter as guest. */
const GUEST_DATABASES = new Set(['master', 'tempdb', 'msdb']);

/** Fixed server roles and what they bring ("Server-level roles"). */
const SERVER_ROLES: Readonly<Record<string, readonly string[]>> = {
  securityadmin: ['ALTER ANY LOGIN'],
  serveradmin: ['ALTER SETTINGS', 'SHUTDOWN', 'ALTER SERVER STATE', 'VIEW SERVER STATE', 'ALTER RESOURCES'],
  processadmin: ['ALTER ANY CONNECTION', 'ALTER SERVER STATE', 'VIEW SERVER STATE'],
  dbcreator: ['CREATE ANY DATABASE', 'ALTER ANY DATABASE'],
};

/** Fixed database roles ("Database-level roles"). */
const DATABASE_ROLES: Readonly<Record<string, readonly string[]>> = {
  db_backupoperator: ['BACKUP DATABASE', 'BACKUP LOG', 'CHECKPOINT'],
  db_datareader: ['SELECT'],
  db_datawriter: ['INSERT', 'UPDATE', 'DELETE'],
  db_ddladmin: ['CREATE TABLE', 'CREATE VIEW', 'CREATE PROCEDURE', 'CREATE SCHEMA', 'ALTER'],
  db_securityadmin: ['ALTER ANY ROLE', 'CREATE ROLE'],
  db_accessadmin: ['ALTER ANY USER'],
};

/** What one login may do, as its rights are at the start of each request and after every statement about rights. */
export class Permissions implements PermissionCheck {
  readonly #instance: Instance;
  readonly #name: string;
  #last: Login;
  #fresh = true;

  constructor(instance: Instance, login: Login) {
    this.#instance = instance;
    this.#name = login.name;
    this.#last = login;
  }

  /** The login; as it last was when somebody dropped it. */
  get login(): Login {
    if (!this.#fresh) {
      this.#last = this.#instance.login(this.#name) ?? this.#last;
      this.#fresh = true;
    }
    return this.#last;
  }

  refresh(): void {
    this.#fresh = false;
  }

  get isSysadmin(): boolean {
    return this.inServerRole('sysadmin');
  }

  inServerRole(role: string): boolean {
    const wanted = role.toLowerCase();
    return wanted === 'public' || this.login.serverRoles.some((name) => name.toLowerCase() === wanted);
  }

  onServer(permission: string): boolean {
    const wanted = permission.toUpperCase();
    if (wanted === 'CONNECT SQL' || wanted === 'VIEW ANY DATABASE') return true;
    if (this.isSysadmin) return true;
    const { permissions, serverRoles } = this.login;
    if (permissions.includes(wanted) || permissions.includes('CONTROL SERVER')) return true;
    if (wanted === 'CREATE ANY DATABASE' && permissions.includes('ALTER ANY DATABASE')) return true;
    if (wanted.startsWith('VIEW SERVER') && wanted.endsWith('STATE') && permissions.includes('VIEW SERVER STATE'))
      return true;
    return serverRoles.some((role) => SERVER_ROLES[role.toLowerCase()]?.includes(wanted) ?? false);
  }

  inDatabaseRole(database: Database, role: string): boolean {
    const wanted = role.toLowerCase();
    if (wanted === 'public') return this.userIn(database) !== null;
    const user = this.#user(database);
    if (user === 'dbo') return wanted === 'db_owner';
    return user !== undefined && this.#roles(database, user).has(wanted);
  }

  onDatabase(database: Database, permission: string): boolean {
    const wanted = permission.toUpperCase();
    const user = this.#user(database);
    if (user === 'dbo') return true;
    if (user === undefined) return false;
    if (this.login.permissions.includes('CONTROL SERVER')) return true;
    const roles = this.#roles(database, user);
    if (roles.has('db_owner')) return true;
    if (wanted === 'CONNECT') return true;
    if ([...roles].some((role) => DATABASE_ROLES[role]?.includes(wanted) ?? false)) return true;
    const granted = this.#granted(database, user, roles);
    if (granted.has(`DENY ${wanted}`)) return false;
    return granted.has(wanted) || granted.has('CONTROL');
  }

  /** A right on one table or view: given on it, on its schema or on the database. */
  onObject(database: Database, permission: string, schema: string, name: string): boolean {
    const user = this.#user(database);
    if (user === 'dbo') return true;
    if (user === undefined) return false;
    const roles = this.#roles(database, user);
    if (roles.has('db_owner')) return true;
    const granted = this.#granted(database, user, roles);
    const places = [`ON OBJECT::${schema}.${name}`, `ON SCHEMA::${schema}`].map((place) => place.toUpperCase());
    const all = [permission, ...places.map((place) => `${permission} ${place}`)];
    if (all.some((entry) => granted.has(`DENY ${entry}`))) return false;
    return (
      this.onDatabase(database, permission) ||
      places.some((place) => granted.has(`${permission} ${place}`) || granted.has(`CONTROL ${place}`))
    );
  }

  mayEnter(database: Database): boolean {
    try {
      database.open();
    } catch (error) {
      if (error instanceof SqlError) return false;
      throw error;
    }
    return this.userIn(database) !== null;
  }

  userIn(database: Database): string | null {
    const user = this.#user(database);
    return user === undefined ? null : user === 'dbo' ? 'dbo' : user.name;
  }

  /** Default schema of the caller's user. */
  schemaIn(database: Database): string {
    if (this.isSysadmin) return 'dbo';
    const user = this.#user(database);
    return user === undefined || user === 'dbo' ? 'dbo' : user.defaultSchema || 'dbo';
  }

  #user(database: Database): DatabaseUser | 'dbo' | undefined {
    const { login } = this;
    if (this.isSysadmin || database.ownerSid === login.sid) return 'dbo';
    const users = [...database.users()];
    const own = users.find((user) => user.kind === 'user' && user.sid === login.sid);
    if (own !== undefined) return own.name.toLowerCase() === 'dbo' ? 'dbo' : own;
    const guest = users.find((user) => user.kind === 'user' && user.name.toLowerCase() === 'guest');
    if (guest !== undefined) return guest;
    if (GUEST_DATABASES.has(database.name.toLowerCase()) || login.permissions.includes('CONNECT ANY DATABASE')) {
      return { name: 'guest', sid: null, kind: 'user', defaultSchema: 'guest', roles: [], permissions: [] };
    }
    return undefined;
  }

  /** Lower-case names of the roles, those inside of roles too. */
  #roles(database: Database, user: DatabaseUser): ReadonlySet<string> {
    const found = new Set<string>();
    const pending = [...user.roles];
    const all = [...database.users()];
    for (let role = pending.pop(); role !== undefined; role = pending.pop()) {
      const name = role.toLowerCase();
      if (found.has(name)) continue;
      found.add(name);
      pending.push(...(all.find((other) => other.kind === 'role' && other.name.toLowerCase() === name)?.roles ?? []));
    }
    return found;
  }

  #granted(database: Database, user: DatabaseUser, roles: ReadonlySet<string>): ReadonlySet<string> {
    const granted = new Set(user.permissions.map((permission) => permission.toUpperCase()));
    for (const other of database.users()) {
      const name = other.name.toLowerCase();
      if (other.kind !== 'role' || (!roles.has(name) && name !== 'public')) continue;
      for (const permission of other.permissions) granted.add(permission.toUpperCase());
    }
    return granted;
  }
}

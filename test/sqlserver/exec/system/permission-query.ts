import type { Database } from '../../contracts.ts';
import { databasePermissions, serverPermissions } from './catalog/permissions.ts';
import { findByName, type FoundObject } from './catalog/lookup.ts';
import type { SystemContext } from './contract.ts';

/** What a login may always do: connect, and see that databases exist. */
const publicOnServer = new Set(['CONNECT SQL', 'VIEW ANY DATABASE']);

function heldOnServer(context: SystemContext, permission: string): boolean {
  return publicOnServer.has(permission) || context.permissions.onServer(permission);
}

function heldOnDatabase(context: SystemContext, database: Database, permission: string): boolean {
  if (permission === 'CONNECT') return context.permissions.mayEnter(database);
  return context.permissions.onDatabase(database, permission);
}

export const heldServerPermissions = (context: SystemContext): readonly string[] =>
  [...serverPermissions.keys()].filter((permission) => heldOnServer(context, permission));

export const heldDatabasePermissions = (context: SystemContext, database: Database): readonly string[] =>
  [...databasePermissions.keys()].filter((permission) => heldOnDatabase(context, database, permission));

function heldOnObject(context: SystemContext, { schema, name }: FoundObject, permission: string): boolean {
  const { permissions, database } = context;
  return permissions.onObject?.(database, permission, schema, name) ?? permissions.onDatabase(database, permission);
}

const onObjects = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'EXECUTE', 'REFERENCES', 'ALTER', 'CONTROL']);

/** HAS_PERMS_BY_NAME: 1, 0, or null for a securable or a permission that does not exist. `ANY` asks for any at all. */
export function hasPermission(
  context: SystemContext,
  securable: string | undefined,
  securableClass: string | undefined,
  permission: string,
): 0 | 1 | null {
  const wanted = permission.trim().toUpperCase();
  const bit = (held: boolean): 0 | 1 => (held ? 1 : 0);
  switch (securableClass?.trim().toUpperCase()) {
    case undefined:
    case 'SERVER':
      if (wanted === 'ANY') return 1;
      return serverPermissions.has(wanted) ? bit(heldOnServer(context, wanted)) : null;
    case 'DATABASE': {
      const database = context.instance.database((securable ?? '').replace(/^\[(.*)\]$/, '$1'));
      if (database === undefined) return null;
      if (wanted === 'ANY') return bit(context.permissions.mayEnter(database));
      return databasePermissions.has(wanted) ? bit(heldOnDatabase(context, database, wanted)) : null;
    }
    case 'OBJECT': {
      const found = findByName(context, securable ?? '');
      if (found === undefined) return null;
      if (wanted === 'ANY') return 1;
      return onObjects.has(wanted) ? bit(heldOnObject(context, found, wanted)) : null;
    }
    case 'LOGIN':
      if (context.instance.login(securable ?? '') === undefined) return null;
      return ['IMPERSONATE', 'VIEW DEFINITION', 'ALTER', 'CONTROL'].includes(wanted)
        ? bit(context.permissions.onServer('ALTER ANY LOGIN'))
        : null;
    default:
      return null;
  }
}

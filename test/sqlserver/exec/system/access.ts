import type { Database, Login } from '../../contracts.ts';
import type { SystemContext } from './contract.ts';
import { databaseStateDenied, serverStateDenied } from './errors.ts';
import { sameName } from './values.ts';

export function maySeeServerState(context: SystemContext): boolean {
  const { permissions } = context;
  return permissions.onServer('VIEW SERVER STATE') || permissions.onServer('VIEW SERVER PERFORMANCE STATE');
}

/** Gate of the server-wide dynamic management views. */
export function requireServerState(context: SystemContext): void {
  if (!maySeeServerState(context)) throw serverStateDenied(context.database.name);
}

/** Gate of the dynamic management views of one database. */
export function requireDatabaseState(context: SystemContext, database: Database): void {
  if (maySeeServerState(context)) return;
  const { permissions } = context;
  if (permissions.onDatabase(database, 'VIEW DATABASE STATE')) return;
  if (permissions.onDatabase(database, 'VIEW DATABASE PERFORMANCE STATE')) return;
  throw databaseStateDenied(database.name);
}

/** sys.master_files: "CREATE DATABASE, ALTER ANY DATABASE, or VIEW ANY DEFINITION". */
export function maySeeFiles(context: SystemContext): boolean {
  const { permissions, instance } = context;
  const master = instance.database('master');
  return (
    permissions.onServer('CREATE ANY DATABASE') ||
    permissions.onServer('ALTER ANY DATABASE') ||
    permissions.onServer('VIEW ANY DEFINITION') ||
    (master !== undefined && permissions.onDatabase(master, 'CREATE DATABASE'))
  );
}

/** Other logins show only to those who may change or define them (Metadata Visibility Configuration). */
export function maySeeLogin(context: SystemContext, login: Login): boolean {
  const { permissions, session } = context;
  return (
    sameName(login.name, session.login.name) ||
    sameName(login.name, 'sa') ||
    permissions.onServer('ALTER ANY LOGIN') ||
    permissions.onServer('VIEW ANY DEFINITION')
  );
}

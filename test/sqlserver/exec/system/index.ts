import type { SystemFunction, SystemProcedure, SystemView } from './contract.ts';
import { registerSystemObjects } from './catalog/system-objects.ts';
import { appLockFunctions } from './functions/app-locks.ts';
import { columnFunctions } from './functions/columns.ts';
import { databaseFunctions } from './functions/databases.ts';
import { objectFunctions } from './functions/objects.ts';
import { permissionFunctions } from './functions/permissions.ts';
import { principalFunctions } from './functions/principals.ts';
import { serverFunctions } from './functions/server.ts';
import { sessionFunctions } from './functions/session.ts';
import { appLockProcedures } from './procedures/app-locks.ts';
import { configureProcedures } from './procedures/configure.ts';
import { errorLogProcedures } from './procedures/errorlog.ts';
import { fileProcedures } from './procedures/files.ts';
import { databaseProcedures } from './procedures/help-database.ts';
import { historyProcedures } from './procedures/history.ts';
import { loginProcedures } from './procedures/logins.ts';
import { registryProcedures } from './procedures/registry.ts';
import { sessionProcedures } from './procedures/session.ts';
import { tableProcedures } from './procedures/tables.ts';
import { userProcedures } from './procedures/users.ts';
import { whoProcedures } from './procedures/who.ts';
import { availabilityViews } from './views/availability.ts';
import { columnViews } from './views/columns.ts';
import { constraintViews } from './views/constraints.ts';
import { databasePrincipalViews } from './views/database-principals.ts';
import { databaseViews } from './views/databases.ts';
import { encryptionViews } from './views/encryption.ts';
import { fileViews } from './views/files.ts';
import { filesystemViews } from './views/filesystem.ts';
import { indexViews } from './views/indexes.ts';
import { informationSchemaViews } from './views/information-schema.ts';
import { lockViews } from './views/locks.ts';
import { logViews } from './views/log.ts';
import { messageViews } from './views/messages.ts';
import { objectViews } from './views/objects.ts';
import { permissionViews } from './views/permissions.ts';
import { requestViews } from './views/requests.ts';
import { schemaViews } from './views/schemas.ts';
import { serverPrincipalViews } from './views/server-principals.ts';
import { serverViews } from './views/server.ts';
import { sessionViews } from './views/sessions.ts';
import { timeZoneViews } from './views/time-zones.ts';

export { ApplicationLocks } from './app-locks.ts';
/** RECONFIGURE. */
export { reconfigure } from './catalog/options.ts';
export { versionText } from './version.ts';

const named: readonly SystemView[] = [
  ...availabilityViews,
  ...columnViews,
  ...constraintViews,
  ...databasePrincipalViews,
  ...databaseViews,
  ...encryptionViews,
  ...fileViews,
  ...filesystemViews,
  ...indexViews,
  ...informationSchemaViews,
  ...lockViews,
  ...logViews,
  ...messageViews,
  ...objectViews,
  ...permissionViews,
  ...requestViews,
  ...schemaViews,
  ...serverPrincipalViews,
  ...serverViews,
  ...sessionViews,
  ...timeZoneViews,
];

/** sys.sysdatabases answers to dbo.sysdatabases and sysdatabases as well, sys.fn_my_permissions() to fn_my_permissions(). */
const compatibility = named
  .filter((view) => view.schema === 'sys' && /^(sys[a-z]+|fn_\w+)$/.test(view.name))
  .map((view): SystemView => ({ ...view, schema: 'dbo' }));

export const systemViews: readonly SystemView[] = [...named, ...compatibility];

export const systemFunctions: readonly SystemFunction[] = [
  ...appLockFunctions,
  ...columnFunctions,
  ...databaseFunctions,
  ...objectFunctions,
  ...permissionFunctions,
  ...principalFunctions,
  ...serverFunctions,
  ...sessionFunctions,
];

export const systemProcedures: readonly SystemProcedure[] = [
  ...appLockProcedures,
  ...configureProcedures,
  ...databaseProcedures,
  ...errorLogProcedures,
  ...fileProcedures,
  ...historyProcedures,
  ...loginProcedures,
  ...registryProcedures,
  ...sessionProcedures,
  ...tableProcedures,
  ...userProcedures,
  ...whoProcedures,
];

registerSystemObjects(named, systemFunctions, systemProcedures);

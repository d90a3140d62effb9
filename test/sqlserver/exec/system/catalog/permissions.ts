/** Permission names with the type codes of sys.server_permissions and sys.database_permissions. */

export const serverPermissions = new Map([
  ['CONNECT SQL', 'COSQ'],
  ['SHUTDOWN', 'SHDN'],
  ['CREATE ENDPOINT', 'CRHE'],
  ['CREATE ANY DATABASE', 'CRDB'],
  ['CREATE AVAILABILITY GROUP', 'CRAC'],
  ['ALTER ANY LOGIN', 'ALLG'],
  ['ALTER ANY CREDENTIAL', 'ALCD'],
  ['ALTER ANY ENDPOINT', 'ALHE'],
  ['ALTER ANY LINKED SERVER', 'ALLS'],
  ['ALTER ANY CONNECTION', 'ALCO'],
  ['ALTER ANY DATABASE', 'ALDB'],
  ['ALTER RESOURCES', 'ALRS'],
  ['ALTER SETTINGS', 'ALST'],
  ['ALTER TRACE', 'ALTR'],
  ['ADMINISTER BULK OPERATIONS', 'ADBO'],
  ['AUTHENTICATE SERVER', 'AUTH'],
  ['EXTERNAL ACCESS ASSEMBLY', 'XA'],
  ['VIEW ANY DATABASE', 'VWDB'],
  ['VIEW ANY DEFINITION', 'VWAD'],
  ['VIEW SERVER STATE', 'VWSS'],
  ['VIEW SERVER PERFORMANCE STATE', 'VSPS'],
  ['VIEW SERVER SECURITY STATE', 'VSSS'],
  ['ALTER SERVER STATE', 'ALSS'],
  ['UNSAFE ASSEMBLY', 'XU'],
  ['ALTER ANY SERVER ROLE', 'ALSR'],
  ['CREATE SERVER ROLE', 'CRSR'],
  ['ALTER ANY AVAILABILITY GROUP', 'ALAG'],
  ['CONNECT ANY DATABASE', 'CADB'],
  ['IMPERSONATE ANY LOGIN', 'IAL'],
  ['SELECT ALL USER SECURABLES', 'SUS'],
  ['CONTROL SERVER', 'CL'],
]);

export const databasePermissions = new Map([
  ['CREATE TABLE', 'CRTB'],
  ['CREATE VIEW', 'CRVW'],
  ['CREATE PROCEDURE', 'CRPR'],
  ['CREATE FUNCTION', 'CRFN'],
  ['CREATE RULE', 'CRRU'],
  ['CREATE DEFAULT', 'CRDF'],
  ['BACKUP DATABASE', 'BADB'],
  ['BACKUP LOG', 'BALO'],
  ['CREATE DATABASE', 'CRDB'],
  ['CREATE TYPE', 'CRTY'],
  ['CREATE ASSEMBLY', 'CRAS'],
  ['CREATE SCHEMA', 'CRSM'],
  ['CREATE ROLE', 'CRRL'],
  ['CREATE CERTIFICATE', 'CRCF'],
  ['CREATE SYNONYM', 'CRSN'],
  ['CONNECT', 'CO'],
  ['CHECKPOINT', 'CP'],
  ['ALTER ANY USER', 'ALUS'],
  ['ALTER ANY ROLE', 'ALRL'],
  ['ALTER ANY SCHEMA', 'ALSM'],
  ['SELECT', 'SL'],
  ['INSERT', 'IN'],
  ['UPDATE', 'UP'],
  ['DELETE', 'DL'],
  ['EXECUTE', 'EX'],
  ['REFERENCES', 'RF'],
  ['SHOWPLAN', 'SPLN'],
  ['TAKE OWNERSHIP', 'TO'],
  ['VIEW DATABASE STATE', 'VWDS'],
  ['VIEW DATABASE PERFORMANCE STATE', 'VDP'],
  ['VIEW DEFINITION', 'VW'],
  ['ALTER', 'AL'],
  ['CONTROL', 'CL'],
]);

/** Codes are char(4). A permission that is not in the list gets the first letters of its words. */
export const permissionCode = (codes: ReadonlyMap<string, string>, name: string): string =>
  codes.get(name.toUpperCase()) ??
  name
    .split(' ')
    .map((word) => word[0])
    .join('')
    .slice(0, 4)
    .toUpperCase();

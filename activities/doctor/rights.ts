import { fail, ok, warn, type Finding } from '../../workflows/domain/finding.ts';
import { names } from '../../workflows/domain/words.ts';
import { query } from '../sql-server/query.ts';

/**
 * What the login may do, as docs/grants.sql grants it. HAS_PERMS_BY_NAME (Transact-SQL) gives null for a securable that the login
 * cannot even see. dbcreator answers for restores: CREATE ANY DATABASE alone may not be enough (see docs/grants.sql).
 */
export const readServerRights = query<ServerRights>(
  "Read the login's rights",
  `SELECT SUSER_SNAME() AS login,
          ISNULL(IS_SRVROLEMEMBER('sysadmin'), 0) AS isSysadmin,
          ISNULL(IS_SRVROLEMEMBER('dbcreator'), 0) AS isDbcreator,
          ISNULL(HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW ANY DEFINITION'), 0) AS viewAnyDefinition,
          ISNULL(HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER STATE'), 0) AS viewServerState,
          ISNULL(HAS_PERMS_BY_NAME(NULL, NULL, 'ALTER ANY CONNECTION'), 0) AS alterAnyConnection,
          ISNULL(HAS_PERMS_BY_NAME(NULL, NULL, 'CREATE ANY DATABASE'), 0) AS createAnyDatabase,
          ISNULL(HAS_PERMS_BY_NAME('msdb.dbo.backupset', 'OBJECT', 'SELECT'), 0) AS backupset,
          ISNULL(HAS_PERMS_BY_NAME('msdb.dbo.backupmediafamily', 'OBJECT', 'SELECT'), 0) AS backupmediafamily,
          ISNULL(HAS_PERMS_BY_NAME('msdb.dbo.backupfile', 'OBJECT', 'SELECT'), 0) AS backupfile`,
);

export const readDatabaseRights = query<DatabaseRights>(
  'Read the rights on each database',
  `SELECT name AS name,
          CASE WHEN HAS_PERMS_BY_NAME(QUOTENAME(name), 'DATABASE', 'BACKUP DATABASE') = 1
                AND HAS_PERMS_BY_NAME(QUOTENAME(name), 'DATABASE', 'BACKUP LOG') = 1 THEN 1 ELSE 0 END AS backup_
     FROM sys.databases
    WHERE database_id > 4 AND state = 0 AND source_database_id IS NULL
    ORDER BY name`,
);

type Yes = 0 | 1;

export interface ServerRights {
  readonly login: string;
  readonly isSysadmin: Yes;
  readonly isDbcreator: Yes;
  readonly viewAnyDefinition: Yes;
  readonly viewServerState: Yes;
  readonly alterAnyConnection: Yes;
  readonly createAnyDatabase: Yes;
  readonly backupset: Yes;
  readonly backupmediafamily: Yes;
  readonly backupfile: Yes;
}

export interface DatabaseRights {
  readonly name: string;
  readonly backup_: Yes;
}

/** Right, its key above, what it is for, and the statement that grants it. */
const wanted: readonly (readonly [keyof ServerRights, string, string, (login: string) => string])[] = [
  ['viewAnyDefinition', 'VIEW ANY DEFINITION', 'sys.master_files', (to) => `GRANT VIEW ANY DEFINITION TO ${to};`],
  ['viewServerState', 'VIEW SERVER STATE', 'finding lost sessions', (to) => `GRANT VIEW SERVER STATE TO ${to};`],
  [
    'alterAnyConnection',
    'ALTER ANY CONNECTION',
    'ending lost sessions',
    (to) => `GRANT ALTER ANY CONNECTION TO ${to};`,
  ],
  ['createAnyDatabase', 'CREATE ANY DATABASE', 'reading backup headers', (to) => `GRANT CREATE ANY DATABASE TO ${to};`],
  ...(['backupset', 'backupmediafamily', 'backupfile'] as const).map(
    (table) =>
      [
        table,
        `SELECT on msdb.dbo.${table}`,
        'knowing what was backed up',
        (to: string) => `USE msdb; GRANT SELECT ON dbo.${table} TO ${to};`,
      ] as const,
  ),
];

export function rightsFindings(server: ServerRights, databases: readonly DatabaseRights[]): Finding[] {
  const login = quoted(server.login);
  const missing = wanted.filter(([key]) => server[key] !== 1);
  return [
    ...missing.map(([, right, what, grant]) =>
      fail(
        'sql.rights',
        `${server.login} lacks ${right}, needed for ${what}`,
        `As sysadmin: ${grant(login)} Or run docs/grants.sql.`,
      ),
    ),
    ...(missing.length === 0 ? [ok('sql.rights', `${server.login} may do what backups need on the server`)] : []),
    backupFinding(server.login, databases),
    server.isDbcreator === 1
      ? ok('sql.rights.restore', `${server.login} may receive restores (dbcreator)`)
      : warn(
          'sql.rights.restore',
          `${server.login} is not in dbcreator: this instance cannot receive restores`,
          `Only if it shall: ALTER SERVER ROLE dbcreator ADD MEMBER ${login}; (docs/grants.sql, part 2)`,
        ),
    ...(server.isSysadmin === 1
      ? [
          warn(
            'sql.rights.more',
            `${server.login} is sysadmin: more than is needed`,
            'Make a login of its own with docs/grants.sql.',
          ),
        ]
      : []),
  ];
}

function backupFinding(login: string, databases: readonly DatabaseRights[]): Finding {
  const closed = databases.filter((database) => database.backup_ !== 1).map(({ name }) => name);
  if (closed.length === 0) return ok('sql.rights.backup', `${login} may back up all ${databases.length} databases`);
  return fail(
    'sql.rights.backup',
    `${login} may not back up ${names(closed, 5)}`,
    `Run docs/grants.sql again: it goes through all databases. For one: USE ${quoted(closed[0] ?? '')}; ` +
      `CREATE USER ${quoted(login)} FOR LOGIN ${quoted(login)}; ALTER ROLE db_backupoperator ADD MEMBER ${quoted(login)};`,
  );
}

function quoted(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`;
}

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type sql from 'mssql';
import { startServer, type TestServer } from './system-server.ts';

async function until<T>(ask: () => Promise<T>, isSo: (answer: T) => boolean): Promise<T> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const answer = await ask();
    if (isSo(answer)) return answer;
    if (Date.now() > deadline) throw new Error('it never became so');
  }
}

/** What backup tools send, through the driver that the product uses. */
describe('queries of backup tools', () => {
  let server: TestServer;
  let pool: sql.ConnectionPool;
  const rows = async (text: string): Promise<Record<string, unknown>[]> =>
    (await pool.request().query<Record<string, unknown>>(text)).recordset;

  before(async () => {
    server = await startServer();
    pool = await server.connect();
    await pool.request().batch('CREATE DATABASE shop');
    await pool.request().batch('CREATE DATABASE quiet; ALTER DATABASE quiet SET RECOVERY SIMPLE');
    await pool.request().batch(`
      USE shop;
      CREATE TABLE dbo.orders (id int IDENTITY(1,1) NOT NULL CONSTRAINT PK_orders PRIMARY KEY, note nvarchar(40) NULL);
      INSERT dbo.orders (note) VALUES (N'a'), (N'b');
      USE master`);
    await pool
      .request()
      .batch(`BACKUP DATABASE shop TO DISK = N'/var/opt/mssql/data/shop.bak' WITH NAME = N'base', CHECKSUM`);
    await pool.request().batch(`INSERT shop.dbo.orders (note) VALUES (N'c')`);
    await pool
      .request()
      .batch(`BACKUP LOG shop TO DISK = N'/var/opt/mssql/data/shop.trn' WITH NAME = N'log', CHECKSUM`);
  });

  after(async () => {
    await server[Symbol.asyncDispose]();
  });

  test('the state of each database: sys.databases with recovery status and files', async () => {
    const found = await rows(`
      SELECT d.name, d.state_desc, d.recovery_model_desc, d.is_in_standby, d.is_read_only, d.log_reuse_wait_desc,
             CAST(s.last_log_backup_lsn AS varchar(25)) AS last_log_backup_lsn,
             CAST(f.differential_base_lsn AS varchar(25)) AS differential_base_lsn,
             CONVERT(char(36), s.database_guid) AS database_guid, f.physical_name
      FROM sys.databases AS d
      LEFT JOIN sys.database_recovery_status AS s ON s.database_id = d.database_id
      JOIN sys.master_files AS f ON f.database_id = d.database_id AND f.type = 0
      WHERE d.database_id > 4 AND d.source_database_id IS NULL
      ORDER BY d.name`);
    assert.deepEqual(
      found.map((row) => [row['name'], row['state_desc'], row['recovery_model_desc'], row['is_in_standby']]),
      [
        ['quiet', 'ONLINE', 'SIMPLE', false],
        ['shop', 'ONLINE', 'FULL', false],
      ],
    );
    assert.equal(found[0]?.['last_log_backup_lsn'], null);
    assert.match(String(found[1]?.['last_log_backup_lsn']), /^\d{17}$/);
    assert.match(String(found[1]?.['differential_base_lsn']), /^\d{17}$/);
    assert.equal(found[1]?.['physical_name'], '/var/opt/mssql/data/shop.mdf');
  });

  test('the backup history: backupset joined to its media families', async () => {
    const found = await rows(`
      SELECT b.database_name, b.type, b.name, b.position, m.physical_device_name, b.has_backup_checksums, b.is_copy_only,
             CAST(b.first_lsn AS varchar(25)) AS first_lsn, CAST(b.last_lsn AS varchar(25)) AS last_lsn,
             b.last_valid_restore_time, b.recovery_model
      FROM msdb.dbo.backupset AS b
      JOIN msdb.dbo.backupmediafamily AS m ON m.media_set_id = b.media_set_id
      WHERE b.database_name = N'shop' AND b.is_copy_only = 0
      ORDER BY b.backup_set_id`);
    assert.deepEqual(
      found.map((row) => [row['type'], row['name'], row['physical_device_name'], row['has_backup_checksums']]),
      [
        ['D', 'base', '/var/opt/mssql/data/shop.bak', true],
        ['L', 'log', '/var/opt/mssql/data/shop.trn', true],
      ],
    );
    assert.equal(found[0]?.['last_valid_restore_time'], null);
    assert.ok(found[1]?.['last_valid_restore_time'] instanceof Date);
  });

  test('the questions a maintenance script asks about the server', async () => {
    const [server1] = await rows(`
      SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)) AS version,
             CAST(SERVERPROPERTY('ProductMajorVersion') AS int) AS major,
             CAST(SERVERPROPERTY('EngineEdition') AS int) AS engine,
             CAST(SERVERPROPERTY('IsHadrEnabled') AS int) AS hadr,
             CAST(SERVERPROPERTY('InstanceDefaultBackupPath') AS nvarchar(4000)) AS backup_path,
             SERVERPROPERTY('InstanceName') AS instance, @@SERVERNAME AS server, @@VERSION AS banner,
             (SELECT host_platform FROM sys.dm_os_host_info) AS platform,
             (SELECT CAST(value_in_use AS int) FROM sys.configurations WHERE name = 'backup compression default') AS compression`);
    assert.deepEqual(
      [server1?.['version'], server1?.['major'], server1?.['engine'], server1?.['hadr'], server1?.['platform']],
      ['16.0.4236.2', 16, 3, 0, 'Linux'],
    );
    assert.deepEqual([server1?.['instance'], server1?.['server'], server1?.['compression']], [null, 'sql1', 0]);
    assert.match(String(server1?.['banner']), /^Microsoft SQL Server 2022 .*Linux/s);
  });

  test('a maintenance script decides between log, differential and full', async () => {
    const [decision] = await rows(`
      DECLARE @database nvarchar(128) = N'shop';
      SELECT (SELECT last_log_backup_lsn FROM sys.database_recovery_status WHERE database_id = DB_ID(@database)) AS lsn,
             (SELECT differential_base_lsn FROM sys.master_files WHERE database_id = DB_ID(@database) AND [type] = 0 AND file_id = 1) AS base,
             DATABASEPROPERTYEX(@database, 'Recovery') AS model, DATABASEPROPERTYEX(@database, 'Status') AS status,
             (SELECT NULLIF(log_backup_time, '1900-01-01') FROM sys.dm_db_log_stats(DB_ID(@database))) AS log_backup_time,
             (SELECT log_since_last_log_backup_mb FROM sys.dm_db_log_stats(DB_ID(@database))) AS megabytes,
             (SELECT is_snapshot FROM msdb.dbo.backupset WHERE checkpoint_lsn =
               (SELECT differential_base_lsn FROM sys.master_files WHERE database_id = DB_ID(@database) AND file_id = 1)
               AND database_name = @database AND [type] = 'D') AS is_snapshot`);
    assert.ok(Number(decision?.['lsn']) > 0 && Number(decision?.['base']) > 0);
    assert.deepEqual([decision?.['model'], decision?.['status'], decision?.['is_snapshot']], ['FULL', 'ONLINE', false]);
    assert.ok(decision?.['log_backup_time'] instanceof Date);
    assert.equal(typeof decision?.['megabytes'], 'number');
  });

  test('a script looks for a feature in sys.all_objects and sys.all_columns before it uses it', async () => {
    const [found] = await rows(`
      SELECT (SELECT COUNT(*) FROM sys.all_objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id
              WHERE s.name = 'sys' AND o.name = 'dm_os_file_exists') AS file_exists,
             (SELECT COUNT(*) FROM sys.all_columns WHERE object_id = OBJECT_ID('sys.databases') AND name = 'is_cdc_enabled') AS cdc,
             (SELECT COUNT(*) FROM sys.all_objects WHERE name = 'no_such_view') AS nothing`);
    assert.deepEqual(found, { file_exists: 1, cdc: 1, nothing: 0 });
  });

  test('a restore that goes on finds where redo starts, from master_files', async () => {
    await pool.request().batch(`
      RESTORE DATABASE shop_copy FROM DISK = N'/var/opt/mssql/data/shop.bak' WITH NORECOVERY,
        MOVE N'shop' TO N'/var/opt/mssql/data/shop_copy.mdf', MOVE N'shop_log' TO N'/var/opt/mssql/data/shop_copy_log.ldf'`);
    const [state] = await rows(`
      SELECT DISTINCT DB_NAME(database_id) AS name, CAST(MIN(redo_start_lsn) AS varchar(25)) AS redo, redo_start_fork_guid AS fork
      FROM master.sys.master_files WHERE redo_start_lsn IS NOT NULL GROUP BY database_id, redo_start_fork_guid`);
    assert.equal(state?.['name'], 'shop_copy');
    assert.match(String(state?.['redo']), /^\d{17}$/);
    const [row] = await rows(
      `SELECT state_desc, collation_name, HAS_DBACCESS(name) AS access FROM sys.databases WHERE name = 'shop_copy'`,
    );
    assert.deepEqual(row, { state_desc: 'RESTORING', collation_name: null, access: 0 });
    await assert.rejects(rows('SELECT * FROM shop_copy.sys.tables'), /middle of a restore/);
    await pool.request().batch('DROP DATABASE shop_copy');
  });

  test('the catalog of a user database, by three-part names', async () => {
    const columns = await rows(`
      SELECT c.name, t.name AS type, c.max_length, c.is_nullable, c.is_identity
      FROM shop.sys.columns AS c JOIN shop.sys.types AS t ON t.user_type_id = c.user_type_id
      WHERE c.object_id = OBJECT_ID('shop.dbo.orders') ORDER BY c.column_id`);
    assert.deepEqual(columns, [
      { name: 'id', type: 'int', max_length: 4, is_nullable: false, is_identity: true },
      { name: 'note', type: 'nvarchar', max_length: 80, is_nullable: true, is_identity: false },
    ]);
    const [count] = await rows(`
      SELECT SUM(p.rows) AS n FROM shop.sys.partitions AS p JOIN shop.sys.tables AS t ON t.object_id = p.object_id
      WHERE t.name = 'orders' AND p.index_id IN (0, 1)`);
    assert.equal(count?.['n'], '3');
    assert.deepEqual(await rows(`SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE FROM shop.INFORMATION_SCHEMA.TABLES`), [
      { TABLE_SCHEMA: 'dbo', TABLE_NAME: 'orders', TABLE_TYPE: 'BASE TABLE' },
    ]);
  });

  test('a temporary table is found by its name and its id, in tempdb', async () => {
    const found = await rows(`
      CREATE TABLE #work (a int, b nvarchar(10));
      SELECT OBJECT_ID('tempdb..#work') AS id, OBJECT_ID('#work') AS here,
             (SELECT COUNT(*) FROM tempdb.sys.columns WHERE object_id = OBJECT_ID('tempdb..#work')) AS columns,
             (SELECT LEFT(name, 6) FROM tempdb.sys.tables WHERE object_id = OBJECT_ID('tempdb..#work')) AS name,
             COL_NAME(OBJECT_ID('tempdb..#work'), 2) AS second`);
    assert.equal(typeof found[0]?.['id'], 'number');
    assert.deepEqual({ ...found[0], id: 0 }, { id: 0, here: null, columns: 2, name: '#work_', second: 'b' });
  });

  test('defaults carry the brackets of the catalog: two pairs around a number, one around text', async () => {
    await pool.request().batch(`
      USE shop;
      CREATE TABLE dbo.defaults (a int CONSTRAINT DF_a DEFAULT 1, b nvarchar(5) DEFAULT (N')'));
      USE master`);
    const found = await rows(`
      SELECT COLUMN_NAME, COLUMN_DEFAULT FROM shop.INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'defaults'
      ORDER BY ORDINAL_POSITION`);
    assert.deepEqual(
      found.map((row) => row['COLUMN_DEFAULT']),
      ['((1))', "(N')')"],
    );
    await pool.request().batch('DROP TABLE shop.dbo.defaults');
  });

  test('every catalog view answers SELECT * with the columns it declares', async () => {
    const views = await rows(`
      SELECT s.name AS s, o.name AS o, o.object_id AS id FROM sys.all_objects AS o
      JOIN sys.schemas AS s ON s.schema_id = o.schema_id WHERE o.type = 'V' AND o.is_ms_shipped = 1`);
    assert.ok(views.length > 80);
    for (const view of views) {
      const columns = await rows(
        `SELECT name FROM sys.all_columns WHERE object_id = ${Number(view['id'])} ORDER BY column_id`,
      );
      const result = await pool.request().query(`SELECT * FROM [${String(view['s'])}].[${String(view['o'])}]`);
      assert.deepEqual(
        Object.values(result.recordset.columns)
          .sort((a, b) => a.index - b.index)
          .map((column) => column.name),
        columns.map((column) => column['name']),
      );
    }
  });

  test('flags, numbers and dates keep their types on the wire', async () => {
    const result = await pool
      .request()
      .query(`SELECT TOP (1) name, database_id, create_date, is_read_only, state, owner_sid FROM sys.databases`);
    const { columns } = result.recordset;
    const typeOf = (name: string): unknown =>
      (columns[name]?.type as unknown as { readonly declaration: string }).declaration;
    assert.deepEqual(['name', 'database_id', 'create_date', 'is_read_only', 'state', 'owner_sid'].map(typeOf), [
      'nvarchar',
      'int',
      'datetime',
      'bit',
      'tinyint',
      'varbinary',
    ]);
    assert.equal(columns['name']?.nullable, false);
    assert.equal(columns['is_read_only']?.nullable, true);
  });

  test('procedures for files make, find, list and delete', async () => {
    const folder = '/var/opt/mssql/data/history/deep';
    const [made] = await rows(`
      DECLARE @code int; EXECUTE @code = master.dbo.xp_create_subdir N'${folder}'; SELECT @code AS code`);
    assert.equal(made?.['code'], 0);
    assert.deepEqual(await rows(`SELECT * FROM sys.dm_os_file_exists(N'${folder}')`), [
      { file_exists: 0, file_is_a_directory: 1, parent_directory_exists: 1 },
    ]);
    await pool.request().batch(`BACKUP DATABASE quiet TO DISK = N'${folder}/quiet.bak'`);
    assert.deepEqual(await rows(`EXEC master.sys.xp_fileexist N'${folder}/quiet.bak'`), [
      { 'File Exists': 1, 'File is a Directory': 0, 'Parent Directory Exists': 1 },
    ]);
    assert.deepEqual(await rows(`EXEC xp_dirtree N'${folder}', 1, 1`), [
      { subdirectory: 'quiet.bak', depth: 1, file: 1 },
    ]);
    await pool.request().batch(`EXEC dbo.xp_delete_file 0, N'${folder}', 'bak', '2001-01-01T00:00:00'`);
    assert.equal((await rows(`EXEC xp_dirtree N'${folder}', 1, 1`)).length, 1);
    await pool.request().batch(`EXEC dbo.xp_delete_file 0, N'${folder}', 'bak', '2101-01-01T00:00:00'`);
    assert.equal((await rows(`EXEC xp_dirtree N'${folder}', 1, 1`)).length, 0);
  });

  test('an application lock is held by a session, waited for, and freed when its connection closes', async () => {
    const first = await server.connect();
    const get = (owner: string, wait: number) =>
      `DECLARE @r int; EXEC @r = sp_getapplock @Resource = N'backup', @LockMode = 'Exclusive', @LockOwner = '${owner}', @LockTimeout = ${wait}; SELECT @r AS r`;
    const held = await first.request().query<{ r: number }>(get('Session', 0));
    assert.equal(held.recordset[0]?.r, 0);
    assert.equal((await rows(get('Session', 0)))[0]?.['r'], -1);
    const waiting = rows(get('Session', 20_000));
    const [blocked] = await until(
      () =>
        rows(`SELECT r.status, r.wait_type, r.blocking_session_id AS blocker, l.request_status
          FROM sys.dm_exec_requests AS r JOIN sys.dm_tran_locks AS l ON l.request_session_id = r.session_id
          WHERE l.resource_type = 'APPLICATION' AND l.request_status = 'WAIT'`),
      (found) => found.length > 0,
    );
    assert.deepEqual(
      [blocked?.['status'], blocked?.['wait_type'], blocked?.['request_status']],
      ['suspended', 'LCK_M_X', 'WAIT'],
    );
    assert.ok(Number(blocked?.['blocker']) > 50);
    await first.close();
    assert.equal((await waiting)[0]?.['r'], 1);
    await pool.request().query(`EXEC sp_releaseapplock N'backup', 'Session'`);
  });

  test('who may back up: principals, roles and permissions of a database', async () => {
    await pool.request().batch(`CREATE LOGIN keeper WITH PASSWORD = 'Keeper-Pass-1'`);
    await pool
      .request()
      .batch(`USE shop; CREATE USER keeper FOR LOGIN keeper; ALTER ROLE db_backupoperator ADD MEMBER keeper`);
    const members = await rows(`
      SELECT m.name AS member FROM shop.sys.database_role_members AS rm
      JOIN shop.sys.database_principals AS r ON r.principal_id = rm.role_principal_id
      JOIN shop.sys.database_principals AS m ON m.principal_id = rm.member_principal_id
      WHERE r.name = 'db_backupoperator'`);
    assert.deepEqual(members, [{ member: 'keeper' }]);
    const keeper = await server.connect({ user: 'keeper', password: 'Keeper-Pass-1' });
    const [may] = (
      await keeper.request().query<Record<string, unknown>>(`
        SELECT HAS_PERMS_BY_NAME(N'shop', 'DATABASE', 'BACKUP DATABASE') AS db, HAS_PERMS_BY_NAME(N'shop', 'DATABASE', 'BACKUP LOG') AS log,
               HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER STATE') AS state, IS_SRVROLEMEMBER('sysadmin') AS admin,
               HAS_DBACCESS('shop') AS shop, HAS_DBACCESS('quiet') AS quiet, SUSER_SNAME() AS me`)
    ).recordset;
    assert.deepEqual(may, { db: 1, log: 1, state: 0, admin: 0, shop: 1, quiet: 0, me: 'keeper' });
    await assert.rejects(keeper.request().query('SELECT * FROM sys.dm_exec_connections'), /does not have permission/);
    assert.equal((await keeper.request().query('SELECT * FROM sys.dm_exec_sessions')).recordset.length, 1);
  });

  test('sp_configure takes effect with RECONFIGURE', async () => {
    await pool.request().batch(`EXEC sp_configure 'backup compression default', 1; RECONFIGURE`);
    const [option] = await rows(`EXEC sp_configure 'backup compression default'`);
    assert.deepEqual([option?.['config_value'], option?.['run_value']], [1, 1]);
    await pool.request().batch(`EXEC sp_configure 'backup compression default', 0; RECONFIGURE`);
  });

  test('sp_delete_database_backuphistory leaves the history of other databases', async () => {
    await pool.request().batch(`BACKUP DATABASE quiet TO DISK = N'/var/opt/mssql/data/quiet.bak'`);
    await pool.request().batch(`EXEC msdb.dbo.sp_delete_database_backuphistory N'quiet'`);
    const left = await rows(`SELECT database_name, COUNT(*) AS n FROM msdb.dbo.backupset GROUP BY database_name`);
    assert.deepEqual(left, [{ database_name: 'shop', n: 2 }]);
    const [media] = await rows(`SELECT COUNT(*) AS n FROM msdb.dbo.backupmediaset`);
    assert.equal(media?.['n'], 2);
  });
});

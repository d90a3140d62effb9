import { startServer } from './system-server.ts';
const server = await startServer();
const pool = await server.connect();
await pool.request().batch('CREATE DATABASE shop');
await pool.request().batch(`USE shop; CREATE TABLE dbo.orders (id int IDENTITY(1,1) NOT NULL PRIMARY KEY, note nvarchar(40) NULL DEFAULT N'x', at datetime2(3), price decimal(10,2), CONSTRAINT UQ_n UNIQUE (note)); INSERT dbo.orders (note) VALUES (N'a'), (N'b'); USE master`);
const queries: string[] = [
`SELECT @@VERSION`,
`EXEC sp_who2`, `EXEC sp_who`, `EXEC sp_helpdb`, `EXEC sp_helpdb 'shop'`, `EXEC shop..sp_spaceused`, `EXEC shop.dbo.sp_spaceused 'orders'`,
`EXEC sp_configure`, `EXEC master..xp_msver`, `EXEC xp_readerrorlog 0, 1, N'Starting'`, `EXEC sp_readerrorlog`,
`DECLARE @d nvarchar(4000); EXEC master.dbo.xp_instance_regread N'HKEY_LOCAL_MACHINE', N'Software\\Microsoft\\MSSQLServer\\MSSQLServer', N'BackupDirectory', @d OUTPUT; SELECT @d AS dir`,
`DECLARE @r int; EXEC master.dbo.xp_fileexist N'/var/opt/mssql/data/master.mdf', @r OUTPUT; SELECT @r AS r`,
`CREATE TABLE #f (e int, d int, p int); INSERT #f EXEC master.dbo.xp_fileexist N'/var/opt/mssql/data/master.mdf'; SELECT * FROM #f`,
`EXEC shop.sys.sp_tables @table_type = "'TABLE'"`, `EXEC shop..sp_columns_100 'orders'`, `EXEC shop.dbo.sp_pkeys 'orders'`,
`SELECT name, is_ms_shipped FROM msdb.sys.tables`,
`SELECT * FROM master.sys.tables`,
`CREATE TABLE #t (a int); SELECT OBJECT_ID('tempdb..#t') AS id, (SELECT COUNT(*) FROM tempdb.sys.columns WHERE object_id = OBJECT_ID('tempdb..#t')) AS n, (SELECT name FROM tempdb.sys.tables WHERE object_id = OBJECT_ID('tempdb..#t')) AS name`,
`SELECT d.name, d.owner_sid, SUSER_SNAME(d.owner_sid) AS owner, DATABASEPROPERTYEX(d.name,'Collation') AS c FROM master.sys.databases d`,
`SELECT r.session_id, r.command, t.text, SUBSTRING(t.text, r.statement_start_offset/2+1, ((CASE r.statement_end_offset WHEN -1 THEN DATALENGTH(t.text) ELSE r.statement_end_offset END - r.statement_start_offset)/2)+1) AS stmt FROM sys.dm_exec_requests r CROSS APPLY sys.dm_exec_sql_text(r.sql_handle) t`,
`SELECT session_id, percent_complete, command FROM sys.dm_exec_requests WHERE command LIKE 'BACKUP%'`,
`SELECT s.session_id, s.login_name, c.net_transport, c.client_net_address FROM sys.dm_exec_sessions s LEFT JOIN sys.dm_exec_connections c ON c.session_id = s.session_id`,
`SELECT ar.replica_server_name, ag.name FROM sys.availability_groups ag JOIN sys.availability_replicas ar ON ar.group_id = ag.group_id`,
`SELECT sys.fn_hadr_backup_is_preferred_replica(N'shop') AS p`,
`SELECT * FROM sys.database_mirroring WHERE database_id = DB_ID(N'shop')`,
`SELECT TOP 3 message_id, text FROM sys.messages WHERE message_id IN (3013, 4322) AND language_id = 1033`,
`SELECT number FROM master.dbo.spt_values WHERE type = 'P' AND number < 3`,
`SELECT * FROM sys.time_zone_info WHERE name = 'SE Asia Standard Time'`,
`SELECT * FROM sys.dm_os_volume_stats(1,1)`,
`SELECT vs.volume_mount_point, vs.available_bytes FROM sys.master_files AS f CROSS APPLY sys.dm_os_volume_stats(f.database_id, f.file_id) AS vs`,
`SELECT name, l.* FROM sys.databases d CROSS APPLY sys.dm_db_log_stats(d.database_id) l`,
`SELECT name FROM sysdatabases`, `SELECT name FROM master..sysdatabases`, `SELECT name FROM shop.dbo.sysobjects WHERE xtype = 'U'`,
`IF EXISTS (SELECT * FROM sys.all_columns c JOIN sys.all_objects o ON c.object_id = o.object_id WHERE o.name = 'dm_db_log_stats' AND c.name = 'log_since_last_log_backup_mb') SELECT 1 AS yes`,
`SELECT HAS_PERMS_BY_NAME('shop', 'DATABASE', 'BACKUP DATABASE') AS a, HAS_PERMS_BY_NAME(null, null, 'VIEW SERVER STATE') AS b`,
`SELECT * FROM fn_my_permissions(NULL, 'SERVER')`, `SELECT * FROM sys.fn_my_permissions('shop', 'DATABASE')`,
`SELECT CURRENT_USER AS a, SYSTEM_USER AS b, USER_NAME() AS c, SUSER_NAME() AS d, ORIGINAL_LOGIN() AS e, HOST_NAME() AS f, APP_NAME() AS g, DB_NAME(NULL) AS h, SCHEMA_NAME() AS i`,
`EXEC sp_set_session_context N'k', N'v'; SELECT SESSION_CONTEXT(N'k') AS v`,
`SET CONTEXT_INFO 0x0102; SELECT CONTEXT_INFO() AS c`,
`EXEC sp_MSforeachdb N'USE [?]; SELECT DB_NAME() AS db'`,
`EXEC sp_addlogin 'lx', 'Passw0rd-lx'; EXEC sp_addsrvrolemember 'lx', 'dbcreator'; SELECT name, type_desc FROM sys.server_principals WHERE name = 'lx'; EXEC sp_helpsrvrolemember 'dbcreator'; EXEC sp_droplogin 'lx'`,
`SELECT SERVERPROPERTY('ProductLevel') AS a, SERVERPROPERTY('ProductUpdateLevel') AS b, SERVERPROPERTY('Edition') AS c, CONVERT(int, SERVERPROPERTY('IsClustered')) AS d, SERVERPROPERTY('Collation') AS e`,
`SELECT cpu_count, sqlserver_start_time FROM sys.dm_os_sys_info`,
`SELECT servicename, status_desc, last_startup_time FROM sys.dm_server_services`,
`SELECT COLUMN_NAME, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, IS_NULLABLE, COLUMN_DEFAULT FROM shop.INFORMATION_SCHEMA.COLUMNS ORDER BY ORDINAL_POSITION`,
`USE shop; EXEC sp_helptext 'nothing'`, `USE shop; EXEC sp_change_users_login 'Report'; USE master`,
`EXEC msdb.dbo.sp_delete_backuphistory '2001-01-01'`,
`EXEC sp_getapplock 'x', 'Bogus'`, `EXEC sp_releaseapplock 'x', 'Session'`,
`BEGIN TRAN; DECLARE @r int; EXEC @r = sp_getapplock 'x', 'Exclusive'; SELECT @r AS r, APPLOCK_MODE('public','x','Transaction') AS m; COMMIT; BEGIN TRAN; SELECT APPLOCK_MODE('public','x','Transaction') AS m; ROLLBACK`,
`SELECT name, SUM(size)*8/1024 AS mb FROM sys.master_files GROUP BY name`,
`SELECT FILEPROPERTY('master','SpaceUsed') AS s, FILE_NAME(1) AS f, FILE_ID('mastlog') AS i`,
`SELECT i.name, i.type_desc, c.name AS col FROM shop.sys.indexes i JOIN shop.sys.index_columns ic ON ic.object_id=i.object_id AND ic.index_id=i.index_id JOIN shop.sys.columns c ON c.object_id=ic.object_id AND c.column_id=ic.column_id`,
`SELECT * FROM sys.dm_os_enumerate_filesystem('/var/opt/mssql/data', '*.mdf') WHERE level = 0`,
`SELECT * FROM sys.configurations WHERE name LIKE 'backup%'`,
`SELECT type, COUNT(*) AS n FROM sys.all_objects GROUP BY type`,
`SELECT object_id FROM sys.dm_db_partition_stats`,
];
for (const text of queries) {
  const request = pool.request();
  const infos: string[] = [];
  request.on('info', (m) => infos.push(`${m.number} ${m.message}`));
  try {
    const result = await request.batch(text);
    console.log('\n>>', text.slice(0, 150));
    for (const set of result.recordsets as any[]) console.log(JSON.stringify(set.slice(0, 3)).slice(0, 900), set.length);
    if (infos.length) console.log('   info', infos);
  } catch (error) {
    const e = error as any;
    console.log('\n>>', text.slice(0, 150), '\n   !!', e.number, e.message, e.precedingErrors?.map((p: any) => `${p.number} ${p.message}`), infos);
  }
}
await server[Symbol.asyncDispose]();

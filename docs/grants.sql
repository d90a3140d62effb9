/*
  Rights of the login that mssql-pitr uses, and no more. Run as sysadmin with sqlcmd:

    sqlcmd -S host -U sa -C -v login="mssql_pitr" password="a strong one" -i docs/grants.sql

  Part 1 is for an instance that is backed up, part 2 for one that receives restores. An instance that a restore makes
  itself is reached as sa, with the password of the source's login.

  Not tried against a real server: whether CREATE ANY DATABASE alone is enough where dbcreator stands below (RESTORE LOG
  of a database that one owns answers 3110 when it is not), and whether the login that restored a database may enter it
  as its owner while the dbo inside still carries the SID of the old owner.
*/
:on error exit

USE master;
GO
IF SUSER_ID(N'$(login)') IS NULL
    CREATE LOGIN [$(login)] WITH PASSWORD = N'$(password)', CHECK_POLICY = ON;
GO

/* ------------------------------------------------------------------------------------------ 1. to back up

  What                              needs                                            Microsoft page
  BACKUP DATABASE, BACKUP LOG       db_backupoperator in every database              BACKUP (Transact-SQL)
  sys.databases,                    VIEW ANY DATABASE, which public has              sys.database_recovery_status
    sys.database_recovery_status
  sys.master_files                  VIEW ANY DEFINITION                              sys.master_files
  who backs up in which run         VIEW SERVER STATE                                sys.dm_exec_sessions
  ending a lost session             ALTER ANY CONNECTION                             KILL (Transact-SQL)
  what has been backed up           SELECT on three tables of msdb                   backupset (Transact-SQL)
  reading the header of a backup    CREATE ANY DATABASE                              RESTORE HEADERONLY (Transact-SQL)
    that msdb did not record
  application locks                 the public role of master                        sp_getapplock (Transact-SQL)
*/
GRANT VIEW ANY DEFINITION TO [$(login)];
GRANT VIEW SERVER STATE TO [$(login)];
GRANT ALTER ANY CONNECTION TO [$(login)];
GRANT CREATE ANY DATABASE TO [$(login)];
GO

USE msdb;
GO
IF USER_ID(N'$(login)') IS NULL
    CREATE USER [$(login)] FOR LOGIN [$(login)];
GRANT SELECT ON dbo.backupset TO [$(login)];
GRANT SELECT ON dbo.backupmediafamily TO [$(login)];
GRANT SELECT ON dbo.backupfile TO [$(login)];
GO

/* Databases that are made from now on are copies of model. */
USE model;
GO
IF USER_ID(N'$(login)') IS NULL
    CREATE USER [$(login)] FOR LOGIN [$(login)];
ALTER ROLE db_backupoperator ADD MEMBER [$(login)];
GO

/* Databases that are there. One that comes from elsewhere (restored, attached) needs the same two statements. */
USE master;
GO
DECLARE @statement nvarchar(max) = N'';
SELECT @statement = @statement + N'USE ' + QUOTENAME(name) + N';
IF USER_ID(N''$(login)'') IS NULL CREATE USER [$(login)] FOR LOGIN [$(login)];
ALTER ROLE db_backupoperator ADD MEMBER [$(login)];
'
  FROM sys.databases
 WHERE database_id > 4 AND state = 0 AND is_read_only = 0 AND source_database_id IS NULL;
EXEC sys.sp_executesql @statement;
GO

/* ------------------------------------------------------------------------------------------ 2. to restore

  What                              needs                                            Microsoft page
  RESTORE of a new database,        dbcreator                                        RESTORE (Transact-SQL)
    dropping it when discarded
  redo point, files                 VIEW ANY DEFINITION (above)                      sys.master_files
  ending a lost session             VIEW SERVER STATE, ALTER ANY CONNECTION (above)  KILL (Transact-SQL)
  DBCC CHECKDB, validations,        the owner of the database, which the login is    DBCC CHECKDB, ALTER USER
    ALTER USER … WITH LOGIN           that restored it
*/
ALTER SERVER ROLE dbcreator ADD MEMBER [$(login)];
GO

import assert from 'node:assert/strict';
import { quoteName, quoteString } from '../../workflows/domain/quoting.ts';
import { hold } from '../support/holds.ts';
import { backup, backupLog, insert, restore } from './statements.ts';
import { contract } from './support.ts';

contract('system-views', [
  {
    name: 'sys.databases tells the recovery model by number and by name',
    source: 'sys.databases (Transact-SQL)',
    async run(site) {
      for (const [model, number] of [
        ['FULL', 1],
        ['BULK_LOGGED', 2],
        ['SIMPLE', 3],
      ] as const) {
        const name = await site.database('model', model);
        assert.deepEqual(
          await site.sa.row(`
            SELECT recovery_model AS n, recovery_model_desc AS model, source_database_id AS source, is_read_only AS readonly,
                   compatibility_level AS level_
            FROM sys.databases WHERE name = ${quoteString(name)}`),
          { n: number, model, source: null, readonly: false, level_: 160 },
        );
      }
    },
  },
  {
    name: 'sys.database_recovery_status names the start of the next log backup',
    source: 'sys.database_recovery_status (Transact-SQL)',
    async run(site) {
      const shop = await site.database('shop');
      const next = async (): Promise<unknown> =>
        (
          await site.sa.row(
            `SELECT CAST(last_log_backup_lsn AS varchar(25)) AS at FROM sys.database_recovery_status WHERE database_id = DB_ID(${quoteString(shop)})`,
          )
        )['at'];
      assert.equal(await next(), null);
      await site.sa.must(backup(shop, site.path('full.bak')));
      await site.sa.must(backupLog(shop, site.path('log.trn')));
      const { last } = await site.sa.row(
        `SELECT CAST(MAX(last_lsn) AS varchar(25)) AS last FROM msdb.dbo.backupset WHERE type = 'L' AND database_name = ${quoteString(shop)}`,
      );
      assert.equal(await next(), last);
    },
  },
  {
    name: 'sys.master_files keeps the differential base, which joins backupset by its checkpoint',
    source: 'sys.master_files (Transact-SQL), differential_base_lsn; maintenance scripts join it so',
    async run(site) {
      const shop = await site.database('shop');
      await site.sa.must(backup(shop, site.path('full.bak')));
      const row = await site.sa.row(`
        SELECT s.type, s.is_snapshot AS snapshot, CASE WHEN f.differential_base_guid = s.backup_set_uuid THEN 1 ELSE 0 END AS same
        FROM sys.master_files AS f JOIN msdb.dbo.backupset AS s ON s.checkpoint_lsn = f.differential_base_lsn AND s.database_name = ${quoteString(shop)}
        WHERE f.database_id = DB_ID(${quoteString(shop)}) AND f.file_id = 1`);
      assert.deepEqual(row, { type: 'D', snapshot: false, same: 1 });
    },
  },
  {
    name: 'sys.master_files lists data and log with their places, also of a RESTORING database',
    source: 'capture of a SQL Server 2022 Linux container; sys.master_files (Transact-SQL)',
    async run(site) {
      const [shop, full] = [await site.database('shop'), site.path('full.bak')];
      await site.sa.must(backup(shop, full));
      const copy = site.name('copy');
      await site.sa.must(restore(copy, full, `NORECOVERY, ${site.moved(shop, copy)}`));
      const rows = await site.sa.rows(`
        SELECT file_id, type_desc, name, physical_name FROM sys.master_files
        WHERE database_id = DB_ID(${quoteString(copy)}) ORDER BY file_id`);
      assert.deepEqual(
        rows.map((row) => Object.values(row)),
        [
          [1, 'ROWS', shop, `${site.folder}/${copy}.mdf`],
          [2, 'LOG', `${shop}_log`, `${site.folder}/${copy}_log.ldf`],
        ],
      );
    },
  },
  {
    name: 'sys.dm_exec_requests shows a backup with its percentage',
    source: 'BACKUP (Transact-SQL), example K',
    needs: 'the control port',
    async run(site) {
      const shop = await site.database('shop');
      await site.inside.control.request('POST', `/databases/${shop}/ballast`, { megabytes: 16 });
      const held = await hold(site.inside.control, { at: 'backup-database', database: shop, atPercent: 50 });
      const client = await site.connect();
      const running = client.start(backup(shop, site.path('full.bak')));
      await held.reached();
      const row = await site.sa.row(`
        SELECT command, percent_complete AS done
        FROM sys.dm_exec_requests WHERE session_id = ${client.spid}`);
      assert.equal(row['command'], 'BACKUP DATABASE');
      const done = Number(row['done']);
      assert.ok(done >= 50 && done < 100, String(done));
      await held.release();
      assert.equal((await running.outcome).code, null);
      assert.deepEqual(await site.sa.rows(`SELECT 1 FROM sys.dm_exec_requests WHERE session_id = ${client.spid}`), []);
    },
  },
  {
    name: 'a log backup and a restore show as BACKUP LOG and RESTORE DATABASE',
    source: 'no source confirms these command names',
    confirmed: false,
    needs: 'the control port',
    async run(site) {
      const [shop, full] = [await site.database('shop'), site.path('full.bak')];
      await site.sa.must(backup(shop, full));
      const copy = site.name('copy');
      for (const [at, database, text, command] of [
        ['backup-log', shop, backupLog(shop, site.path('log.trn')), 'BACKUP LOG'],
        ['restore-database', copy, restore(copy, full, `NORECOVERY, ${site.moved(shop, copy)}`), 'RESTORE DATABASE'],
      ] as const) {
        const held = await hold(site.inside.control, { at, database });
        const client = await site.connect();
        const running = client.start(text);
        await held.reached();
        const row = await site.sa.row(`SELECT command FROM sys.dm_exec_requests WHERE session_id = ${client.spid}`);
        assert.deepEqual(row, { command });
        await held.release();
        assert.equal((await running.outcome).code, null);
      }
    },
  },
  {
    name: 'sys.dm_db_log_stats tells the unprotected log and when it was last backed up',
    source: 'sys.dm_db_log_stats (Transact-SQL)',
    async run(site) {
      const shop = await site.database('shop');
      await site.sa.must(backup(shop, site.path('full.bak')));
      await site.sa.must(backupLog(shop, site.path('log.trn')));
      await site.sa.must(insert(shop, 'unprotected'));
      const row = await site.sa.row(`
        SELECT recovery_model AS model, log_since_last_log_backup_mb AS mb,
               CASE WHEN log_backup_time > '2020-01-01' THEN 1 ELSE 0 END AS taken
        FROM sys.dm_db_log_stats(DB_ID(${quoteString(shop)}))`);
      assert.deepEqual([row['model'], row['taken']], ['FULL', 1]);
      assert.ok(Number(row['mb']) > 0);
    },
  },
  {
    name: 'sys.dm_os_file_exists tells files, folders and parents apart',
    source: 'maintenance scripts use it on Linux; sys.dm_os_file_exists',
    async run(site) {
      const path = site.path('full.bak');
      await site.sa.must(backup(await site.database('shop'), path));
      const of = async (place: string): Promise<unknown[]> =>
        Object.values(
          await site.sa.row(
            `SELECT CAST(file_exists AS int) AS f, CAST(file_is_a_directory AS int) AS d, CAST(parent_directory_exists AS int) AS p FROM sys.dm_os_file_exists(${quoteString(place)})`,
          ),
        );
      assert.deepEqual(await of(path), [1, 0, 1]);
      assert.deepEqual(await of(site.folder), [0, 1, 1]);
      assert.deepEqual(await of(`${site.folder}/none.bak`), [0, 0, 1]);
    },
  },
  {
    name: 'xp_create_subdir makes a folder of any depth, and again without complaint',
    source: 'maintenance scripts call it before every backup, on Linux too',
    async run(site) {
      const deep = `${site.folder}/a/b`;
      for (let i = 0; i < 2; i += 1) await site.sa.must(`EXEC master.dbo.xp_create_subdir ${quoteString(deep)}`);
      const found = await site.sa.row(
        `SELECT CAST(file_is_a_directory AS int) AS there FROM sys.dm_os_file_exists(${quoteString(deep)})`,
      );
      assert.deepEqual(found, { there: 1 });
    },
  },
  {
    name: 'DB_ID of msdb is 4, and system databases are online',
    source: 'capture of a SQL Server 2022 Linux container',
    async run(site) {
      const rows = await site.sa.rows(
        'SELECT name, database_id AS id, state FROM sys.databases WHERE database_id <= 4 ORDER BY database_id',
      );
      assert.deepEqual(
        rows.map((row) => Object.values(row)),
        [
          ['master', 1, 0],
          ['tempdb', 2, 0],
          ['model', 3, 0],
          ['msdb', 4, 0],
        ],
      );
    },
  },
  {
    name: 'DBCC CHECKDB WITH NO_INFOMSGS of a sound database says nothing',
    source: 'DBCC CHECKDB (Transact-SQL)',
    async run(site) {
      const shop = await site.database('shop');
      assert.deepEqual((await site.sa.must(`DBCC CHECKDB (${quoteName(shop)}) WITH NO_INFOMSGS`)).said, []);
    },
  },
  {
    name: 'log_reuse_wait of a FULL database with unsaved log is LOG_BACKUP',
    source: 'sys.databases (Transact-SQL), log_reuse_wait',
    confirmed: false,
    async run(site) {
      const shop = await site.database('shop');
      await site.sa.must(backup(shop, site.path('full.bak')));
      await site.sa.must(insert(shop, 'unsaved'));
      assert.deepEqual(
        await site.sa.row(
          `SELECT log_reuse_wait AS n, log_reuse_wait_desc AS why FROM sys.databases WHERE name = ${quoteString(shop)}`,
        ),
        { n: 2, why: 'LOG_BACKUP' },
      );
    },
  },
]);

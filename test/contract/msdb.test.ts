import assert from 'node:assert/strict';
import { quoteName, quoteString } from '../../workflows/domain/quoting.ts';
import { assertFailed } from './expect.ts';
import { noDatabase, terminating } from './messages.ts';
import { about, backup, backupLog, insert, restore, restoreLog } from './statements.ts';
import { contract } from './support.ts';

const captured = 'capture of a SQL Server 2022 Linux container';

const backupset = `backup_set_id int, backup_set_uuid uniqueidentifier, media_set_id int, first_family_number tinyint,
first_media_number smallint, last_family_number tinyint, last_media_number smallint, catalog_family_number tinyint,
catalog_media_number smallint, position int, expiration_date datetime, software_vendor_id int, name nvarchar, description nvarchar,
user_name nvarchar, software_major_version tinyint, software_minor_version tinyint, software_build_version smallint,
time_zone smallint, mtf_minor_version tinyint, first_lsn numeric, last_lsn numeric, checkpoint_lsn numeric,
database_backup_lsn numeric, database_creation_date datetime, backup_start_date datetime, backup_finish_date datetime,
type char, sort_order smallint, code_page smallint, compatibility_level tinyint, database_version int, backup_size numeric,
database_name nvarchar, server_name nvarchar, machine_name nvarchar, flags int, unicode_locale int, unicode_compare_style int,
collation_name nvarchar, is_password_protected bit, recovery_model nvarchar, has_bulk_logged_data bit, is_snapshot bit,
is_readonly bit, is_single_user bit, has_backup_checksums bit, is_damaged bit, begins_log_chain bit,
has_incomplete_metadata bit, is_force_offline bit, is_copy_only bit, first_recovery_fork_guid uniqueidentifier,
last_recovery_fork_guid uniqueidentifier, fork_point_lsn numeric, database_guid uniqueidentifier, family_guid uniqueidentifier,
differential_base_lsn numeric, differential_base_guid uniqueidentifier, compressed_backup_size numeric, key_algorithm nvarchar,
encryptor_thumbprint varbinary, encryptor_type nvarchar, last_valid_restore_time datetime, compression_algorithm nvarchar`;

const restorehistory = `restore_history_id int, restore_date datetime, destination_database_name nvarchar, user_name nvarchar,
backup_set_id int, restore_type char, replace bit, recovery bit, restart bit, stop_at datetime, device_count tinyint,
stop_at_mark_name nvarchar, stop_before bit`;

const listOf = (text: string): string[] => text.split(',').map((column) => column.trim());

contract('msdb', [
  {
    name: 'backupset and restorehistory have the columns and types of 2022',
    source: `${captured}; backupset (Transact-SQL); restorehistory (Transact-SQL)`,
    async run(site) {
      for (const [table, columns] of [
        ['backupset', backupset],
        ['restorehistory', restorehistory],
      ] as const) {
        const rows = await site.sa.rows(`
          SELECT c.name, t.name AS type FROM msdb.sys.columns AS c JOIN msdb.sys.types AS t ON t.user_type_id = c.user_type_id
          WHERE c.object_id = OBJECT_ID(N'msdb.dbo.${table}') ORDER BY c.column_id`);
        const found = rows.map((row) => `${String(row['name'])} ${String(row['type'])}`);
        for (const column of listOf(columns)) assert.ok(found.includes(column), `${table}: ${column}`);
      }
    },
  },
  {
    name: 'each kind has its letter, its position and its times in order',
    source: 'backupset (Transact-SQL), type',
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('kinds.bak')];
      await site.sa.must(backup(shop, path, "NAME = N'base', CHECKSUM"));
      await site.sa.must(backup(shop, path, 'DIFFERENTIAL'));
      await site.sa.must(backupLog(shop, path));
      const rows = await site.sa.rows(`
        SELECT type, position, name, has_backup_checksums AS checks, is_copy_only, recovery_model,
               CASE WHEN backup_start_date <= backup_finish_date THEN 1 ELSE 0 END AS ordered,
               CASE WHEN last_valid_restore_time IS NULL THEN 0 ELSE 1 END AS valid
        FROM msdb.dbo.backupset WHERE database_name = ${quoteString(shop)} ORDER BY backup_set_id`);
      assert.deepEqual(
        rows.map((row) => Object.values(row)),
        [
          ['D', 1, 'base', true, false, 'FULL', 1, 0],
          ['I', 2, null, false, false, 'FULL', 1, 0],
          ['L', 3, null, false, false, 'FULL', 1, 1],
        ],
      );
    },
  },
  {
    name: 'the sets of one file share a media set; its family names the file, as a disk',
    source: `${captured}; backupmediafamily (Transact-SQL)`,
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('shared.bak')];
      await site.sa.must(backup(shop, path));
      await site.sa.must(backup(shop, path));
      const rows = await site.sa.rows(`
        SELECT s.media_set_id AS media, f.physical_device_name AS path, f.device_type AS type, f.family_sequence_number AS n,
               f.physical_block_size AS block, f.mirror, m.software_name AS software, m.media_family_count AS families
        FROM msdb.dbo.backupset AS s JOIN msdb.dbo.backupmediafamily AS f ON f.media_set_id = s.media_set_id
        JOIN msdb.dbo.backupmediaset AS m ON m.media_set_id = s.media_set_id
        WHERE s.database_name = ${quoteString(shop)} ORDER BY s.backup_set_id`);
      assert.equal(rows.length, 2);
      assert.equal(rows[0]?.['media'], rows[1]?.['media']);
      const { media: _, ...family } = rows[0] ?? {};
      assert.deepEqual(family, {
        path,
        type: 2,
        n: 1,
        block: 4096,
        mirror: 0,
        software: 'Microsoft SQL Server',
        families: 1,
      });
    },
  },
  {
    name: 'backupfile lists the data and the log file',
    source: `${captured}; backupfile (Transact-SQL)`,
    async run(site) {
      const shop = await site.database('shop');
      await site.sa.must(backup(shop, site.path('full.bak')));
      const rows = await site.sa.rows(`
        SELECT f.file_type AS type, f.logical_name AS name, f.physical_drive AS drive, f.state_desc AS state, f.page_size AS page
        FROM msdb.dbo.backupfile AS f JOIN msdb.dbo.backupset AS s ON s.backup_set_id = f.backup_set_id
        WHERE s.database_name = ${quoteString(shop)} ORDER BY f.file_number`);
      assert.deepEqual(
        rows.map((row) => [row['type'], row['name'], row['drive'], row['state']]),
        [
          ['D', shop, 'C:\\', 'ONLINE'],
          ['L', `${shop}_log`, 'C:\\', 'ONLINE'],
        ],
      );
    },
  },
  {
    name: 'restorehistory has a row for each restore with its set, letter and options; restorefile says where to',
    source: 'restorehistory (Transact-SQL); restorefile (Transact-SQL)',
    async run(site) {
      const [shop, full, log] = [await site.database('shop'), site.path('full.bak'), site.path('log.trn')];
      await site.sa.must(backup(shop, full));
      await site.sa.must(insert(shop, 'one'));
      await site.sa.must(backupLog(shop, log));
      const copy = site.name('copy');
      await site.sa.must(restore(copy, full, `NORECOVERY, REPLACE, ${site.moved(shop, copy)}`));
      await site.sa.must(restoreLog(copy, log, 'RECOVERY'));
      const rows = await site.sa.rows(`
        SELECT h.restore_type AS type, s.type AS of_, s.database_name AS source, h.replace, h.recovery, h.stop_at, h.device_count AS n
        FROM msdb.dbo.restorehistory AS h JOIN msdb.dbo.backupset AS s ON s.backup_set_id = h.backup_set_id
        WHERE h.destination_database_name = ${quoteString(copy)} ORDER BY h.restore_history_id`);
      assert.deepEqual(
        rows.map((row) => Object.values(row)),
        [
          ['D', 'D', shop, true, false, null, 1],
          ['L', 'L', shop, false, true, null, 1],
        ],
      );
      const files = await site.sa.rows(`
        SELECT f.destination_phys_name AS path FROM msdb.dbo.restorefile AS f
        JOIN msdb.dbo.restorehistory AS h ON h.restore_history_id = f.restore_history_id
        WHERE h.destination_database_name = ${quoteString(copy)} ORDER BY f.file_number`);
      assert.deepEqual(
        files.map((file) => file['path']),
        [`${site.folder}/${copy}.mdf`, `${site.folder}/${copy}_log.ldf`],
      );
    },
  },
  {
    name: 'a backup that failed leaves no row',
    source: 'backupset (Transact-SQL): a row for each backup set that succeeded',
    async run(site) {
      const [shop, none] = [await site.database('shop'), site.name('none')];
      await site.sa.run(backup(shop, `${site.folder}/nodir/x.bak`));
      assertFailed(
        await site.sa.run(backup(none, site.path('x.bak'))),
        noDatabase(none),
        terminating('BACKUP DATABASE'),
      );
      assert.deepEqual(
        await site.sa.rows(
          `SELECT backup_set_id FROM msdb.dbo.backupset WHERE database_name IN (${quoteString(shop)}, ${quoteString(none)})`,
        ),
        [],
      );
    },
  },
  {
    name: 'LSNs are numeric(25,0): as text they keep their digits, which the driver alone would round',
    source: 'tedious value-parser: readNumeric returns a JavaScript number',
    async run(site) {
      const shop = await site.database('shop');
      await site.sa.must(backup(shop, site.path('full.bak')));
      const row = await site.sa.row(`
        SELECT first_lsn AS raw, CAST(first_lsn AS varchar(25)) AS text_ FROM msdb.dbo.backupset
        WHERE database_name = ${quoteString(shop)}`);
      assert.equal(typeof row['raw'], 'number');
      assert.match(String(row['text_']), /^\d+$/);
      assert.ok(String(row['text_']).length >= 16);
      assert.ok(Math.abs(Number(BigInt(String(row['text_']))) - Number(row['raw'])) <= 16);
    },
  },
  {
    name: 'history is committed when the statement has ended, and another session sees it',
    source: 'BACKUP (Transact-SQL), "Metadata"',
    async run(site) {
      const shop = await site.database('shop');
      const other = await site.connect();
      await site.sa.must(backup(shop, site.path('full.bak')));
      const { n } = await other.row(
        `SELECT COUNT(*) AS n FROM msdb.dbo.backupset WHERE database_name = ${quoteString(shop)}`,
      );
      assert.equal(n, 1);
    },
  },
  {
    name: 'history of a dropped database stays until it is deleted by name',
    source: 'sp_delete_database_backuphistory (Transact-SQL)',
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('full.bak')];
      await site.sa.must(backup(shop, path));
      await site.sa.must(`DROP DATABASE ${quoteName(shop)}`);
      const count = async (): Promise<unknown> =>
        (await site.sa.row(`SELECT COUNT(*) AS n FROM msdb.dbo.backupset WHERE database_name = ${quoteString(shop)}`))[
          'n'
        ];
      assert.equal(await count(), 1);
      await site.sa.must(`EXEC msdb.dbo.sp_delete_database_backuphistory @database_name = ${quoteString(shop)}`);
      assert.equal(await count(), 0);
      assert.equal((await site.sa.rows(about('HEADERONLY', path))).length, 1, 'the file knows it still');
    },
  },
]);

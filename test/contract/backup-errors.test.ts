import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { quoteName, quoteString } from '../../workflows/domain/quoting.ts';
import { hold } from '../support/holds.ts';
import { assertFailed, error, info } from './expect.ts';
import { cannotOpen, denied, inRestore, inTransaction, noDatabase, succeeded, terminating } from './messages.ts';
import { about, backup, backupLog, insert, restore } from './statements.ts';
import { contract } from './support.ts';

const captured = 'capture of a SQL Server 2022 Linux container';

contract('backup-errors', [
  {
    name: 'an unknown database: 911, then 3013',
    source: captured,
    async run(site) {
      const path = site.path('x.bak');
      const none = site.name('none');
      assertFailed(await site.sa.run(backup(none, path)), noDatabase(none), terminating('BACKUP DATABASE'));
      assertFailed(await site.sa.run(backupLog(none, path)), noDatabase(none), terminating('BACKUP LOG'));
    },
  },
  {
    name: 'the driver rejects with 3013 and keeps the cause before it',
    source: 'mssql, tedious/request.js: precedingErrors',
    async run(site) {
      const { cause } = await site.sa.run(backup(site.name('none'), site.path('x.bak')));
      assert.equal(cause?.number, 3013);
      assert.equal(cause?.code, 'EREQUEST');
      assert.deepEqual(
        cause?.precedingErrors?.map(({ number }) => number),
        [911],
      );
    },
  },
  {
    name: 'no backup within a transaction: 3021, and the transaction stays open',
    source: captured,
    async run(site) {
      const shop = await site.database('shop');
      const client = await site.connect();
      assertFailed(
        await client.run(`BEGIN TRANSACTION; ${backup(shop, site.path('x.bak'))}`),
        inTransaction,
        terminating('BACKUP DATABASE'),
      );
      assert.deepEqual(await client.row('SELECT @@TRANCOUNT AS n'), { n: 1 });
      assertFailed(await client.run(backupLog(shop, site.path('x.trn'))), inTransaction, terminating('BACKUP LOG'));
      await client.must('ROLLBACK');
    },
  },
  {
    name: 'a failed backup does not end its batch',
    source: captured,
    async run(site) {
      const table = site.name('after');
      const outcome = await site.sa.run(
        `${backup(site.name('none'), site.path('x.bak'))}; CREATE TABLE tempdb.dbo.${quoteName(table)} (n int)`,
      );
      assert.equal(outcome.code, 'EREQUEST');
      assert.deepEqual(
        await site.sa.row(`SELECT OBJECT_ID(N'tempdb.dbo.${table}') - OBJECT_ID(N'tempdb.dbo.${table}') AS there`),
        {
          there: 0,
        },
      );
      await site.sa.must(`DROP TABLE tempdb.dbo.${quoteName(table)}`);
    },
  },
  {
    name: 'no log backup in the SIMPLE recovery model: 4208',
    source: captured,
    async run(site) {
      const plain = await site.database('plain', 'SIMPLE');
      await site.sa.must(backup(plain, site.path('full.bak')));
      assertFailed(
        await site.sa.run(backupLog(plain, site.path('x.trn'))),
        error(
          4208,
          1,
          'The statement BACKUP LOG is not allowed while the recovery model is SIMPLE. Use BACKUP DATABASE or change the recovery model using ALTER DATABASE.',
        ),
        terminating('BACKUP LOG'),
      );
    },
  },
  {
    name: 'no log backup before the first full: 4214',
    source: 'observed on Linux; BACKUP (Transact-SQL)',
    async run(site) {
      const shop = await site.database('shop');
      assertFailed(
        await site.sa.run(backupLog(shop, site.path('x.trn'))),
        error(4214, 1, 'BACKUP LOG cannot be performed because there is no current database backup.'),
        terminating('BACKUP LOG'),
      );
    },
  },
  {
    name: 'no differential before the first full: 3035, and a copy-only full is no base',
    source: 'observed on SQL Server 2022; Copy-Only Backups',
    async run(site) {
      const shop = await site.database('shop');
      await site.sa.must(backup(shop, site.path('copy.bak'), 'COPY_ONLY'));
      assertFailed(
        await site.sa.run(backup(shop, site.path('x.bak'), 'DIFFERENTIAL')),
        error(
          3035,
          1,
          `Cannot perform a differential backup for database "${shop}", because a current database backup does not exist. Perform a full database backup by reissuing BACKUP DATABASE, omitting the WITH DIFFERENTIAL option.`,
        ),
        terminating('BACKUP DATABASE'),
      );
    },
  },
  {
    name: 'a folder that does not exist is "access denied" on Linux: 3201 with error 5',
    source: captured,
    async run(site) {
      const shop = await site.database('shop');
      const path = `${site.folder}/nodir/x.bak`;
      assertFailed(await site.sa.run(backup(shop, path)), cannotOpen(path, 1, denied), terminating('BACKUP DATABASE'));
    },
  },
  {
    name: 'a file that a database uses is no device: 3201 with error 32',
    source: 'derived from a capture; Operating system error 32',
    confirmed: false,
    async run(site) {
      const shop = await site.database('shop');
      const { physical } = await site.sa.row(
        `SELECT physical_name AS physical FROM sys.master_files WHERE database_id = DB_ID(${quoteString(shop)}) AND file_id = 1`,
      );
      assertFailed(
        await site.sa.run(backup(shop, String(physical), 'FORMAT')),
        cannotOpen(
          String(physical),
          1,
          '32(The process cannot access the file because it is being used by another process.)',
        ),
        terminating('BACKUP DATABASE'),
      );
    },
  },
  {
    name: 'an unknown option is a syntax error of severity 15 without 3013',
    source: captured,
    async run(site) {
      const shop = await site.database('shop');
      assertFailed(
        await site.sa.run(backup(shop, site.path('x.bak'), 'BOGUS')),
        error(155, 1, "'BOGUS' is not a recognized BACKUP option.", 15),
      );
    },
  },
  {
    name: 'a database in the middle of a restore has no backup: 927',
    source: 'observed, pasted message of BACKUP DATABASE; sys.messages',
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('full.bak')];
      await site.sa.must(backup(shop, path));
      const copy = site.name('copy');
      await site.sa.must(restore(copy, path, `NORECOVERY, ${site.moved(shop, copy)}`));
      assertFailed(
        await site.sa.run(backup(copy, site.path('x.bak'))),
        inRestore(copy),
        terminating('BACKUP DATABASE'),
      );
    },
  },
  {
    name: 'a database in standby has no backup: 3036',
    source: 'sys.messages',
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('full.bak')];
      await site.sa.must(backup(shop, path));
      const copy = site.name('copy');
      await site.sa.must(restore(copy, path, `STANDBY = ${quoteString(site.path('undo'))}, ${site.moved(shop, copy)}`));
      assertFailed(
        await site.sa.run(backup(copy, site.path('x.bak'))),
        error(
          3036,
          undefined,
          `The database "${copy}" is in warm-standby state (set by executing RESTORE WITH STANDBY) and cannot be backed up until the entire restore sequence is completed.`,
        ),
        terminating('BACKUP DATABASE'),
      );
    },
  },
  {
    name: 'an offline database has no backup: 942',
    source: 'sys.messages',
    async run(site) {
      const shop = await site.database('shop');
      await site.sa.must(`ALTER DATABASE ${quoteName(shop)} SET OFFLINE WITH ROLLBACK IMMEDIATE`);
      assertFailed(
        await site.sa.run(backup(shop, site.path('x.bak'))),
        error(942, undefined, `Database '${shop}' cannot be opened because it is offline.`, 14),
        terminating('BACKUP DATABASE'),
      );
      await site.sa.must(`ALTER DATABASE ${quoteName(shop)} SET ONLINE`);
    },
  },
  {
    name: 'tempdb has no backup: 3147',
    source: 'sys.messages',
    async run(site) {
      assertFailed(
        await site.sa.run(backup('tempdb', site.path('x.bak'))),
        error(3147, undefined, 'Backup and restore operations are not allowed on database tempdb.'),
        terminating('BACKUP DATABASE'),
      );
    },
  },
  {
    name: 'a logical device that nobody made: 3206',
    source: 'sys.messages',
    async run(site) {
      const [shop, device] = [await site.database('shop'), site.name('device')];
      assertFailed(
        await site.sa.run(`BACKUP DATABASE ${quoteName(shop)} TO ${quoteName(device)}`),
        error(
          3206,
          undefined,
          `Backup device '${device}' does not exist. To view existing backup devices, use the sys.backup_devices catalog view. To create a new backup device use either sp_addumpdevice or SQL Server Management Studio.`,
        ),
        terminating('BACKUP DATABASE'),
      );
    },
  },
  {
    name: 'a login without a user in the database is refused: 916 or 262, then 3013',
    source: 'observed on a live server; sys.messages',
    async run(site) {
      const shop = await site.database('shop');
      const client = await site.connect(await site.login('outsider'));
      const { errors } = await client.run(backup(shop, site.path('x.bak')));
      assert.ok([916, 262].includes(errors[0]?.number ?? 0), JSON.stringify(errors));
      assert.equal(errors[0]?.severity, 14);
      assert.equal(errors.at(-1)?.number, 3013);
    },
  },
  {
    name: 'a user without the right to back up: 262 of severity 14',
    source: 'observed on a live server; BACKUP (Transact-SQL), "Permissions"',
    async run(site) {
      const shop = await site.database('shop');
      const login = await site.login('reader');
      await site.sa.must(
        `USE ${quoteName(shop)}; CREATE USER ${quoteName(login.user)} FOR LOGIN ${quoteName(login.user)}; USE master`,
      );
      const client = await site.connect(login);
      assertFailed(
        await client.run(backup(shop, site.path('x.bak'))),
        error(262, 1, `BACKUP DATABASE permission denied in database '${shop}'.`, 14),
        terminating('BACKUP DATABASE'),
      );
      await site.sa.must(
        `USE ${quoteName(shop)}; ALTER ROLE db_backupoperator ADD MEMBER ${quoteName(login.user)}; USE master`,
      );
      const { infos } = await client.must(backup(shop, site.path('x.bak')));
      assert.equal(infos.at(-1)?.number, 3014);
    },
  },
  {
    name: 'compression cannot be asked for on media that began without it: 3098',
    source: 'BACKUP (Transact-SQL), "COMPRESSION"; sys.messages',
    confirmed: false,
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('media.bak')];
      await site.sa.must(backup(shop, path, 'NO_COMPRESSION'));
      const { errors } = await site.sa.run(backup(shop, path, 'COMPRESSION'));
      assert.deepEqual(
        errors.map(({ number }) => number),
        [3098, 3013],
      );
    },
  },
  {
    name: 'a file that is no backup is only overwritten WITH FORMAT: 3241',
    source: 'derived from a capture; BACKUP (Transact-SQL), "FORMAT"',
    confirmed: false,
    needs: 'access to its files',
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('text.bak')];
      await writeFile(site.inside.hostPath(path), 'this is a text\n'.repeat(5000), { mode: 0o666 });
      assertFailed(
        await site.sa.run(backup(shop, path)),
        error(
          3241,
          undefined,
          `The media family on device '${path}' is incorrectly formed. SQL Server cannot process this media family.`,
        ),
        terminating('BACKUP DATABASE'),
      );
      await site.sa.must(backup(shop, path, 'FORMAT'));
    },
  },
  {
    name: 'a full disk: 3202 with error 112, and no history',
    source: 'Windows example of the 3013 page; its Linux text is not known',
    confirmed: false,
    needs: 'the control port',
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('full.bak')];
      const { control } = site.inside;
      const { id } = (await control.request('POST', '/faults', { kind: 'full', prefix: path, afterBytes: 8192 })) as {
        id: string;
      };
      assertFailed(
        await site.sa.run(backup(shop, path)),
        error(3202, 1, `Write on "${path}" failed: 112(There is not enough space on the disk.)`),
        terminating('BACKUP DATABASE'),
      );
      await control.request('DELETE', `/faults/${id}`);
      assert.deepEqual(
        await site.sa.rows(`SELECT backup_set_id FROM msdb.dbo.backupset WHERE database_name = ${quoteString(shop)}`),
        [],
      );
    },
  },
  {
    name: 'two data backups of one database are serialized: 3023 after the lock timeout, while a log backup runs beside',
    source: 'MSSQLSERVER_3023; BACKUP (Transact-SQL), "Interoperability"',
    confirmed: false,
    needs: 'the control port',
    async run(site) {
      const shop = await site.database('shop');
      await site.sa.must(backup(shop, site.path('full.bak')));
      const held = await hold(site.inside.control, { at: 'backup-database', database: shop });
      const first = await site.connect();
      const running = first.start(backup(shop, site.path('slow.bak')));
      await held.reached();
      assertFailed(
        await site.sa.run(`SET LOCK_TIMEOUT 50; ${backup(shop, site.path('x.bak'), 'DIFFERENTIAL')}`),
        error(
          3023,
          2,
          'Backup, file manipulation operations (such as ALTER DATABASE ADD FILE) and encryption changes on a database must be serialized. Reissue the statement after the current backup or file manipulation operation is completed.',
        ),
        terminating('BACKUP DATABASE'),
      );
      await site.sa.must('SET LOCK_TIMEOUT -1');
      await site.sa.must(insert(shop, 'beside'));
      const log = await site.sa.must(backupLog(shop, site.path('beside.trn')));
      assert.equal(log.infos.at(-1)?.number, 3014);
      await held.release();
      assert.equal((await running.outcome).infos.at(-1)?.number, 3014);
    },
  },
  {
    name: 'a damaged set fails VERIFYONLY WITH CHECKSUM, ending with VERIFY DATABASE',
    source: 'MSSQLSERVER_3013; RESTORE VERIFYONLY (Transact-SQL)',
    needs: 'the control port',
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('full.bak')];
      const { control } = site.inside;
      await control.request('POST', `/databases/${shop}/ballast`, { megabytes: 4 });
      const { id } = (await control.request('POST', '/faults', { kind: 'corrupt', prefix: path, afterBytes: 2e6 })) as {
        id: string;
      };
      await site.sa.must(backup(shop, path, 'CHECKSUM'));
      await control.request('DELETE', `/faults/${id}`);
      const { errors } = await site.sa.run(about('VERIFYONLY', path, 'CHECKSUM'));
      assert.deepEqual(
        errors.at(-1),
        { number: 3013, severity: 16, state: 1, text: 'VERIFY DATABASE is terminating abnormally.' },
        JSON.stringify(errors),
      );
      assert.ok(errors.length >= 2);
    },
  },
  {
    name: 'a backup after a failed one is whole',
    source: 'BACKUP (Transact-SQL)',
    async run(site) {
      const shop = await site.database('shop');
      await site.sa.run(backup(shop, `${site.folder}/nodir/x.bak`));
      const path = site.path('good.bak');
      const { said } = await site.sa.must(backup(shop, path));
      assert.equal(
        said.at(-1)?.text.startsWith('BACKUP DATABASE successfully'),
        true,
        succeeded('BACKUP DATABASE').text,
      );
      const valid = await site.sa.must(about('VERIFYONLY', path));
      assert.equal(valid.said[0]?.number, info(3262, '').number);
    },
  },
]);

import assert from 'node:assert/strict';
import { quoteName, quoteString } from '../../workflows/domain/quoting.ts';
import { assertFailed, error } from './expect.ts';
import { cannotOpen, inTransaction, needsMove, noDatabase, notFound, planning, terminating } from './messages.ts';
import type { Site } from './site.ts';
import { about, backup, backupLog, insert, recover, restore, restoreLog } from './statements.ts';
import { contract } from './support.ts';

const captured = 'capture of a SQL Server 2022 Linux container';
const texts = 'sys.messages of SQL Server 2022';

interface Backed {
  readonly shop: string;
  readonly full: string;
}

/** A database with one full backup. */
async function backed(site: Site): Promise<Backed> {
  const [shop, full] = [await site.database('shop'), site.path('full.bak')];
  await site.sa.must(backup(shop, full));
  return { shop, full };
}

contract('restore-errors', [
  {
    name: 'a source that does not exist: 3201 with state 2 and error 2',
    source: captured,
    async run(site) {
      const path = site.path('nope.bak');
      const copy = site.name('copy');
      assertFailed(
        await site.sa.run(restore(copy, path)),
        cannotOpen(path, 2, notFound),
        terminating('RESTORE DATABASE'),
      );
    },
  },
  {
    name: 'what asks about a missing file ends with its own name: HEADERONLY, FILELIST, VERIFY DATABASE',
    source: `${captured}; MSSQLSERVER_3013`,
    async run(site) {
      const path = site.path('nope.bak');
      const missing = cannotOpen(path, 2, notFound);
      assertFailed(await site.sa.run(about('HEADERONLY', path)), missing, terminating('RESTORE HEADERONLY'));
      assertFailed(await site.sa.run(about('FILELISTONLY', path)), missing, terminating('RESTORE FILELIST'));
      assertFailed(await site.sa.run(about('VERIFYONLY', path)), missing, terminating('VERIFY DATABASE'));
    },
  },
  {
    name: 'files where another database lies: 1834 and 3156 for each, 3119, 3013',
    source: captured,
    async run(site) {
      const { shop, full } = await backed(site);
      const copy = site.name('copy');
      const files = await site.sa.rows(about('FILELISTONLY', full));
      const [data, log] = files.map((file) => String(file['PhysicalName']));
      assertFailed(
        await site.sa.run(restore(copy, full, 'NORECOVERY')),
        ...needsMove(shop, shop, String(data)),
        ...needsMove(shop, `${shop}_log`, String(log)),
        planning,
        terminating('RESTORE DATABASE'),
      );
      assert.deepEqual(await site.sa.rows(`SELECT name FROM sys.databases WHERE name = ${quoteString(copy)}`), []);
    },
  },
  {
    name: 'MOVE of a file that the backup does not have names the target: 3234',
    source: captured,
    async run(site) {
      const { full } = await backed(site);
      const copy = site.name('copy');
      assertFailed(
        await site.sa.run(restore(copy, full, `MOVE N'nope' TO ${quoteString(site.path('x.mdf'))}`)),
        error(
          3234,
          2,
          `Logical file 'nope' is not part of database '${copy}'. Use RESTORE FILELISTONLY to list the logical file names.`,
        ),
        terminating('RESTORE DATABASE'),
      );
    },
  },
  {
    name: 'a place that is no folder: 5133 and 3156 for the file, 3119, 3013',
    source: 'Migrate a SQL Server database from Windows to Linux using backup and restore',
    async run(site) {
      const { shop, full } = await backed(site);
      const [copy, place] = [site.name('copy'), 'Z:\\data\\shop.mdf'];
      const { errors } = await site.sa.run(
        restore(
          copy,
          full,
          `MOVE ${quoteString(shop)} TO ${quoteString(place)}, MOVE ${quoteString(`${shop}_log`)} TO ${quoteString(site.path('x.ldf'))}`,
        ),
      );
      assert.deepEqual(
        errors.map(({ number }) => number),
        [5133, 3156, 3119, 3013],
      );
      assert.equal(
        errors[0]?.text,
        `Directory lookup for the file "${place}" failed with the operating system error 2(The system cannot find the file specified.).`,
      );
    },
  },
  {
    name: 'a backup of another family: 3154 with state 4; REPLACE goes over it',
    source: captured,
    async run(site) {
      const { shop, full } = await backed(site);
      const other = await site.database('other', 'SIMPLE');
      assertFailed(
        await site.sa.run(restore(other, full, site.moved(shop, site.name('moved')))),
        error(3154, 4, `The backup set holds a backup of a database other than the existing '${other}' database.`),
        terminating('RESTORE DATABASE'),
      );
      await site.sa.must(insert(other, 'gone'));
      await site.sa.must(restore(other, full, `REPLACE, ${site.moved(shop, site.name('moved'))}`));
      assert.deepEqual(await site.notes(other), []);
    },
  },
  {
    name: 'a tail of the log that nobody backed up: 3159; a tail backup opens the way',
    source: 'observed, pasted; Tail-Log Backups',
    async run(site) {
      const { shop, full } = await backed(site);
      await site.sa.must(insert(shop, 'tail'));
      assertFailed(
        await site.sa.run(restore(shop, full)),
        error(
          3159,
          1,
          `The tail of the log for the database "${shop}" has not been backed up. Use BACKUP LOG WITH NORECOVERY to backup the log if it contains work you do not want to lose. Use the WITH REPLACE or WITH STOPAT clause of the RESTORE statement to just overwrite the contents of the log.`,
        ),
        terminating('RESTORE DATABASE'),
      );
      assert.deepEqual(await site.notes(shop), ['tail']);
      const tail = site.path('tail.trn');
      await site.sa.must(backupLog(shop, tail, 'NORECOVERY'));
      await site.sa.must(restore(shop, full, 'NORECOVERY'));
      await site.sa.must(restoreLog(shop, tail));
      assert.deepEqual(await site.notes(shop), ['tail']);
    },
  },
  {
    name: 'the session itself in the database: 3102; another session in it: 3101',
    source: captured,
    async run(site) {
      const { shop, full } = await backed(site);
      const guest = await site.connect();
      await guest.must(`USE ${quoteName(shop)}`);
      assertFailed(
        await guest.run(restore(shop, full, 'REPLACE')),
        error(
          3102,
          1,
          `RESTORE cannot process database '${shop}' because it is in use by this session. It is recommended that the master database be used when performing this operation.`,
        ),
        terminating('RESTORE DATABASE'),
      );
      assertFailed(
        await site.sa.run(restore(shop, full, 'REPLACE')),
        error(3101, 1, 'Exclusive access could not be obtained because the database is in use.'),
        terminating('RESTORE DATABASE'),
      );
      await guest.close();
    },
  },
  {
    name: 'no restore within a transaction: 3021',
    source: captured,
    async run(site) {
      const { full } = await backed(site);
      const client = await site.connect();
      assertFailed(
        await client.run(`BEGIN TRANSACTION; ${restore(site.name('copy'), full)}`),
        inTransaction,
        terminating('RESTORE DATABASE'),
      );
      await client.must('ROLLBACK');
    },
  },
  {
    name: 'a log for a database that is online: 3117',
    source: 'observed on Linux, pasted (another observation shows state 4)',
    async run(site) {
      const { shop } = await backed(site);
      const log = site.path('log.trn');
      await site.sa.must(backupLog(shop, log));
      assertFailed(
        await site.sa.run(restoreLog(shop, log)),
        error(
          3117,
          undefined,
          'The log or differential backup cannot be restored because no files are ready to rollforward.',
        ),
        terminating('RESTORE LOG'),
      );
    },
  },
  {
    name: 'a log or differential for a database that does not exist: 3118',
    source: texts,
    async run(site) {
      const { shop } = await backed(site);
      const [log, diff, none] = [site.path('log.trn'), site.path('diff.bak'), site.name('none')];
      await site.sa.must(backupLog(shop, log));
      await site.sa.must(backup(shop, diff, 'DIFFERENTIAL'));
      const missing = error(
        3118,
        undefined,
        `The database "${none}" does not exist. RESTORE can only create a database when restoring either a full backup or a file backup of the primary file.`,
      );
      assertFailed(await site.sa.run(restoreLog(none, log)), missing, terminating('RESTORE LOG'));
      assertFailed(await site.sa.run(restore(none, diff)), missing, terminating('RESTORE DATABASE'));
    },
  },
  {
    name: 'a differential on the wrong base: 3136',
    source: 'observed, pasted; Differential Backups',
    async run(site) {
      const { shop, full } = await backed(site);
      await site.sa.must(backup(shop, site.path('second.bak')));
      const diff = site.path('diff.bak');
      await site.sa.must(backup(shop, diff, 'DIFFERENTIAL'));
      const copy = site.name('copy');
      await site.sa.must(restore(copy, full, `NORECOVERY, ${site.moved(shop, copy)}`));
      assertFailed(
        await site.sa.run(restore(copy, diff)),
        error(
          3136,
          1,
          'This differential backup cannot be restored because the database has not been restored to the correct earlier state.',
        ),
        terminating('RESTORE DATABASE'),
      );
    },
  },
  {
    name: 'recovery of a database that is online: 3153, of one that does not exist: 911',
    source: texts,
    confirmed: false,
    async run(site) {
      const [shop, none] = [await site.database('shop'), site.name('none')];
      assertFailed(
        await site.sa.run(recover(shop)),
        error(3153, undefined, 'The database is already fully recovered.'),
        terminating('RESTORE DATABASE'),
      );
      assertFailed(await site.sa.run(recover(none)), noDatabase(none), terminating('RESTORE DATABASE'));
    },
  },
  {
    name: 'a set behind the last one: 3287',
    source: captured,
    async run(site) {
      const { full } = await backed(site);
      assertFailed(
        await site.sa.run(about('FILELISTONLY', full, 'FILE = 3')),
        error(3287, 1, `The file ID 3 on device '${full}' is incorrectly formed and can not be read.`),
        terminating('RESTORE FILELIST'),
      );
    },
  },
  {
    name: 'CHECKSUM asked of a set that has none: 3187',
    source: `observed, pasted; ${texts}`,
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('plain.bak')];
      await site.sa.must(backup(shop, path, 'NO_CHECKSUM'));
      assertFailed(
        await site.sa.run(about('VERIFYONLY', path, 'CHECKSUM')),
        error(
          3187,
          undefined,
          'RESTORE WITH CHECKSUM cannot be specified because the backup set does not contain checksum information.',
        ),
        terminating('VERIFY DATABASE'),
      );
    },
  },
  {
    name: 'one file of a striped set alone: 3132',
    source: texts,
    async run(site) {
      const [shop, paths] = [await site.database('shop'), [site.path('a.bak'), site.path('b.bak')]];
      await site.sa.must(backup(shop, paths));
      assertFailed(
        await site.sa.run(restore(site.name('copy'), String(paths[0]))),
        error(
          3132,
          undefined,
          'The media set has 2 media families but only 1 are provided. All members must be provided.',
        ),
        terminating('RESTORE DATABASE'),
      );
    },
  },
  {
    name: 'RESTORE LOG of a data backup and RESTORE DATABASE of a log: 3135',
    source: texts,
    confirmed: false,
    async run(site) {
      const { shop, full } = await backed(site);
      const log = site.path('log.trn');
      await site.sa.must(backupLog(shop, log));
      const copy = site.name('copy');
      await site.sa.must(restore(copy, full, `NORECOVERY, ${site.moved(shop, copy)}`));
      const numbers = async (text: string): Promise<number[]> =>
        (await site.sa.run(text)).errors.map(({ number }) => number);
      assert.deepEqual(await numbers(restoreLog(copy, full, 'NORECOVERY')), [3135, 3013]);
      assert.deepEqual(await numbers(restore(copy, log, 'NORECOVERY')), [3135, 3013]);
    },
  },
  {
    name: 'asking about a backup needs the right to create databases: 262',
    source: 'RESTORE HEADERONLY (Transact-SQL), "Permissions"; observed, pasted',
    async run(site) {
      const { full } = await backed(site);
      const client = await site.connect(await site.login('nobody'));
      const refused = error(262, 1, "CREATE DATABASE permission denied in database 'master'.", 14);
      assertFailed(await client.run(about('HEADERONLY', full)), refused, terminating('RESTORE HEADERONLY'));
      assertFailed(await client.run(about('FILELISTONLY', full)), refused, terminating('RESTORE FILELIST'));
      assertFailed(await client.run(about('VERIFYONLY', full)), refused, terminating('VERIFY DATABASE'));
    },
  },
  {
    name: 'a member of db_owner who is not the owner may not restore: 3110',
    source: 'RESTORE (Transact-SQL), "Permissions"',
    async run(site) {
      const { shop, full } = await backed(site);
      const login = await site.login('owner');
      const user = quoteName(login.user);
      await site.sa.must(
        `USE ${quoteName(shop)}; CREATE USER ${user} FOR LOGIN ${user}; ALTER ROLE db_owner ADD MEMBER ${user}; USE master`,
      );
      const client = await site.connect(login);
      assertFailed(
        await client.run(restore(shop, full, 'REPLACE')),
        error(3110, undefined, `User does not have permission to RESTORE database '${shop}'.`, 14),
        terminating('RESTORE DATABASE'),
      );
    },
  },
  {
    name: 'a system database is not dropped: 3708',
    source: captured,
    async run(site) {
      assertFailed(
        await site.sa.run('DROP DATABASE msdb'),
        error(3708, 4, "Cannot drop the database 'msdb' because it is a system database."),
      );
    },
  },
]);

import assert from 'node:assert/strict';
import { quoteName, quoteString } from '../../workflows/domain/quoting.ts';
import { hold } from '../support/holds.ts';
import { until } from '../support/until.ts';
import { assertSaid, info, withoutProgress } from './expect.ts';
import { percent, processed, succeeded } from './messages.ts';
import { about, backup, backupLog, insert } from './statements.ts';
import { contract } from './support.ts';

const observed = 'capture of a SQL Server 2022 Linux container; BACKUP (Transact-SQL)';

contract('backup-messages', [
  {
    name: 'a full backup names its data file, its log file and then the whole',
    source: observed,
    async run(site) {
      const shop = await site.database('shop');
      const { said, rowsAffected } = await site.sa.must(backup(shop, site.path('full.bak')));
      assertSaid(said, [processed(shop, shop, 1), processed(shop, `${shop}_log`, 1), succeeded('BACKUP DATABASE')]);
      assert.deepEqual(rowsAffected, []);
    },
  },
  {
    name: 'STATS reports rising percentages up to 100, all before the files',
    source: observed,
    async run(site) {
      const shop = await site.database('shop');
      const { said } = await site.sa.must(backup(shop, site.path('full.bak'), 'STATS = 50'));
      const reported = said.filter(({ number }) => number === 3211);
      assert.ok(reported.length > 0);
      assertSaid(said, [
        ...reported.map(() => percent),
        processed(shop, shop, 1),
        processed(shop, `${shop}_log`, 1),
        succeeded('BACKUP DATABASE'),
      ]);
      const values = reported.map(({ text }) => Number.parseInt(text, 10));
      assert.deepEqual(
        values,
        [...new Set(values)].sort((a, b) => a - b),
      );
      assert.equal(values.at(-1), 100);
    },
  },
  {
    name: 'a differential backup calls itself WITH DIFFERENTIAL',
    source: 'SQL Server 2022 observed on Windows; BACKUP (Transact-SQL)',
    async run(site) {
      const shop = await site.database('shop');
      await site.sa.must(backup(shop, site.path('full.bak')));
      const { said } = await site.sa.must(backup(shop, site.path('diff.bak'), 'DIFFERENTIAL'));
      assertSaid(said, [
        processed(shop, shop, 1),
        processed(shop, `${shop}_log`, 1),
        succeeded('BACKUP DATABASE WITH DIFFERENTIAL'),
      ]);
    },
  },
  {
    name: 'a log backup names the log file only',
    source: 'SQL Server 2022 observed on Windows; BACKUP (Transact-SQL)',
    async run(site) {
      const shop = await site.database('shop');
      await site.sa.must(backup(shop, site.path('full.bak')));
      const { said } = await site.sa.must(backupLog(shop, site.path('log.trn'), 'STATS'));
      assertSaid(withoutProgress(said), [processed(shop, `${shop}_log`, 1), succeeded('BACKUP LOG')]);
    },
  },
  {
    name: 'NOINIT is the default and appends; INIT replaces the sets of the file',
    source: 'BACKUP (Transact-SQL), "INIT | NOINIT"; observed on SQL Server 2022',
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('many.bak')];
      const positions = async (): Promise<unknown[]> =>
        (await site.sa.rows(about('HEADERONLY', path))).map((row) => row['Position']);
      await site.sa.must(backup(shop, path));
      const second = await site.sa.must(backup(shop, path));
      assertSaid(second.said, [
        processed(shop, shop, 2),
        processed(shop, `${shop}_log`, 2),
        succeeded('BACKUP DATABASE'),
      ]);
      const third = await site.sa.must(backupLog(shop, path, 'NOINIT'));
      assertSaid(third.said, [processed(shop, `${shop}_log`, 3), succeeded('BACKUP LOG')]);
      assert.deepEqual(await positions(), [1, 2, 3]);
      const [label] = await site.sa.rows(about('LABELONLY', path));
      const again = await site.sa.must(backup(shop, path, 'INIT'));
      assertSaid(again.said, [
        processed(shop, shop, 1),
        processed(shop, `${shop}_log`, 1),
        succeeded('BACKUP DATABASE'),
      ]);
      assert.deepEqual(await positions(), [1]);
      const [after] = await site.sa.rows(about('LABELONLY', path));
      assert.equal(after?.['MediaSetId'], label?.['MediaSetId'], 'INIT keeps the media header');
    },
  },
  {
    name: 'FORMAT writes a new media header',
    source: 'BACKUP (Transact-SQL), "FORMAT"',
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('media.bak')];
      await site.sa.must(backup(shop, path));
      await site.sa.must(backup(shop, path));
      const [old] = await site.sa.rows(about('LABELONLY', path));
      await site.sa.must(backup(shop, path, "FORMAT, MEDIANAME = N'shelf 1', MEDIADESCRIPTION = N'left'"));
      const [label] = await site.sa.rows(about('LABELONLY', path));
      assert.notEqual(label?.['MediaSetId'], old?.['MediaSetId']);
      assert.deepEqual([label?.['MediaName'], label?.['MediaDescription']], ['shelf 1', 'left']);
      assert.deepEqual((await site.sa.rows(about('HEADERONLY', path))).length, 1);
    },
  },
  {
    name: 'VERIFYONLY says that the set is valid, and nothing else',
    source: 'capture of a SQL Server 2022 Linux container; RESTORE VERIFYONLY (Transact-SQL)',
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('full.bak')];
      await site.sa.must(backup(shop, path, 'CHECKSUM'));
      await site.sa.must(backup(shop, path, 'CHECKSUM'));
      const first = await site.sa.must(about('VERIFYONLY', path));
      assertSaid(first.said, [info(3262, 'The backup set on file 1 is valid.')]);
      const second = await site.sa.must(about('VERIFYONLY', path, 'FILE = 2, CHECKSUM'));
      assertSaid(second.said, [info(3262, 'The backup set on file 2 is valid.')]);
    },
  },
  {
    name: 'a striped set is one backup over all its files',
    source: 'BACKUP (Transact-SQL), "TO <backup_device>"; RESTORE LABELONLY (Transact-SQL)',
    async run(site) {
      const [shop, paths] = [await site.database('shop'), [site.path('a.bak'), site.path('b.bak')]];
      const { said } = await site.sa.must(backup(shop, paths, 'CHECKSUM'));
      assertSaid(said, [processed(shop, shop, 1), processed(shop, `${shop}_log`, 1), succeeded('BACKUP DATABASE')]);
      const labels = [];
      for (const path of paths) labels.push(await site.sa.row(about('LABELONLY', path)));
      assert.deepEqual(
        labels.map((label) => [label['FamilyCount'], label['FamilySequenceNumber']]),
        [
          [2, 1],
          [2, 2],
        ],
      );
      assert.equal(labels[0]?.['MediaSetId'], labels[1]?.['MediaSetId']);
      const valid = await site.sa.must(about('VERIFYONLY', paths));
      assertSaid(valid.said, [info(3262, 'The backup set on file 1 is valid.')]);
    },
  },
  {
    name: 'a batch goes on after a backup',
    source: 'BACKUP (Transact-SQL)',
    async run(site) {
      const shop = await site.database('shop');
      const { said, sets } = await site.sa.must(`${backup(shop, site.path('full.bak'))}; SELECT 7 AS seven`);
      assert.deepEqual(sets, [[{ seven: 7 }]]);
      assert.deepEqual(
        said.map(({ number }) => number),
        [4035, 4035, 3014],
      );
    },
  },
  {
    name: 'names come from variables as well as from the text',
    source: 'BACKUP (Transact-SQL), syntax',
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('var.bak')];
      const { said } = await site.sa.must(
        `DECLARE @d nvarchar(128) = ${quoteString(shop)}, @p nvarchar(260) = ${quoteString(path)}; BACKUP DATABASE @d TO DISK = @p`,
      );
      assert.equal(said.at(-1)?.number, 3014);
      assert.equal((await site.sa.rows(about('HEADERONLY', path)))[0]?.['DatabaseName'], shop);
    },
  },
  {
    name: 'a database name with quotes, brackets, spaces and letters of other scripts is only a name',
    source: 'Database Identifiers; BACKUP (Transact-SQL)',
    async run(site) {
      const name = site.name(`o'brien ]x[ "q" % ฐานข้อมูล`);
      const [mdf, ldf, path] = [site.path('odd.mdf'), site.path('odd.ldf'), site.path('odd.bak')];
      await site.sa.must(
        `CREATE DATABASE ${quoteName(name)} ON (NAME = odd, FILENAME = ${quoteString(mdf)}) LOG ON (NAME = odd_log, FILENAME = ${quoteString(ldf)})`,
      );
      await site.sa.must(
        `CREATE TABLE ${quoteName(name)}.dbo.t (id int IDENTITY PRIMARY KEY, note nvarchar(100) NOT NULL)`,
      );
      await site.sa.must(insert(name, 'kept'));
      const { said } = await site.sa.must(backup(name, path));
      assertSaid(said, [processed(name, 'odd', 1), processed(name, 'odd_log', 1), succeeded('BACKUP DATABASE')]);
      assert.equal((await site.sa.row(about('HEADERONLY', path)))['DatabaseName'], name);
      const { found } = await site.sa.row(
        `SELECT COUNT(*) AS found FROM msdb.dbo.backupset WHERE database_name = ${quoteString(name)}`,
      );
      assert.equal(found, 1);
    },
  },
  {
    name: 'progress leaves the server while the backup still runs',
    source: 'BACKUP (Transact-SQL), "STATS"',
    needs: 'the control port',
    async run(site) {
      const shop = await site.database('shop');
      const { control } = site.inside;
      await control.request('POST', `/databases/${shop}/ballast`, { megabytes: 16 });
      const held = await hold(control, { at: 'backup-database', database: shop, atPercent: 60 });
      const heard: string[] = [];
      const request = site.sa.request();
      request.on('info', ({ message }: { message: string }) => void heard.push(message));
      const running = request.batch(backup(shop, site.path('full.bak'), 'STATS = 10'));
      await held.reached();
      await until('progress of a held backup', () => heard.some((message) => message.endsWith(' percent processed.')));
      assert.ok(!heard.includes('100 percent processed.'));
      await held.release();
      await running;
      assert.ok(heard.includes('100 percent processed.'));
    },
  },
]);

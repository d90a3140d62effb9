import assert from 'node:assert/strict';
import { quoteString } from '../../workflows/domain/quoting.ts';
import { assertSaid, info, withoutProgress } from './expect.ts';
import { percent, processed, succeeded } from './messages.ts';
import { backup, backupLog, insert, recover, restore, restoreLog } from './statements.ts';
import { contract } from './support.ts';

contract('restore-messages', [
  {
    name: 'a data restore names its files under the name of the target, then the whole',
    source: 'capture of a SQL Server 2022 Linux container; RESTORE (Transact-SQL)',
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('full.bak')];
      await site.sa.must(insert(shop, 'one'));
      await site.sa.must(backup(shop, path));
      const copy = site.name('copy');
      const { said } = await site.sa.must(restore(copy, path, `STATS = 50, RECOVERY, ${site.moved(shop, copy)}`));
      assertSaid(withoutProgress(said), [
        processed(copy, shop, 1),
        processed(copy, `${shop}_log`, 1),
        succeeded('RESTORE DATABASE'),
      ]);
      const reported = said.filter(({ number }) => number === percent.number);
      assert.equal(reported.at(-1)?.text, '100 percent processed.');
      assert.deepEqual(await site.notes(copy), ['one']);
    },
  },
  {
    name: 'a differential restore calls itself RESTORE DATABASE',
    source: 'SQL Server 2022 observed on Windows',
    async run(site) {
      const [shop, full, diff] = [await site.database('shop'), site.path('full.bak'), site.path('diff.bak')];
      await site.sa.must(backup(shop, full));
      await site.sa.must(insert(shop, 'two'));
      await site.sa.must(backup(shop, diff, 'DIFFERENTIAL'));
      const copy = site.name('copy');
      await site.sa.must(restore(copy, full, `NORECOVERY, ${site.moved(shop, copy)}`));
      const { said } = await site.sa.must(restore(copy, diff, 'NORECOVERY'));
      assertSaid(said, [processed(copy, shop, 1), processed(copy, `${shop}_log`, 1), succeeded('RESTORE DATABASE')]);
      await site.sa.must(recover(copy));
      assert.deepEqual(await site.notes(copy), ['two']);
    },
  },
  {
    name: 'a log restore names every data file with 0 pages before the log',
    source: 'SQL Server 2022 observed on Windows',
    async run(site) {
      const [shop, full, log] = [await site.database('shop'), site.path('full.bak'), site.path('log.trn')];
      await site.sa.must(backup(shop, full));
      await site.sa.must(insert(shop, 'three'));
      await site.sa.must(backupLog(shop, log));
      const copy = site.name('copy');
      await site.sa.must(restore(copy, full, `NORECOVERY, ${site.moved(shop, copy)}`));
      const { said } = await site.sa.must(restoreLog(copy, log, 'NORECOVERY'));
      assertSaid(said, [processed(copy, shop, 1, 0), processed(copy, `${shop}_log`, 1), succeeded('RESTORE LOG')]);
      await site.sa.must(recover(copy));
      assert.deepEqual(await site.notes(copy), ['three']);
    },
  },
  {
    name: 'the recovery-only statement says one thing: 0 pages',
    source: 'observed five times, pasted; RESTORE (Transact-SQL)',
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('full.bak')];
      await site.sa.must(backup(shop, path));
      const copy = site.name('copy');
      await site.sa.must(restore(copy, path, `NORECOVERY, ${site.moved(shop, copy)}`));
      const { said } = await site.sa.must(recover(copy));
      assertSaid(said, [info(3014, 'RESTORE DATABASE successfully processed 0 pages in %f seconds (0.000 MB/sec).')]);
      assert.deepEqual(await site.sa.row(`SELECT state_desc FROM sys.databases WHERE name = ${quoteString(copy)}`), {
        state_desc: 'ONLINE',
      });
    },
  },
  {
    name: 'RECOVERY is what happens when nothing is said',
    source: 'RESTORE Statements - Arguments, "RECOVERY | NORECOVERY | STANDBY"',
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('full.bak')];
      await site.sa.must(backup(shop, path));
      const copy = site.name('copy');
      await site.sa.must(restore(copy, path, site.moved(shop, copy)));
      assert.deepEqual(await site.notes(copy), []);
    },
  },
  {
    name: 'FILE = n picks one set of a file',
    source: 'RESTORE Statements - Arguments, "FILE"',
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('many.bak')];
      await site.sa.must(backup(shop, path));
      await site.sa.must(insert(shop, 'later'));
      await site.sa.must(backup(shop, path));
      const copy = site.name('copy');
      const { said } = await site.sa.must(restore(copy, path, `FILE = 2, ${site.moved(shop, copy)}`));
      assertSaid(said, [processed(copy, shop, 2), processed(copy, `${shop}_log`, 2), succeeded('RESTORE DATABASE')]);
      assert.deepEqual(await site.notes(copy), ['later']);
    },
  },
  {
    name: 'a striped set is restored from all its files',
    source: 'RESTORE (Transact-SQL)',
    async run(site) {
      const [shop, paths] = [await site.database('shop'), [site.path('a.bak'), site.path('b.bak'), site.path('c.bak')]];
      await site.sa.must(insert(shop, 'striped'));
      await site.sa.must(backup(shop, paths));
      const copy = site.name('copy');
      await site.sa.must(restore(copy, paths, site.moved(shop, copy)));
      assert.deepEqual(await site.notes(copy), ['striped']);
    },
  },
  {
    name: 'a database of the same family in SIMPLE is overwritten without REPLACE',
    source: 'capture of a SQL Server 2022 Linux container',
    async run(site) {
      const [plain, path] = [await site.database('plain', 'SIMPLE'), site.path('full.bak')];
      await site.sa.must(backup(plain, path));
      await site.sa.must(insert(plain, 'lost'));
      await site.sa.must(restore(plain, path));
      assert.deepEqual(await site.notes(plain), []);
    },
  },
  {
    name: 'a new name gives a new binding and creation date and keeps the family; the recovery begins a new fork',
    source: 'SQL Server 2022 observed on Windows; sys.database_recovery_status (Transact-SQL)',
    async run(site) {
      const [shop, path] = [await site.database('shop'), site.path('full.bak')];
      await site.sa.must(backup(shop, path));
      const copy = site.name('copy');
      await site.sa.must(restore(copy, path, site.moved(shop, copy)));
      const [before, after] = await site.sa.rows(`
        SELECT r.database_guid AS binding, r.family_guid AS family, r.recovery_fork_guid AS fork, r.fork_point_lsn AS point
        FROM sys.database_recovery_status AS r JOIN sys.databases AS d ON d.database_id = r.database_id
        WHERE d.name IN (${quoteString(shop)}, ${quoteString(copy)}) ORDER BY d.database_id`);
      assert.equal(after?.['family'], before?.['family']);
      assert.notEqual(after?.['binding'], before?.['binding']);
      assert.notEqual(after?.['fork'], before?.['fork']);
      const { newer } = await site.sa.row(`
        SELECT CASE WHEN c.create_date > s.create_date THEN 1 ELSE 0 END AS newer FROM sys.databases AS s
        CROSS JOIN sys.databases AS c WHERE s.name = ${quoteString(shop)} AND c.name = ${quoteString(copy)}`);
      assert.equal(newer, 1);
    },
  },
]);

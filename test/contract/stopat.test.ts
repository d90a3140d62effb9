import assert from 'node:assert/strict';
import { quoteString } from '../../workflows/domain/quoting.ts';
import { assertFailed, assertSaid, error } from './expect.ts';
import { processed, stopBeyond, succeeded, terminating, tooRecent } from './messages.ts';
import type { Site } from './site.ts';
import { backup, backupLog, insert, recover, restore, restoreLog } from './statements.ts';
import { contract } from './support.ts';

const page = 'Restore a SQL Server Database to a Point in Time (Full Recovery Model)';
const argument = 'RESTORE Statements - Arguments, "STOPAT"';

interface Story {
  readonly shop: string;
  readonly full: string;
  readonly logs: readonly string[];
  /** Before the full backup; after each row. */
  readonly moments: readonly string[];
}

/** Rows one and two in the first log, three and four in the second; a moment before the full backup and after every row. */
async function story(site: Site): Promise<Story> {
  const [shop, full, first, second] = [
    await site.database('shop'),
    site.path('full.bak'),
    site.path('1.trn'),
    site.path('2.trn'),
  ];
  const moments = [await site.moment()];
  const write = async (note: string): Promise<void> => {
    await site.sa.must(insert(shop, note));
    moments.push(await site.moment());
  };
  await site.sa.must(backup(shop, full));
  await site.moment();
  await write('one');
  await write('two');
  await site.sa.must(backupLog(shop, first));
  await write('three');
  await write('four');
  await site.sa.must(backupLog(shop, second));
  return { shop, full, logs: [first, second], moments };
}

async function begun(site: Site, { shop, full }: Story): Promise<string> {
  const copy = site.name('copy');
  await site.sa.must(restore(copy, full, `NORECOVERY, ${site.moved(shop, copy)}`));
  return copy;
}

const stateOf = async (site: Site, database: string): Promise<unknown> =>
  (await site.sa.row(`SELECT state_desc FROM sys.databases WHERE name = ${quoteString(database)}`))['state_desc'];

contract('stopat', [
  {
    name: 'commits up to the moment are there, later ones are not',
    source: `${page}; SQL Server 2022 observed on Windows`,
    async run(site) {
      const told = await story(site);
      const copy = await begun(site, told);
      const { said } = await site.sa.must(
        restoreLog(copy, String(told.logs[0]), `STOPAT = '${told.moments[1]}', RECOVERY`),
      );
      assertSaid(said, [
        processed(copy, told.shop, 1, 0),
        processed(copy, `${told.shop}_log`, 1),
        succeeded('RESTORE LOG'),
      ]);
      assert.equal(await stateOf(site, copy), 'ONLINE');
      assert.deepEqual(await site.notes(copy), ['one']);
    },
  },
  {
    name: 'the same STOPAT WITH RECOVERY on every log: those before it say 4322 and stay RESTORING, the right one recovers',
    source: `${page}; sys.messages 4322`,
    async run(site) {
      const told = await story(site);
      const copy = await begun(site, told);
      const stop = `STOPAT = '${told.moments[3]}', RECOVERY`;
      const first = await site.sa.must(restoreLog(copy, String(told.logs[0]), stop));
      assert.ok(first.infos.some(({ number }) => number === 4322));
      assert.equal(await stateOf(site, copy), 'RESTORING');
      const second = await site.sa.must(restoreLog(copy, String(told.logs[1]), stop));
      assert.ok(!second.infos.some(({ number }) => number === 4322));
      assert.equal(await stateOf(site, copy), 'ONLINE');
      assert.deepEqual(await site.notes(copy), ['one', 'two', 'three']);
    },
  },
  {
    name: 'a moment behind the end of the last log: 4322 as information, RESTORING even WITH RECOVERY, then recoverable',
    source: `${argument}; sys.messages 4322`,
    async run(site) {
      const told = await story(site);
      const copy = await begun(site, told);
      await site.sa.must(restoreLog(copy, String(told.logs[0]), 'NORECOVERY'));
      const later = await site.moment();
      const { said } = await site.sa.must(restoreLog(copy, String(told.logs[1]), `STOPAT = '${later}', RECOVERY`));
      const beyond = said.filter(({ number }) => number === 4322);
      assertSaid(beyond, [stopBeyond]);
      assert.ok(said.some(({ number }) => number === 3014));
      assert.equal(await stateOf(site, copy), 'RESTORING');
      await site.sa.must(recover(copy));
      assert.deepEqual(await site.notes(copy), ['one', 'two', 'three', 'four']);
    },
  },
  {
    name: '4322 comes before the pages and the whole',
    source: 'no observation',
    confirmed: false,
    async run(site) {
      const told = await story(site);
      const copy = await begun(site, told);
      const later = await site.moment();
      const { said } = await site.sa.must(restoreLog(copy, String(told.logs[0]), `STOPAT = '${later}', NORECOVERY`));
      assertSaid(said, [
        stopBeyond,
        processed(copy, told.shop, 1, 0),
        processed(copy, `${told.shop}_log`, 1),
        succeeded('RESTORE LOG'),
      ]);
    },
  },
  {
    name: 'a moment before the end of the data backup is refused on it: 4338',
    source: 'observed in two blogs; sys.messages 4338',
    async run(site) {
      const told = await story(site);
      const copy = site.name('copy');
      assertFailed(
        await site.sa.run(
          restore(copy, told.full, `STOPAT = '${told.moments[0]}', NORECOVERY, ${site.moved(told.shop, copy)}`),
        ),
        error(
          4338,
          1,
          'The STOPAT clause specifies a point too early to allow this backup set to be restored. Choose a different stop point or use RESTORE DATABASE WITH RECOVERY to recover at the current point.',
        ),
        terminating('RESTORE DATABASE'),
      );
    },
  },
  {
    name: 'a moment before where the database already stands is refused on a log: 4335',
    source: 'sys.messages 4335',
    async run(site) {
      const told = await story(site);
      const copy = await begun(site, told);
      assertFailed(
        await site.sa.run(restoreLog(copy, String(told.logs[0]), `STOPAT = '${told.moments[0]}', NORECOVERY`)),
        error(
          4335,
          undefined,
          'The specified STOPAT time is too early. All or part of the database is already rolled forward beyond that point.',
        ),
        terminating('RESTORE LOG'),
      );
      assert.equal(await stateOf(site, copy), 'RESTORING');
    },
  },
  {
    name: 'a moment that the data backup allows changes nothing on it',
    source: argument,
    async run(site) {
      const told = await story(site);
      const copy = site.name('copy');
      await site.sa.must(
        restore(copy, told.full, `STOPAT = '${told.moments[1]}', NORECOVERY, ${site.moved(told.shop, copy)}`),
      );
      await site.sa.must(restoreLog(copy, String(told.logs[0]), `STOPAT = '${told.moments[1]}', RECOVERY`));
      assert.deepEqual(await site.notes(copy), ['one']);
    },
  },
  {
    name: 'after the moment was reached WITH NORECOVERY the next log is too recent: 4305; recovery then gives that moment',
    source: 'observed, pasted',
    async run(site) {
      const told = await story(site);
      const copy = await begun(site, told);
      await site.sa.must(restoreLog(copy, String(told.logs[0]), `STOPAT = '${told.moments[1]}', NORECOVERY`));
      assertFailed(
        await site.sa.run(restoreLog(copy, String(told.logs[1]), `STOPAT = '${told.moments[1]}', NORECOVERY`)),
        tooRecent,
        terminating('RESTORE LOG'),
      );
      await site.sa.must(recover(copy));
      assert.deepEqual(await site.notes(copy), ['one']);
    },
  },
  {
    name: 'a variable serves as moment, and msdb keeps it as datetime',
    source: `${argument}; restorehistory (Transact-SQL)`,
    async run(site) {
      const told = await story(site);
      const copy = await begun(site, told);
      await site.sa.must(
        `DECLARE @at datetime = '${told.moments[2]}'; ${restoreLog(copy, String(told.logs[0]), 'STOPAT = @at, NORECOVERY')}`,
      );
      const { at, recovery } = await site.sa.row(`
        SELECT CONVERT(varchar(23), stop_at, 126) AS at, recovery FROM msdb.dbo.restorehistory
        WHERE destination_database_name = ${quoteString(copy)} AND restore_type = 'L'`);
      assert.equal(at, told.moments[2]);
      assert.equal(recovery, false);
    },
  },
  {
    name: 'a moment of which another language order would make another day is read by its T',
    source: 'datetime (Transact-SQL), ISO 8601: not affected by DATEFORMAT',
    async run(site) {
      const told = await story(site);
      const copy = await begun(site, told);
      const client = await site.connect();
      await client.must('SET DATEFORMAT dmy');
      await client.must(restoreLog(copy, String(told.logs[0]), `STOPAT = '${told.moments[1]}', RECOVERY`));
      assert.deepEqual(await site.notes(copy), ['one']);
    },
  },
  {
    name: 'no STOPAT for a database in the SIMPLE recovery model: 3145',
    source: 'sys.messages 3145',
    confirmed: false,
    async run(site) {
      const [plain, path] = [await site.database('plain', 'SIMPLE'), site.path('full.bak')];
      await site.sa.must(backup(plain, path));
      const copy = site.name('copy');
      assertFailed(
        await site.sa.run(restore(copy, path, `STOPAT = '${await site.moment()}', ${site.moved(plain, copy)}`)),
        error(3145, undefined, 'The STOPAT option is not supported for databases that use the SIMPLE recovery model.'),
        terminating('RESTORE DATABASE'),
      );
    },
  },
  {
    name: 'STOPATMARK includes the marked transaction, STOPBEFOREMARK leaves it out',
    source: `SQL Server 2022 observed on Windows; RESTORE Statements - Arguments, "STOPATMARK"`,
    async run(site) {
      const [shop, full, log] = [await site.database('shop'), site.path('full.bak'), site.path('log.trn')];
      await site.sa.must(backup(shop, full));
      const mark = site.name('mark');
      await site.sa.must(`BEGIN TRANSACTION ${mark} WITH MARK N'month end'; ${insert(shop, 'marked')}; COMMIT`);
      await site.sa.must(insert(shop, 'later'));
      await site.sa.must(backupLog(shop, log));
      for (const [clause, expected] of [
        ['STOPATMARK', ['marked']],
        ['STOPBEFOREMARK', []],
      ] as const) {
        const copy = site.name('copy');
        await site.sa.must(restore(copy, full, `NORECOVERY, ${site.moved(shop, copy)}`));
        await site.sa.must(restoreLog(copy, log, `${clause} = '${mark}', RECOVERY`));
        assert.deepEqual(await site.notes(copy), expected, clause);
      }
      const { found } = await site.sa.row(
        `SELECT COUNT(*) AS found FROM msdb.dbo.logmarkhistory WHERE mark_name = ${quoteString(mark)}`,
      );
      assert.equal(found, 1);
    },
  },
]);

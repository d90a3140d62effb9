import assert from 'node:assert/strict';
import { quoteName, quoteString } from '../../workflows/domain/quoting.ts';
import { assertFailed, assertSaid, error, info } from './expect.ts';
import { inRestore, noDatabase } from './messages.ts';
import type { Site } from './site.ts';
import { backup, backupLog, insert, recover, restore, restoreLog } from './statements.ts';
import { contract } from './support.ts';

async function stateOf(site: Site, database: string): Promise<unknown[]> {
  return Object.values(
    await site.sa.row(`
      SELECT state, state_desc, is_in_standby, is_read_only, user_access_desc,
             CAST(DATABASEPROPERTYEX(name, 'Status') AS nvarchar(60)) AS status,
             CAST(DATABASEPROPERTYEX(name, 'Recovery') AS nvarchar(60)) AS recovery
      FROM sys.databases WHERE name = ${quoteString(database)}`),
  );
}

async function restoring(site: Site): Promise<{ readonly shop: string; readonly copy: string }> {
  const [shop, full] = [await site.database('shop'), site.path('full.bak')];
  await site.sa.must(insert(shop, 'one'));
  await site.sa.must(backup(shop, full));
  const copy = site.name('copy');
  await site.sa.must(restore(copy, full, `NORECOVERY, ${site.moved(shop, copy)}`));
  return { shop, copy };
}

contract('states', [
  {
    name: 'ONLINE is state 0, RESTORING state 1, and DATABASEPROPERTYEX agrees',
    source: 'sys.databases (Transact-SQL); DATABASEPROPERTYEX (Transact-SQL)',
    async run(site) {
      const { shop, copy } = await restoring(site);
      assert.deepEqual(await stateOf(site, shop), [0, 'ONLINE', false, false, 'MULTI_USER', 'ONLINE', 'FULL']);
      assert.deepEqual((await stateOf(site, copy)).slice(0, 3), [1, 'RESTORING', false]);
      assert.equal((await stateOf(site, copy))[5], 'RESTORING');
    },
  },
  {
    name: 'nobody enters a database in the middle of a restore: 927',
    source: 'observed three times, pasted; sys.messages 927',
    async run(site) {
      const { copy } = await restoring(site);
      assertFailed(await site.sa.run(`USE ${quoteName(copy)}`), inRestore(copy));
      assertFailed(await site.sa.run(`SELECT * FROM ${quoteName(copy)}.dbo.t`), inRestore(copy));
    },
  },
  {
    name: 'USE of a database that does not exist: 911',
    source: 'capture of a SQL Server 2022 Linux container',
    async run(site) {
      const none = site.name('none');
      assertFailed(await site.sa.run(`USE ${quoteName(none)}`), { ...noDatabase(none), state: 1 });
    },
    confirmed: false,
  },
  {
    name: 'redo_start_lsn of a RESTORING database is where the next log must reach',
    source: 'sys.master_files (Transact-SQL), redo_start_lsn; wal-g and dbatools read it to go on',
    async run(site) {
      const [shop, full, log] = [await site.database('shop'), site.path('full.bak'), site.path('log.trn')];
      await site.sa.must(backup(shop, full));
      await site.sa.must(insert(shop, 'one'));
      await site.sa.must(backupLog(shop, log));
      const copy = site.name('copy');
      const redo = async (database: string): Promise<unknown> =>
        (
          await site.sa.row(
            `SELECT CAST(MAX(redo_start_lsn) AS varchar(25)) AS at FROM sys.master_files WHERE database_id = DB_ID(${quoteString(database)})`,
          )
        )['at'];
      const sets = await site.sa.rows(
        `SELECT CAST(last_lsn AS varchar(25)) AS last FROM msdb.dbo.backupset WHERE database_name = ${quoteString(shop)} ORDER BY backup_set_id`,
      );
      await site.sa.must(restore(copy, full, `NORECOVERY, ${site.moved(shop, copy)}`));
      const atFull = await redo(copy);
      assert.ok(BigInt(String(atFull)) <= BigInt(String(sets[0]?.['last'])));
      await site.sa.must(restoreLog(copy, log, 'NORECOVERY'));
      assert.ok(BigInt(String(await redo(copy))) >= BigInt(String(sets[1]?.['last'])));
      await site.sa.must(recover(copy));
      assert.equal(await redo(copy), null);
    },
  },
  {
    name: 'STANDBY is ONLINE, read-only and readable, and more logs still fit',
    source: 'RESTORE Statements - Arguments, "STANDBY"; the state columns are not confirmed',
    confirmed: false,
    async run(site) {
      const [shop, full, first, second] = [
        await site.database('shop'),
        site.path('full.bak'),
        site.path('1.trn'),
        site.path('2.trn'),
      ];
      await site.sa.must(backup(shop, full));
      await site.sa.must(insert(shop, 'one'));
      await site.sa.must(backupLog(shop, first));
      await site.sa.must(insert(shop, 'two'));
      await site.sa.must(backupLog(shop, second));
      const copy = site.name('copy');
      const undo = `STANDBY = ${quoteString(site.path('undo'))}`;
      await site.sa.must(restore(copy, full, `NORECOVERY, ${site.moved(shop, copy)}`));
      await site.sa.must(restoreLog(copy, first, undo));
      assert.deepEqual((await stateOf(site, copy)).slice(0, 4), [0, 'ONLINE', true, true]);
      assert.deepEqual(await site.notes(copy), ['one']);
      const { errors } = await site.sa.run(insert(copy, 'no'));
      assert.equal(errors[0]?.number, 3906);
      await site.sa.must(restoreLog(copy, second, undo));
      assert.deepEqual(await site.notes(copy), ['one', 'two']);
      await site.sa.must(recover(copy));
      assert.deepEqual((await stateOf(site, copy)).slice(0, 4), [0, 'ONLINE', false, false]);
    },
  },
  {
    name: 'SINGLE_USER WITH ROLLBACK IMMEDIATE says how far the rollback is',
    source: 'SQL Server 2022 observed on Windows; sys.messages 5060',
    async run(site) {
      const shop = await site.database('shop');
      const guest = await site.connect({ database: shop });
      await guest.must(`BEGIN TRANSACTION; ${insert(shop, 'open')}`);
      const { said } = await site.sa.must(`ALTER DATABASE ${quoteName(shop)} SET SINGLE_USER WITH ROLLBACK IMMEDIATE`);
      assertSaid(said, [
        info(5060, 'Nonqualified transactions are being rolled back. Estimated rollback completion: 0%.'),
        info(5060, 'Nonqualified transactions are being rolled back. Estimated rollback completion: 100%.'),
      ]);
      assert.equal((await stateOf(site, shop))[4], 'SINGLE_USER');
      assert.deepEqual(await site.notes(shop), []);
      await site.sa.must(`ALTER DATABASE ${quoteName(shop)} SET MULTI_USER`);
      await guest.close();
    },
  },
  {
    name: 'an offline database is state 6 and closed to everybody: 942',
    source: 'sys.databases (Transact-SQL); sys.messages 942',
    async run(site) {
      const shop = await site.database('shop');
      await site.sa.must(`ALTER DATABASE ${quoteName(shop)} SET OFFLINE WITH ROLLBACK IMMEDIATE`);
      assert.deepEqual((await stateOf(site, shop)).slice(0, 2), [6, 'OFFLINE']);
      assertFailed(
        await site.sa.run(`USE ${quoteName(shop)}`),
        error(942, undefined, `Database '${shop}' cannot be opened because it is offline.`, 14),
      );
      await site.sa.must(`ALTER DATABASE ${quoteName(shop)} SET ONLINE`);
      assert.deepEqual((await stateOf(site, shop)).slice(0, 2), [0, 'ONLINE']);
    },
  },
  {
    name: 'a RESTORING database can be dropped, and its files are gone',
    source: 'DROP DATABASE (Transact-SQL)',
    async run(site) {
      const { copy } = await restoring(site);
      await site.sa.must(`DROP DATABASE ${quoteName(copy)}`);
      const { file_exists } = await site.sa.row(
        `SELECT CAST(file_exists AS int) AS file_exists FROM sys.dm_os_file_exists(${quoteString(`${site.folder}/${copy}.mdf`)})`,
      );
      assert.equal(file_exists, 0);
    },
  },
  {
    name: 'a restore that was cancelled leaves a database that cannot be recovered, and can begin anew',
    source: 'RESTORE (Transact-SQL); sys.messages 4319',
    confirmed: false,
    needs: 'the control port',
    async run(site) {
      const { shop } = await restoring(site);
      const full = site.path('again.bak');
      await site.sa.must(backup(shop, full));
      const copy = site.name('copy');
      const client = await site.connect();
      const { control } = site.inside;
      const { id } = (await control.request('POST', '/holds', { at: 'restore-database', database: copy })) as {
        id: string;
      };
      const running = client.start(restore(copy, full, `NORECOVERY, ${site.moved(shop, copy)}`));
      await control.request('GET', `/holds/${id}/reached`);
      running.cancel();
      assert.equal((await running.outcome).code, 'ECANCEL');
      await control.request('DELETE', `/holds/${id}`);
      assert.equal((await stateOf(site, copy))[0], 1);
      const { errors } = await site.sa.run(recover(copy));
      assert.equal(errors.at(-1)?.number, 3013);
      await site.sa.must(restore(copy, full, `REPLACE, ${site.moved(shop, copy)}`));
      assert.deepEqual(await site.notes(copy), ['one']);
    },
  },
]);

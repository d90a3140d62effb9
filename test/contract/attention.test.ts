import assert from 'node:assert/strict';
import { quoteName, quoteString } from '../../workflows/domain/quoting.ts';
import { hold } from '../support/holds.ts';
import { until } from '../support/until.ts';
import type { Client } from './client.ts';
import type { Site } from './site.ts';
import { backup, insert } from './statements.ts';
import { contract } from './support.ts';

const observed = 'capture of cancelled requests on a SQL Server 2022 Linux container';

/** A request of this session is at work. */
const works = (site: Site, client: Client): Promise<unknown> =>
  until('a request at work', async () => {
    const rows = await site.sa.rows(`SELECT command FROM sys.dm_exec_requests WHERE session_id = ${client.spid}`);
    return rows.length > 0;
  });

const historyOf = (site: Site, database: string): Promise<readonly unknown[]> =>
  site.sa.rows(`SELECT type FROM msdb.dbo.backupset WHERE database_name = ${quoteString(database)}`);

contract('attention', [
  {
    name: 'a cancelled request answers without an error, and its connection goes on',
    source: observed,
    async run(site) {
      const client = await site.connect();
      const running = client.start("WAITFOR DELAY '00:05:00'; SELECT 1 AS one");
      await works(site, client);
      running.cancel();
      const { code, said } = await running.outcome;
      assert.equal(code, 'ECANCEL');
      assert.deepEqual(said, []);
      assert.deepEqual(await client.row('SELECT @@SPID AS spid'), { spid: client.spid });
    },
  },
  {
    name: 'statements and CATCH blocks behind an attention do not run',
    source: observed,
    async run(site) {
      const shop = await site.database('shop');
      const client = await site.connect();
      const running = client.start(
        `BEGIN TRY WAITFOR DELAY '00:05:00' END TRY BEGIN CATCH ${insert(shop, 'caught')} END CATCH; ${insert(shop, 'after')}`,
      );
      await works(site, client);
      running.cancel();
      await running.outcome;
      assert.deepEqual(await site.notes(shop), []);
    },
  },
  {
    name: 'a transaction stays open with XACT_ABORT OFF and is rolled back with ON',
    source: observed,
    async run(site) {
      const shop = await site.database('shop');
      for (const [setting, open, kept] of [
        ['OFF', 1, ['OFF']],
        ['ON', 0, ['OFF']],
      ] as const) {
        const client = await site.connect();
        const running = client.start(
          `SET XACT_ABORT ${setting}; BEGIN TRANSACTION; ${insert(shop, setting)}; WAITFOR DELAY '00:05:00'`,
        );
        await works(site, client);
        running.cancel();
        await running.outcome;
        assert.deepEqual(await client.row('SELECT @@TRANCOUNT AS n'), { n: open }, setting);
        if (open === 1) await client.must('COMMIT');
        assert.deepEqual(await site.notes(shop), kept);
      }
    },
  },
  {
    name: 'a cancelled backup leaves no history, moves nothing and can be taken again',
    source: `${observed}; backupset (Transact-SQL)`,
    needs: 'the control port',
    async run(site) {
      const shop = await site.database('shop');
      await site.inside.control.request('POST', `/databases/${shop}/ballast`, { megabytes: 8 });
      const held = await hold(site.inside.control, { at: 'backup-database', database: shop, atPercent: 20 });
      const client = await site.connect();
      const running = client.start(backup(shop, site.path('full.bak')));
      await held.reached();
      running.cancel();
      assert.equal((await running.outcome).code, 'ECANCEL');
      await held.release();
      assert.deepEqual(await historyOf(site, shop), []);
      const { base } = await site.sa.row(
        `SELECT differential_base_lsn AS base FROM sys.master_files WHERE database_id = DB_ID(${quoteString(shop)}) AND file_id = 1`,
      );
      assert.equal(base, null);
      assert.equal((await client.must(backup(shop, site.path('again.bak')))).said.at(-1)?.number, 3014);
    },
  },
  {
    name: 'a backup whose session is killed leaves no history',
    source: 'KILL (Transact-SQL); backupset (Transact-SQL)',
    needs: 'the control port',
    async run(site) {
      const shop = await site.database('shop');
      const held = await hold(site.inside.control, { at: 'backup-database', database: shop });
      const client = await site.connect();
      const running = client.start(backup(shop, site.path('full.bak')));
      await held.reached();
      await site.sa.must(`KILL ${client.spid}`);
      assert.notEqual((await running.outcome).code, null);
      await held.release();
      await until('a database that nobody backs up', async () => {
        const rows = await site.sa.rows(`SELECT 1 FROM sys.dm_exec_requests WHERE command = N'BACKUP DATABASE'`);
        return rows.length === 0;
      });
      assert.deepEqual(await historyOf(site, shop), []);
    },
  },
  {
    name: 'a request that takes longer than its limit is cancelled by the driver with ETIMEOUT',
    source: 'mssql: requestTimeout sends an attention',
    async run(site) {
      const client = await site.connect();
      const request = client.request();
      (request as unknown as { overrides: { requestTimeout: number } }).overrides = { requestTimeout: 50 };
      await assert.rejects(request.batch("WAITFOR DELAY '00:05:00'"), { code: 'ETIMEOUT' });
      assert.deepEqual(await client.row('SELECT 1 AS one'), { one: 1 });
    },
  },
  {
    name: 'a cancelled update leaves the rows as they were',
    source: observed,
    async run(site) {
      const shop = await site.database('shop');
      await site.sa.must(insert(shop, 'one'));
      const [holder, client] = [await site.connect(), await site.connect()];
      await holder.must(`BEGIN TRANSACTION; UPDATE ${quoteName(shop)}.dbo.t SET note = N'held'`);
      const running = client.start(`UPDATE ${quoteName(shop)}.dbo.t SET note = N'never'`);
      await works(site, client);
      running.cancel();
      assert.equal((await running.outcome).code, 'ECANCEL');
      await holder.must('ROLLBACK');
      assert.deepEqual(await site.notes(shop), ['one']);
    },
  },
]);

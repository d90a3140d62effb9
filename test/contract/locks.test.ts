import assert from 'node:assert/strict';
import { quoteName, quoteString } from '../../workflows/domain/quoting.ts';
import { until } from '../support/until.ts';
import type { Client } from './client.ts';
import { insert } from './statements.ts';
import { contract } from './support.ts';

const page = 'sp_getapplock (Transact-SQL)';

const take = (resource: string, mode: 'Shared' | 'Exclusive', timeout: number): string => `
  DECLARE @result int;
  EXEC @result = sp_getapplock @Resource = ${quoteString(resource)}, @LockMode = '${mode}', @LockOwner = 'Session', @LockTimeout = ${timeout};
  SELECT @result AS result`;

const taken = async (client: Client, resource: string, mode: 'Shared' | 'Exclusive', timeout = 0): Promise<unknown> =>
  (await client.row(take(resource, mode, timeout)))['result'];

const give = (resource: string): string =>
  `EXEC sp_releaseapplock @Resource = ${quoteString(resource)}, @LockOwner = 'Session'`;

/** A request of this session waits for another one. */
const waits = (observer: Client, client: Client): Promise<unknown> =>
  until('a session that waits', async () => {
    const [row] = await observer.rows(
      `SELECT blocking_session_id AS by_ FROM sys.dm_exec_requests WHERE session_id = ${client.spid}`,
    );
    return Number(row?.['by_'] ?? 0) > 0;
  });

contract('locks', [
  {
    name: 'an exclusive application lock excludes other sessions and not its own',
    source: page,
    async run(site) {
      const [one, two, lock] = [await site.connect(), await site.connect(), site.name('lock')];
      assert.equal(await taken(one, lock, 'Exclusive'), 0);
      assert.equal(await taken(two, lock, 'Exclusive'), -1);
      assert.equal(await taken(two, lock, 'Shared'), -1);
      assert.equal(await taken(one, lock, 'Exclusive'), 0);
      await one.must(give(lock));
      assert.equal(await taken(two, lock, 'Exclusive'), -1, 'taken twice, given once');
      await one.must(give(lock));
      assert.equal(await taken(two, lock, 'Exclusive'), 0);
    },
  },
  {
    name: 'shared locks live beside each other',
    source: page,
    async run(site) {
      const [one, two, lock] = [await site.connect(), await site.connect(), site.name('lock')];
      assert.equal(await taken(one, lock, 'Shared'), 0);
      assert.equal(await taken(two, lock, 'Shared'), 0);
      assert.equal(await taken(two, lock, 'Exclusive'), -1);
    },
  },
  {
    name: 'a lock that was waited for is granted with 1',
    source: page,
    async run(site) {
      const [one, two, lock] = [await site.connect(), await site.connect(), site.name('lock')];
      assert.equal(await taken(one, lock, 'Exclusive'), 0);
      const waiting = taken(two, lock, 'Exclusive', -1);
      await waits(site.sa, two);
      await one.must(give(lock));
      assert.equal(await waiting, 1);
    },
  },
  {
    name: 'a lock of a session ends with its connection',
    source: page,
    async run(site) {
      const [one, two, lock] = [await site.connect(), await site.connect(), site.name('lock')];
      assert.equal(await taken(one, lock, 'Exclusive'), 0);
      await one.close();
      await until('the lock of a closed session', async () => (await taken(two, lock, 'Exclusive')) === 0);
    },
  },
  {
    name: 'a lock belongs to the database that was current',
    source: `${page}, "Remarks"`,
    async run(site) {
      const shop = await site.database('shop');
      const [one, two, lock] = [await site.connect(), await site.connect(), site.name('lock')];
      assert.equal(await taken(one, lock, 'Exclusive'), 0);
      await two.must(`USE ${quoteName(shop)}`);
      assert.equal(await taken(two, lock, 'Exclusive'), 0);
      await two.close();
    },
  },
  {
    name: 'giving back what one does not hold is an error: 1223',
    source: 'sp_releaseapplock (Transact-SQL); sys.messages 1223',
    confirmed: false,
    async run(site) {
      const { errors } = await site.sa.run(give(site.name('lock')));
      assert.deepEqual(
        errors.map(({ number }) => number),
        [1223],
      );
    },
  },
  {
    name: 'KILL ends another session, its transaction and its locks',
    source: 'KILL (Transact-SQL)',
    async run(site) {
      const shop = await site.database('shop');
      const [one, two, lock] = [await site.connect(), await site.connect(), site.name('lock')];
      assert.equal(await taken(one, lock, 'Exclusive'), 0);
      await one.must(`BEGIN TRANSACTION; ${insert(shop, 'lost')}`);
      await site.sa.must(`KILL ${one.spid}`);
      await until('the lock of a killed session', async () => (await taken(two, lock, 'Exclusive')) === 0);
      assert.deepEqual(await site.notes(shop), []);
    },
  },
  {
    name: 'a session cannot KILL itself: 6104',
    source: 'sys.messages 6104',
    async run(site) {
      const { errors } = await site.sa.run(`KILL ${site.sa.spid}`);
      assert.deepEqual(
        errors.map(({ number, severity, text }) => [number, severity, text]),
        [[6104, 16, 'Cannot use KILL to kill your own process.']],
      );
    },
  },
  {
    name: 'a row lock that is not given in time: 1222 of severity 16, state 51',
    source: 'SET LOCK_TIMEOUT (Transact-SQL); sys.messages 1222',
    confirmed: false,
    async run(site) {
      const shop = await site.database('shop');
      await site.sa.must(insert(shop, 'one'));
      const [one, two] = [await site.connect(), await site.connect()];
      await one.must(`BEGIN TRANSACTION; UPDATE ${quoteName(shop)}.dbo.t SET note = N'mine'`);
      const { errors } = await two.run(`SET LOCK_TIMEOUT 50; UPDATE ${quoteName(shop)}.dbo.t SET note = N'his'`);
      assert.deepEqual(
        errors.map(({ number, severity, text }) => [number, severity, text]),
        [[1222, 16, 'Lock request time out period exceeded.']],
      );
      await one.must('ROLLBACK');
      assert.deepEqual(await site.notes(shop), ['one']);
    },
  },
]);

import assert from 'node:assert/strict';
import { test } from 'node:test';
import sql from 'mssql';
import { Request } from 'tedious';
import { openPool, openTedious } from './testing/clients.ts';
import { fakeInstance } from './testing/fake-server.ts';

/** MS-TDS 2.2.6.9, TM_BEGIN_XACT. */
const SNAPSHOT = 5;

test('the transactions of mssql arrive as requests with isolation level', async () => {
  await using instance = await fakeInstance();
  await using client = await openPool(instance);
  const transaction = new sql.Transaction(client.pool);
  await transaction.begin(sql.ISOLATION_LEVEL.SERIALIZABLE);
  await transaction.request().batch('INSERT');
  await transaction.commit();
  const second = new sql.Transaction(client.pool);
  await second.begin();
  await second.rollback();
  assert.deepEqual(instance.server.lastSession.transactions, [
    { kind: 'begin', isolation: 4, name: '' },
    { kind: 'commit', name: '', beginNext: false },
    { kind: 'begin', isolation: 2, name: '' },
    { kind: 'rollback', name: '', beginNext: false },
  ]);
});

test('the names of transactions and savepoints arrive', async () => {
  await using instance = await fakeInstance();
  await using client = await openTedious(instance);
  const { connection } = client;
  const step = (start: (done: (error?: Error | null) => void) => void): Promise<void> =>
    new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())));
  await step((done) => connection.beginTransaction(done, 'größer', SNAPSHOT));
  await step((done) => connection.saveTransaction(done, 'sp'));
  await step((done) => connection.rollbackTransaction(done, 'sp'));
  await step((done) => connection.commitTransaction(done, 'größer'));
  assert.deepEqual(instance.server.lastSession.transactions, [
    { kind: 'begin', isolation: 5, name: 'größer' },
    { kind: 'save', name: 'sp' },
    { kind: 'rollback', name: 'sp', beginNext: false },
    { kind: 'commit', name: 'größer', beginNext: false },
  ]);
});

test('a reset resets the session before the next request and tells the client', async () => {
  await using instance = await fakeInstance({
    batch(_text, sink, _signal, session) {
      sink.env({ kind: 'database', next: 'db2', previous: session.database });
      session.database = 'db2';
      sink.done({ curCmd: 226 });
    },
  });
  await using client = await openTedious(instance);
  const seen: string[] = [];
  client.connection.on('databaseChange', (name) => seen.push(name));
  client.connection.on('resetConnection', () => seen.push('reset'));
  await client.run((done) => new Request('USE db2', done));
  await new Promise<void>((resolve, reject) => {
    client.connection.reset((error) => (error ? reject(error) : resolve()));
  });
  assert.equal(instance.server.lastSession.resets, 1);
  assert.deepEqual(seen, ['db2', 'reset', 'master']);
});

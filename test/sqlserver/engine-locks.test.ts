import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SqlError } from './contracts.ts';
import { Lab } from './engine/testing/harness.ts';

const signal = new AbortController().signal;

const isNumber = (number: number) => (error: unknown) =>
  error instanceof SqlError && error.messages[0]?.number === number;

async function twoTransactions(lab: Lab) {
  const database = await lab.create('shop');
  const setup = database.begin();
  const other = setup.createTable({ ...database.table('dbo', 'items')!.definition, name: 'other' });
  setup.commit();
  return { database, items: database.table('dbo', 'items')!, other, a: database.begin(), b: database.begin() };
}

test('a reader waits for the writer and goes on when it commits', async () => {
  await using lab = await Lab.open();
  const { items, a, b } = await twoTransactions(lab);
  await a.lock(items, 'exclusive', signal);
  a.insert(items, [1, 'x']);
  let granted = false;
  const waiting = b.lock(items, 'shared', signal).then(() => (granted = true));
  await new Promise(setImmediate);
  assert.equal(granted, false);
  a.commit();
  await waiting;
  assert.deepEqual(lab.ids('shop'), [1]);
});

test('a lock that is not given in time fails with 1222, at once for 0', async () => {
  await using lab = await Lab.open();
  const { items, a, b } = await twoTransactions(lab);
  await a.lock(items, 'exclusive', signal);
  await assert.rejects(b.lock(items, 'shared', signal, 0), isNumber(1222));
  await assert.rejects(b.lock(items, 'shared', signal, 5), isNumber(1222));
  a.commit();
  await b.lock(items, 'shared', signal, 0);
});

test('two transactions that wait for each other: the second to ask is the victim', async () => {
  await using lab = await Lab.open();
  const { items, other, a, b } = await twoTransactions(lab);
  await a.lock(items, 'exclusive', signal);
  await b.lock(other, 'exclusive', signal);
  const waiting = a.lock(other, 'exclusive', signal);
  await assert.rejects(b.lock(items, 'exclusive', signal), isNumber(1205));
  b.rollback();
  await waiting;
});

test('two readers that both want to write: the second is the victim, the first gets its lock', async () => {
  await using lab = await Lab.open();
  const { items, a, b } = await twoTransactions(lab);
  await a.lock(items, 'shared', signal);
  await b.lock(items, 'shared', signal);
  const waiting = a.lock(items, 'exclusive', signal);
  await assert.rejects(b.lock(items, 'exclusive', signal), isNumber(1205));
  b.rollback();
  await waiting;
});

test('a reader that becomes a writer does not queue behind those who wait for it', async () => {
  await using lab = await Lab.open();
  const { database, items, a, b } = await twoTransactions(lab);
  const c = database.begin();
  await a.lock(items, 'shared', signal);
  await c.lock(items, 'shared', signal);
  const later = b.lock(items, 'exclusive', signal);
  const upgrade = a.lock(items, 'exclusive', signal);
  c.releaseShared();
  await upgrade;
  a.commit();
  await later;
});

test('an abandoned wait leaves the queue', async () => {
  await using lab = await Lab.open();
  const { items, a, b } = await twoTransactions(lab);
  await a.lock(items, 'exclusive', signal);
  const cancel = new AbortController();
  const waiting = b.lock(items, 'exclusive', cancel.signal);
  cancel.abort(new Error('attention'));
  await assert.rejects(waiting, /attention/);
  a.commit();
  await b.lock(items, 'exclusive', signal, 0);
});

test('nothing is written without the lock of its table', async () => {
  await using lab = await Lab.open();
  const { items, a, b } = await twoTransactions(lab);
  a.insert(items, [1, 'x']);
  assert.throws(() => b.insert(items, [2, 'y']), /locked by another transaction/);
});

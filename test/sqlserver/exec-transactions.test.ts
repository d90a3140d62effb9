import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { Answer, TestServer, type Client } from './exec-support.ts';

let server: TestServer;
let client: Client;

before(async () => {
  server = await TestServer.open();
  client = await server.database('tx');
  await client.ok('CREATE TABLE t (id int PRIMARY KEY)');
});

after(() => server[Symbol.asyncDispose]());

beforeEach(async () => {
  await client.ok(
    'IF @@TRANCOUNT > 0 ROLLBACK; SET XACT_ABORT OFF; SET IMPLICIT_TRANSACTIONS OFF; SET NOCOUNT OFF; DELETE t',
  );
});

const ids = async (): Promise<string> =>
  (await client.rows('SELECT id FROM t ORDER BY id')).map(([id]) => id).join(' ');

test('BEGIN, COMMIT and ROLLBACK announce the transaction to the client', async () => {
  const answer = await client.ok('BEGIN TRAN; INSERT t VALUES (1); COMMIT; BEGIN TRAN; INSERT t VALUES (2); ROLLBACK');
  assert.deepEqual(answer.order, [
    'env begin',
    'done 212',
    'done 195',
    'env commit',
    'done 213',
    'env begin',
    'done 212',
    'done 195',
    'env rollback',
    'done 210',
  ]);
  assert.equal(await ids(), '1');
});

test('inner transactions only count; ROLLBACK ends all of them', async () => {
  assert.deepEqual(await client.rows('BEGIN TRAN; BEGIN TRAN; INSERT t VALUES (1); COMMIT; SELECT @@TRANCOUNT'), [
    ['1'],
  ]);
  assert.deepEqual(await client.rows('BEGIN TRAN; ROLLBACK; SELECT @@TRANCOUNT'), [['0']]);
  assert.equal(await ids(), '');
});

test('savepoints take back what came after them, temporary tables too', async () => {
  await client.ok('CREATE TABLE #x (a int)');
  await client.ok(
    'BEGIN TRAN; INSERT t VALUES (1); INSERT #x VALUES (1); SAVE TRAN s; INSERT t VALUES (2); INSERT #x VALUES (2); ROLLBACK TRAN s; INSERT t VALUES (3); COMMIT',
  );
  assert.equal(await ids(), '1 3');
  assert.equal(await client.value('SELECT COUNT(*) FROM #x'), '1');
  await client.ok('BEGIN TRAN; DELETE #x; CREATE TABLE #y (a int); ROLLBACK');
  assert.deepEqual(await client.rows("SELECT COUNT(*), OBJECT_ID('tempdb..#y') FROM #x"), [['1', null]]);
});

test('table variables keep what a rollback takes from tables', async () => {
  assert.equal(
    await client.value(
      'DECLARE @v TABLE (a int); BEGIN TRAN; INSERT @v VALUES (1); INSERT t VALUES (1); ROLLBACK; SELECT COUNT(*) FROM @v',
    ),
    '1',
  );
  assert.equal(await ids(), '');
});

test('COMMIT and ROLLBACK without a transaction are 3902 and 3903, an unknown name 6401', async () => {
  assert.equal((await client.error('COMMIT'))?.number, 3902);
  assert.equal((await client.error('ROLLBACK'))?.number, 3903);
  assert.equal((await client.error('BEGIN TRAN a; ROLLBACK TRAN b'))?.number, 6401);
  await client.ok('ROLLBACK TRAN a');
});

test('with IMPLICIT_TRANSACTIONS the first statement opens a transaction', async () => {
  await client.ok('SET IMPLICIT_TRANSACTIONS ON; INSERT t VALUES (1)');
  assert.equal(await client.value('SELECT @@TRANCOUNT'), '1');
  await client.ok('ROLLBACK');
  assert.equal(await client.value('SET IMPLICIT_TRANSACTIONS OFF; SELECT @@TRANCOUNT'), '0');
  assert.equal(await ids(), '');
});

test('with XACT_ABORT ON a run-time error rolls back and ends the batch', async () => {
  const answer = await client.run(
    'SET XACT_ABORT ON; BEGIN TRAN; INSERT t VALUES (1); INSERT t VALUES (1); INSERT t VALUES (2); COMMIT',
  );
  assert.deepEqual(answer.errorNumbers, [2627]);
  assert.deepEqual(answer.order.slice(-4), ['message 2627', 'message 3621', 'env rollback', 'done 195']);
  assert.equal(await client.value('SELECT @@TRANCOUNT'), '0');
  assert.equal(await ids(), '');
});

test('with XACT_ABORT OFF the transaction goes on after the failed statement', async () => {
  await client.run('BEGIN TRAN; INSERT t VALUES (1); INSERT t VALUES (1); INSERT t VALUES (2); COMMIT');
  assert.equal(await ids(), '1 2');
});

test('a conversion error ends the batch and the transaction', async () => {
  const answer = await client.run("BEGIN TRAN; INSERT t VALUES (1); SELECT CAST('x' AS int); INSERT t VALUES (2)");
  assert.deepEqual(answer.errorNumbers, [245]);
  assert.deepEqual(await client.rows('SELECT @@TRANCOUNT, COUNT(*) FROM t'), [['0', '0']]);
});

test('in TRY with XACT_ABORT ON the transaction is doomed: nothing but ROLLBACK works', async () => {
  const answer = await client.run(`SET XACT_ABORT ON; BEGIN TRAN;
    BEGIN TRY INSERT t VALUES (1); INSERT t VALUES (1) END TRY
    BEGIN CATCH SELECT XACT_STATE(), @@TRANCOUNT; INSERT t VALUES (3) END CATCH`);
  assert.deepEqual(answer.sets[0]?.rows, [[-1, 1]]);
  assert.deepEqual(answer.errorNumbers, [3930]);
  assert.equal(await client.value('SELECT @@TRANCOUNT'), '0');
});

test('a doomed transaction that is left behind is rolled back with 3998', async () => {
  const answer = await client.run(
    "BEGIN TRAN; INSERT t VALUES (1); BEGIN TRY SELECT CAST('x' AS int) END TRY BEGIN CATCH SELECT XACT_STATE() END CATCH",
  );
  assert.deepEqual(answer.rows, [['-1']]);
  assert.deepEqual(answer.errorNumbers, [3998]);
  assert.deepEqual(await client.rows('SELECT @@TRANCOUNT, COUNT(*) FROM t'), [['0', '0']]);
});

test('the usual TRY and CATCH with rollback and THROW', async () => {
  const answer = await client.run(`BEGIN TRY BEGIN TRAN; INSERT t VALUES (1); INSERT t VALUES (1); COMMIT END TRY
    BEGIN CATCH IF @@TRANCOUNT > 0 ROLLBACK; THROW END CATCH; SELECT 'not reached'`);
  assert.deepEqual(answer.errorNumbers, [2627]);
  assert.equal(answer.sets.length, 0);
  assert.equal(await ids(), '');
});

test('one transaction over two databases commits and rolls back in both', async () => {
  await client.ok('CREATE DATABASE other');
  await client.ok('CREATE TABLE other.dbo.u (id int)');
  await client.ok('BEGIN TRAN; INSERT t VALUES (1); INSERT other.dbo.u VALUES (1); COMMIT');
  await client.ok('BEGIN TRAN; INSERT t VALUES (2); INSERT other.dbo.u VALUES (2); ROLLBACK');
  await client.ok(
    'BEGIN TRAN; INSERT t VALUES (3); SAVE TRAN s; INSERT other.dbo.u VALUES (3); ROLLBACK TRAN s; COMMIT',
  );
  assert.deepEqual(
    await client.rows("SELECT (SELECT STRING_AGG(id, ' ') FROM t), (SELECT STRING_AGG(id, ' ') FROM other.dbo.u)"),
    [['1 3', '1']],
  );
});

test('the transaction manager requests of drivers', async () => {
  const { session } = client;
  const signal = new AbortController().signal;
  const begin = new Answer();
  await session.transaction({ kind: 'begin', isolation: 0, name: '' }, begin, signal);
  assert.deepEqual(begin.order, ['env begin', 'done 212']);
  await client.ok('INSERT t VALUES (1)');
  await session.transaction({ kind: 'save', name: 'here' }, new Answer(), signal);
  await client.ok('INSERT t VALUES (2)');
  await session.transaction({ kind: 'rollback', name: 'here', beginNext: false }, new Answer(), signal);
  const commit = new Answer();
  await session.transaction({ kind: 'commit', name: '', beginNext: true }, commit, signal);
  assert.deepEqual(commit.order, ['env commit', 'env begin', 'done 213']);
  await session.transaction({ kind: 'rollback', name: '', beginNext: false }, new Answer(), signal);
  assert.equal(await ids(), '1');
});

test('a marked transaction is written down in msdb', async () => {
  await client.ok(
    "BACKUP DATABASE tx TO DISK = '/var/opt/mssql/data/tx.bak'; BEGIN TRAN noon WITH MARK 'before the release'; INSERT t VALUES (1); COMMIT",
  );
  assert.deepEqual(
    await client.rows("SELECT mark_name, description FROM msdb.dbo.logmarkhistory WHERE database_name = 'tx'"),
    [['noon', 'before the release']],
  );
});

test('DDL rolls back with its transaction', async () => {
  await client.ok('BEGIN TRAN; CREATE TABLE gone (a int); ALTER TABLE t ADD x int; DROP TABLE t; ROLLBACK');
  assert.equal((await client.error('SELECT * FROM gone'))?.number, 208);
  assert.equal((await client.error('SELECT x FROM t'))?.number, 207);
});

test('CREATE, ALTER and DROP DATABASE, BACKUP and RESTORE refuse to run inside of a transaction', async () => {
  assert.equal((await client.error('BEGIN TRAN; CREATE DATABASE nope'))?.number, 226);
  const answer = await client.run("BACKUP DATABASE tx TO DISK = '/var/opt/mssql/data/x.bak'; ROLLBACK");
  assert.deepEqual(
    answer.errors.map((m) => [m.number, m.state]),
    [
      [3021, 0],
      [3013, 1],
    ],
  );
  assert.deepEqual(answer.dones, [{ curCmd: 228, failed: true }, { curCmd: 210 }]);
});

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SqlError } from './contracts.ts';
import { Answer, TestServer, until, type Client } from './exec-support.ts';

let server: TestServer;
let client: Client;

before(async () => {
  server = await TestServer.open();
  client = await server.database('sessions');
  await client.ok('CREATE TABLE t (id int PRIMARY KEY, v int); INSERT t VALUES (1, 1), (2, 2)');
});

after(() => server[Symbol.asyncDispose]());

test('a login with a wrong password is refused with 18456', async () => {
  await assert.rejects(server.connect({ password: 'wrong' }), (error) => {
    assert.ok(error instanceof SqlError);
    assert.deepEqual(
      error.messages.map((m) => [m.number, m.class, m.state, m.text]),
      [[18456, 14, 1, "Login failed for user 'sa'."]],
    );
    return true;
  });
});

test('a login into a database that is not there gets 4060 and then 18456', async () => {
  await assert.rejects(server.connect({ database: 'nosuch' }), (error) => {
    assert.ok(error instanceof SqlError);
    assert.deepEqual(
      error.messages.map((m) => [m.number, m.class]),
      [
        [4060, 11],
        [18456, 14],
      ],
    );
    return true;
  });
});

test('USE changes the context and says so', async () => {
  const other = await server.connect();
  const answer = await other.ok('USE sessions');
  assert.deepEqual(answer.order, ['env database', 'message 5701', 'done 226']);
  assert.equal(answer.messages[0]?.text, "Changed database context to 'sessions'.");
  assert.equal(await other.value('SELECT DB_NAME()'), 'sessions');
});

test('USE of a database that does not exist is 911 and the context stays', async () => {
  const other = await server.connect();
  assert.equal((await other.error('USE nosuch'))?.number, 911);
  assert.equal(await other.value('SELECT DB_NAME()'), 'master');
});

test('uncommitted rows are not seen by others, who wait; NOLOCK does not wait', async () => {
  const writer = await server.connect({ database: 'sessions' });
  const reader = await server.connect({ database: 'sessions' });
  await writer.ok('BEGIN TRAN; UPDATE t SET v = 99 WHERE id = 1');
  assert.equal(await reader.value('SELECT v FROM t WITH (NOLOCK) WHERE id = 1'), '99');
  let seen: string | null | undefined = 'nothing yet';
  const waiting = reader.value('SELECT v FROM t WHERE id = 1').then((value) => (seen = value));
  await until(
    async () => (await client.value("SELECT COUNT(*) FROM sys.dm_exec_requests WHERE wait_type = 'LCK_M_S'")) === '1',
    'the reader waits',
  );
  assert.equal(seen, 'nothing yet');
  await writer.ok('ROLLBACK');
  await waiting;
  assert.equal(seen, '1');
});

test('SET LOCK_TIMEOUT ends a wait with 1222', async () => {
  const writer = await server.connect({ database: 'sessions' });
  const reader = await server.connect({ database: 'sessions' });
  await writer.ok('BEGIN TRAN; UPDATE t SET v = 5 WHERE id = 1');
  const answer = await reader.run('SET LOCK_TIMEOUT 20; SELECT v FROM t');
  assert.deepEqual(answer.errorNumbers, [1222]);
  await writer.ok('ROLLBACK');
});

test('two sessions that wait for each other: one becomes the deadlock victim and loses its transaction', async () => {
  await client.ok('CREATE TABLE a (id int); CREATE TABLE b (id int)');
  const one = await server.connect({ database: 'sessions' });
  const two = await server.connect({ database: 'sessions' });
  await one.ok('BEGIN TRAN; INSERT a VALUES (1)');
  await two.ok('BEGIN TRAN; INSERT b VALUES (1)');
  const first = one.run('INSERT b VALUES (2)');
  await until(
    async () => (await client.value("SELECT COUNT(*) FROM sys.dm_exec_requests WHERE wait_type = 'LCK_M_X'")) === '1',
    'one waits',
  );
  const second = await two.run('INSERT a VALUES (2); SELECT 1');
  assert.deepEqual(second.errorNumbers, [1205]);
  assert.equal(second.sets.length, 0, 'the batch of the victim is over');
  assert.equal(await two.value('SELECT @@TRANCOUNT'), '0');
  assert.deepEqual((await first).errorNumbers, []);
  await one.ok('COMMIT');
});

test('an attention interrupts WAITFOR; the open transaction stays with XACT_ABORT OFF', async () => {
  const other = await server.connect({ database: 'sessions' });
  const controller = new AbortController();
  const answer = new Answer();
  const running = other.session.batch(
    "BEGIN TRAN; BEGIN TRY INSERT t VALUES (10, 10); WAITFOR DELAY '00:01'; INSERT t VALUES (11, 11) END TRY BEGIN CATCH INSERT t VALUES (12, 12) END CATCH",
    answer,
    controller.signal,
  );
  await until(
    async () => (await client.value("SELECT COUNT(*) FROM sys.dm_exec_requests WHERE wait_type = 'WAITFOR'")) === '1',
    'it waits',
  );
  controller.abort();
  await assert.rejects(running, { name: 'AbortError' });
  assert.deepEqual(await other.rows('SELECT @@TRANCOUNT, COUNT(*) FROM t WHERE id >= 10'), [['1', '1']]);
  await other.ok('ROLLBACK');
});

test('an attention rolls the transaction back with XACT_ABORT ON', async () => {
  const other = await server.connect({ database: 'sessions' });
  const controller = new AbortController();
  const answer = new Answer();
  const running = other.session.batch(
    "SET XACT_ABORT ON; BEGIN TRAN; INSERT t VALUES (10, 10); WAITFOR DELAY '00:01'",
    answer,
    controller.signal,
  );
  await until(
    async () => (await client.value("SELECT COUNT(*) FROM sys.dm_exec_requests WHERE wait_type = 'WAITFOR'")) === '1',
    'it waits',
  );
  controller.abort();
  await assert.rejects(running, { name: 'AbortError' });
  assert.equal(answer.environment.at(-1)?.kind, 'rollback');
  assert.deepEqual(await other.rows('SELECT @@TRANCOUNT, COUNT(*) FROM t WHERE id >= 10'), [['0', '0']]);
});

test('a session that closes rolls back and gives its locks free', async () => {
  const other = await server.connect({ database: 'sessions' });
  await other.ok('BEGIN TRAN; DELETE FROM t');
  await other.session.close();
  assert.equal(await client.value('SELECT COUNT(*) FROM t'), '2');
});

test('KILL ends work and connection of another session', async () => {
  let disconnected = false;
  const victim = await server.connect({ database: 'sessions', disconnect: () => (disconnected = true) });
  await victim.ok('BEGIN TRAN; DELETE FROM t');
  await client.ok(`KILL ${victim.session.spid}`);
  assert.equal(disconnected, true);
  assert.equal(await client.value('SELECT COUNT(*) FROM t'), '2');
  assert.equal((await client.error(`KILL ${victim.session.spid}`))?.number, 6106);
});

test('KILL of a running session ends it with 596', async () => {
  const victim = await server.connect();
  const running = victim.run("WAITFOR DELAY '00:01'");
  const rejected = assert.rejects(
    running,
    (error) => error instanceof SqlError && error.messages[0]?.number === 596 && error.messages[0].class === 21,
  );
  await until(
    async () => (await client.value("SELECT COUNT(*) FROM sys.dm_exec_requests WHERE wait_type = 'WAITFOR'")) === '1',
    'it waits',
  );
  await client.ok(`KILL ${victim.session.spid}`);
  await rejected;
});

test('nobody kills himself', async () => {
  assert.equal((await client.error(`KILL ${client.session.spid}`))?.number, 6104);
});

test('a reset session has no transaction, no temporary tables and default settings, in its first database', async () => {
  const other = await server.connect({ database: 'sessions' });
  await other.ok(
    'USE master; SET NOCOUNT ON; SET DATEFORMAT dmy; SET LOCK_TIMEOUT 5; CREATE TABLE #t (a int); BEGIN TRAN',
  );
  await other.session.reset();
  assert.equal(other.session.database, 'sessions');
  assert.deepEqual(await other.rows("SELECT @@TRANCOUNT, @@LOCK_TIMEOUT, @@OPTIONS & 512, OBJECT_ID('tempdb..#t')"), [
    ['0', '-1', '0', null],
  ]);
});

test('temporary tables belong to their session', async () => {
  const one = await server.connect();
  const two = await server.connect();
  await one.ok('CREATE TABLE #mine (a int); INSERT #mine VALUES (1)');
  assert.equal((await two.error('SELECT * FROM #mine'))?.number, 208);
  await two.ok('CREATE TABLE #mine (b int)');
  assert.equal(await one.value('SELECT COUNT(*) FROM #mine'), '1');
});

test('a database in single-user mode takes one session', async () => {
  const only = await server.connect();
  await only.ok('CREATE DATABASE single; ALTER DATABASE single SET SINGLE_USER');
  await only.ok('USE single');
  assert.equal((await client.error('USE single'))?.number, 924);
  await only.ok('USE master; ALTER DATABASE single SET MULTI_USER');
  await client.ok('USE single; USE sessions');
});

test('ROLLBACK IMMEDIATE throws the others out', async () => {
  const victim = await server.connect();
  await victim.ok('CREATE DATABASE shared');
  await victim.ok('USE shared');
  const answer = await client.ok('ALTER DATABASE shared SET OFFLINE WITH ROLLBACK IMMEDIATE');
  assert.deepEqual(answer.order, ['message 5060', 'done 215', 'message 5060', 'done 215', 'done 215']);
  assert.equal((await client.error('USE shared'))?.number, 942);
});

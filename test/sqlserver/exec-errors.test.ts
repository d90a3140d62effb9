import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TestServer, type Client } from './exec-support.ts';

let server: TestServer;
let client: Client;

before(async () => {
  server = await TestServer.open();
  client = await server.database('errors');
});

after(() => server[Symbol.asyncDispose]());

test('an arithmetic error ends its statement, the batch goes on', async () => {
  const answer = await client.run('SELECT 1/0 AS bad; SELECT @@ERROR, @@ROWCOUNT, 42');
  assert.deepEqual(answer.order, ['columns', 'message 8134', 'done 193', 'columns', 'done 193']);
  assert.deepEqual(answer.dones[0], { curCmd: 193, failed: true });
  assert.deepEqual(answer.rows, [['8134', '0', '42']]);
});

test('a conversion error ends the batch', async () => {
  const answer = await client.run("SELECT CAST('bad' AS int) AS bad; SELECT 42");
  assert.deepEqual(answer.order, ['columns', 'message 245', 'done 193']);
});

test('RAISERROR reports and goes on, THROW reports and ends', async () => {
  const raised = await client.run("RAISERROR('test', 16, 1); SELECT @@ERROR");
  assert.deepEqual(
    raised.errors.map((m) => [m.number, m.class, m.state, m.text]),
    [[50000, 16, 1, 'test']],
  );
  assert.deepEqual(raised.dones[0], { curCmd: 246, failed: true });
  assert.deepEqual(raised.rows, [['50000']]);
  const thrown = await client.run("THROW 51000, 'test', 3; SELECT 1");
  assert.deepEqual(
    thrown.errors.map((m) => [m.number, m.class, m.state]),
    [[51000, 16, 3]],
  );
  assert.deepEqual(thrown.dones, [{ curCmd: 253, failed: true }]);
});

test('RAISERROR formats its arguments; severity up to 10 is a message of class 0 or its own', async () => {
  const answer = await client.ok(
    "RAISERROR(N'%s took %d of %i', 10, 2, N'it', 3, 4) WITH NOWAIT; RAISERROR('low', 1, 1)",
  );
  assert.deepEqual(
    answer.messages.map((m) => [m.number, m.class, m.state, m.text]),
    [
      [50000, 0, 2, 'it took 3 of 4'],
      [50000, 1, 1, 'low'],
    ],
  );
  assert.equal((await client.error("RAISERROR('x', 19, 1)"))?.number, 2754);
});

test('a table that is not there ends the batch, in a procedure only the procedure', async () => {
  const answer = await client.run('SELECT * FROM nosuch; SELECT 1');
  assert.deepEqual(answer.order, ['message 208', 'done 253']);
  await client.ok('CREATE PROCEDURE broken AS SELECT * FROM nosuch; SELECT 1');
  const called = await client.run('EXEC broken; SELECT 2');
  assert.deepEqual(
    called.errors.map((m) => [m.number, m.procedure]),
    [[208, 'broken']],
  );
  assert.deepEqual(called.rows, [['2']]);
});

test('TRY and CATCH: tokens in the order of a real server', async () => {
  const answer = await client.ok(
    'SET NOCOUNT ON; BEGIN TRY SELECT 1/0 AS n; END TRY BEGIN CATCH SELECT ERROR_NUMBER() AS n; END CATCH',
  );
  assert.deepEqual(
    answer.dones.map(({ curCmd }) => curCmd),
    [185, 349, 193, 350, 193, 351],
  );
  assert.deepEqual(
    answer.sets.map(({ rows }) => rows),
    [[], [[8134]]],
  );
  await client.ok('SET NOCOUNT OFF');
  const quiet = await client.ok("BEGIN TRY PRINT 'a'; END TRY BEGIN CATCH PRINT 'caught'; END CATCH");
  assert.deepEqual(
    quiet.dones.map(({ curCmd }) => curCmd),
    [349, 247, 351],
  );
});

test('ERROR functions tell about the caught error and about nothing outside of CATCH', async () => {
  await client.ok("CREATE PROCEDURE fails AS\nBEGIN\n  RAISERROR('from inside', 14, 5)\nEND");
  assert.deepEqual(
    await client.rows(
      'BEGIN TRY EXEC fails END TRY BEGIN CATCH SELECT ERROR_NUMBER(), ERROR_SEVERITY(), ERROR_STATE(), ERROR_LINE(), ERROR_PROCEDURE(), ERROR_MESSAGE() END CATCH',
    ),
    [['50000', '14', '5', '3', 'fails', 'from inside']],
  );
  assert.deepEqual(await client.rows('SELECT ERROR_NUMBER(), ERROR_MESSAGE()'), [[null, null]]);
});

test('nested TRY blocks: a rethrow reaches the outer handler', async () => {
  assert.deepEqual(
    await client.rows(`BEGIN TRY
        BEGIN TRY SELECT 1/0 END TRY
        BEGIN CATCH THROW 50001, 'again', 1 END CATCH
      END TRY
      BEGIN CATCH SELECT ERROR_NUMBER(), ERROR_MESSAGE() END CATCH`),
    [['50001', 'again']],
  );
});

test('THROW without arguments sends the caught error again', async () => {
  const answer = await client.run(
    "BEGIN TRY RAISERROR('first', 15, 9) END TRY BEGIN CATCH PRINT 'cleaning'; THROW; END CATCH",
  );
  assert.deepEqual(
    answer.errors.map((m) => [m.number, m.class, m.state, m.text]),
    [[50000, 15, 9, 'first']],
  );
  assert.equal((await client.error('THROW'))?.number, 10704);
});

test('errors of compilation pass the handlers of their own level and are caught by those of the caller', async () => {
  const own = await client.run('BEGIN TRY SELECT * FROM nosuch END TRY BEGIN CATCH SELECT 1 END CATCH');
  assert.deepEqual(own.errorNumbers, [208]);
  assert.deepEqual(
    await client.rows("BEGIN TRY EXEC ('SELECT * FROM nosuch') END TRY BEGIN CATCH SELECT ERROR_NUMBER() END CATCH"),
    [['208']],
  );
  assert.deepEqual(
    await client.rows("BEGIN TRY EXEC ('SELECT FROM') END TRY BEGIN CATCH SELECT ERROR_NUMBER() END CATCH"),
    [['156']],
  );
});

test('CATCH sees the last error of a failed BACKUP: 3013', async () => {
  assert.deepEqual(
    await client.rows(
      "BEGIN TRY BACKUP DATABASE nosuch TO DISK = '/x.bak' END TRY BEGIN CATCH SELECT ERROR_NUMBER(), ERROR_MESSAGE() END CATCH",
    ),
    [['3013', 'BACKUP DATABASE is terminating abnormally.']],
  );
});

test('RETURN, BREAK and CONTINUE leave TRY blocks quietly', async () => {
  const answer = await client.ok(
    'DECLARE @i int = 0; WHILE @i < 3 BEGIN SET @i += 1; BEGIN TRY IF @i = 2 CONTINUE; IF @i = 3 BREAK; PRINT @i END TRY BEGIN CATCH END CATCH END; RETURN; PRINT 9',
  );
  assert.deepEqual(
    answer.messages.map((m) => m.text),
    ['1'],
  );
});

test('a syntax error: nothing of the batch runs', async () => {
  const answer = await client.run('PRINT 1\nSELEC 2');
  assert.deepEqual(answer.order, ['message 102', 'done 253']);
  assert.deepEqual([answer.errors[0]?.class, answer.errors[0]?.line], [15, 2]);
});

test('what nests too deep is an error, not the end of the connection', async () => {
  assert.equal((await client.error(`SELECT ${'('.repeat(20_000)}1${')'.repeat(20_000)}`))?.number, 191);
  assert.equal((await client.error(`SELECT 1${' + 1'.repeat(50_000)}`))?.number, 8631);
  assert.equal(await client.value('SELECT 1'), '1');
});

test('line numbers count from the batch, in a procedure from its text', async () => {
  assert.equal((await client.error('\n\nSELECT\n1/0'))?.line, 3);
  assert.equal((await client.error('DECLARE @a int\nSET @a = 1/0'))?.line, 2);
});

test('GOTO jumps to its label', async () => {
  const answer = await client.ok("PRINT 'a' GOTO there PRINT 'b' there: PRINT 'c'");
  assert.deepEqual(
    answer.messages.map((m) => m.text),
    ['a', 'c'],
  );
});

test('IF, WHILE, PRINT and SET complete one by one, as a real server reports them', async () => {
  const answer = await client.ok(
    "IF 1 = 0 PRINT 'x'; DECLARE @i int = 1; SET @i = 2; WHILE @i < 3 SET @i += 1; PRINT 'y'; DECLARE @j int",
  );
  assert.deepEqual(
    answer.dones,
    [192, 193, 193, 192, 193, 192, 247].map((curCmd) => ({ curCmd })),
  );
});

test('@@ROWCOUNT counts the last statement; PRINT, SET options and transactions set it to 0, IF does not', async () => {
  assert.deepEqual(
    await client.rows(`CREATE TABLE #r (a int, b int, c int, d int);
      DECLARE @a int, @b int, @c int, @d int;
      SELECT @a = 1 FROM (VALUES (1), (2), (3)) v(x); SET @a = @@ROWCOUNT;
      SELECT @b = 1 FROM (VALUES (1), (2), (3)) v(x); IF 1 = 1 SET @b = @@ROWCOUNT;
      SELECT @c = 1 FROM (VALUES (1), (2), (3)) v(x); PRINT 'x'; SET @c = @@ROWCOUNT;
      SELECT @d = 1 FROM (VALUES (1), (2), (3)) v(x); BEGIN TRAN; SET @d = @@ROWCOUNT; COMMIT;
      SELECT @a, @b, @c, @d`),
    [['3', '3', '0', '0']],
  );
});

test('NOCOUNT takes the counts away', async () => {
  const answer = await client.ok(
    'SET NOCOUNT ON; SELECT 1; CREATE TABLE #n (a int); INSERT #n VALUES (1); SET NOCOUNT OFF; SELECT 1',
  );
  assert.deepEqual(answer.dones, [
    { curCmd: 185 },
    { curCmd: 193 },
    { curCmd: 198 },
    { curCmd: 195 },
    { curCmd: 186 },
    { curCmd: 193, rowCount: 1 },
  ]);
});

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { int, parameter, TestServer, text, type Client } from './exec-support.ts';

let server: TestServer;
let client: Client;

before(async () => {
  server = await TestServer.open();
  client = await server.database('procs');
  await client.ok(`CREATE PROCEDURE twice @a int, @b int = 5 OUTPUT, @c nvarchar(10) = N'dflt' AS
    BEGIN SET NOCOUNT ON; SET @b = @a * 2; SELECT @a AS a, @c AS c; RETURN 7 END`);
});

after(() => server[Symbol.asyncDispose]());

test('arguments by position and by name, defaults, outputs and the return code', async () => {
  const answer = await client.ok(
    "DECLARE @r int, @o int; EXEC @r = twice 4, @o OUTPUT, @c = N'x'; SELECT @r, @o; EXEC dbo.twice @c = DEFAULT, @a = 1",
  );
  assert.deepEqual(
    answer.sets.map(({ rows }) => rows[0]),
    [
      [4, 'x'],
      [7, 8],
      [1, 'dflt'],
    ],
  );
  assert.deepEqual(answer.statuses, [7, 7]);
});

test('NOCOUNT of a procedure ends with it; its results end as they are', async () => {
  const answer = await client.ok('EXEC twice 1; SELECT 1');
  assert.deepEqual(answer.order, ['columns', 'done 193', 'status', 'done 224', 'columns', 'done 193']);
  assert.deepEqual(
    answer.dones.map(({ rowCount }) => rowCount),
    [undefined, undefined, 1],
  );
});

test('wrong arguments: 201, 8144, 8145; unknown procedures: 2812, and the batch goes on', async () => {
  assert.equal(
    (await client.error('EXEC twice'))?.text,
    "Procedure or function 'twice' expects parameter '@a', which was not supplied.",
  );
  assert.equal((await client.error('EXEC twice 1, 2, 3, 4'))?.number, 8144);
  assert.equal((await client.error('EXEC twice 1, @nosuch = 2'))?.number, 8145);
  const answer = await client.run('EXEC nosuch; SELECT 1');
  assert.deepEqual(
    answer.errors.map((m) => [m.number, m.state]),
    [[2812, 62]],
  );
  assert.deepEqual(answer.rows, [['1']]);
});

test('procedures call each other to a depth of 32', async () => {
  await client.ok(
    'CREATE PROCEDURE deep @n int AS IF @n > 0 BEGIN SET @n -= 1; EXEC deep @n END ELSE SELECT @@NESTLEVEL',
  );
  assert.equal(await client.value('EXEC deep 31'), '32');
  assert.equal((await client.error('EXEC deep 32'))?.number, 217);
});

test('temporary tables of a procedure end with it, those of the caller are visible in it', async () => {
  await client.ok(
    'CREATE PROCEDURE temps AS CREATE TABLE #inner (a int); INSERT #outer VALUES (1); INSERT #inner SELECT a FROM #outer; SELECT COUNT(*) FROM #inner',
  );
  assert.equal(await client.value('CREATE TABLE #outer (a int); EXEC temps'), '1');
  assert.equal((await client.error('SELECT * FROM #inner'))?.number, 208);
});

test('a procedure that leaves a transaction open or closes one too many is told so', async () => {
  await client.ok('CREATE PROCEDURE opens AS BEGIN TRAN');
  const answer = await client.run('EXEC opens; SELECT @@TRANCOUNT; ROLLBACK');
  assert.equal(
    answer.errors[0]?.text,
    'Transaction count after EXECUTE indicates a mismatching number of BEGIN and COMMIT statements. Previous count = 0, current count = 1.',
  );
  assert.deepEqual(answer.rows, [['1']]);
});

test('dynamic SQL sees neither the variables nor keeps the context of its caller', async () => {
  assert.equal((await client.error("DECLARE @x int = 1; EXEC ('SELECT @x')"))?.number, 137);
  await client.ok("EXEC ('USE master; SELECT DB_NAME()')");
  assert.equal(await client.value('SELECT DB_NAME()'), 'procs');
  assert.equal(
    await client.value(
      "DECLARE @db sysname = 'procs'; EXEC ('SELECT COUNT(*) FROM ' + @db + '.sys.procedures WHERE name = ''twice''')",
    ),
    '1',
  );
});

test('sp_executesql passes parameters in and out', async () => {
  assert.deepEqual(
    await client.rows(
      "DECLARE @o int; EXEC sp_executesql N'SET @y = @x * 2', N'@x int, @y int OUTPUT', @x = 21, @y = @o OUTPUT; SELECT @o",
    ),
    [['42']],
  );
  assert.equal((await client.error("EXEC sp_executesql 'SELECT 1'"))?.number, 214);
});

test('a procedure name may come from a variable', async () => {
  assert.deepEqual((await client.ok("DECLARE @p sysname = 'dbo.twice'; EXEC @p 3")).rows, [['3', 'dflt']]);
});

test('CREATE OR ALTER, ALTER and DROP PROCEDURE', async () => {
  await client.ok('CREATE OR ALTER PROC changing AS SELECT 1');
  assert.equal((await client.error('CREATE PROC changing AS SELECT 2'))?.number, 2714);
  await client.ok('ALTER PROC changing AS SELECT 2');
  assert.equal(await client.value('EXEC changing'), '2');
  await client.ok('DROP PROC changing');
  assert.equal((await client.error('DROP PROC changing'))?.number, 3701);
  await client.ok('DROP PROC IF EXISTS changing');
  assert.equal((await client.error('ALTER PROC changing AS SELECT 2'))?.number, 208);
});

test('procedures run in the database they live in', async () => {
  const other = await server.connect();
  await client.ok('CREATE PROCEDURE where_am_i AS SELECT DB_NAME()');
  assert.equal(await other.value('EXEC procs.dbo.where_am_i'), 'procs');
  assert.equal(await other.value('SELECT DB_NAME()'), 'master');
});

test('cursors walk through rows', async () => {
  const answer = await client.ok(`DECLARE @v int, @s varchar(20) = '';
    DECLARE c CURSOR LOCAL FAST_FORWARD FOR SELECT a FROM (VALUES (1), (2), (3)) x(a) ORDER BY a;
    OPEN c; FETCH NEXT FROM c INTO @v;
    WHILE @@FETCH_STATUS = 0 BEGIN SET @s += CAST(@v AS varchar(2)); FETCH NEXT FROM c INTO @v END
    CLOSE c; DEALLOCATE c; SELECT @s, @@FETCH_STATUS`);
  assert.deepEqual(answer.rows, [['123', '-1']]);
  assert.equal((await client.error('FETCH NEXT FROM c'))?.number, 16916);
});

// ---------------------------------------------------------------------------------------------------------- the wire

test('sp_executesql as drivers call it: results, status, values', async () => {
  const answer = await client.rpc('sp_executesql', [
    text('SELECT @a AS a; SET @b = @a + 1'),
    text('@a int, @b int OUTPUT'),
    int(4, '@a'),
    int(null, '@b', true),
  ]);
  assert.deepEqual(answer.order, ['columns', 'done 193', 'done 193', 'status']);
  assert.deepEqual(answer.values, [{ name: '@b', type: { name: 'int' }, value: 5 }]);
  assert.deepEqual(answer.statuses, [0]);
});

test('a remote call of sp_executesql returns the error of its last statement as status', async () => {
  const answer = await client.rpc('sp_executesql', [text("RAISERROR('x', 16, 1)")]);
  assert.deepEqual(answer.statuses, [50000]);
  const ended = await client.rpc('sp_executesql', [text("THROW 50003, 'x', 1")]);
  assert.deepEqual(ended.statuses, []);
  assert.deepEqual(ended.order, ['message 50003']);
});

test('NOCOUNT silences statements of a remote call but not result sets and errors', async () => {
  const answer = await client.rpc('sp_executesql', [
    text("SET NOCOUNT ON; DECLARE @i int = 1; PRINT 'x'; SELECT 1; RAISERROR('e', 16, 1); SELECT 2"),
  ]);
  assert.deepEqual(answer.dones, [{ curCmd: 193 }, { curCmd: 246, failed: true }, { curCmd: 193 }]);
});

test('prepared statements: prepare, execute, unprepare', async () => {
  const prepared = await client.rpc('sp_prepare', [
    int(null, '@handle', true),
    text('@id int'),
    text('SELECT @id * 2'),
  ]);
  const handle = prepared.values[0]?.value as number;
  assert.equal(prepared.values[0]?.name, '@handle');
  assert.deepEqual((await client.rpc('sp_execute', [int(handle), int(21, '@id')])).rows, [['42']]);
  await client.rpc('sp_unprepare', [int(handle)]);
  assert.deepEqual((await client.rpc('sp_execute', [int(handle), int(1, '@id')])).errorNumbers, [8179]);
});

test('sp_prepexec prepares and runs at once', async () => {
  const answer = await client.rpc('sp_prepexec', [
    int(null, '@handle', true),
    text('@id int'),
    text('SELECT @id'),
    int(3, '@id'),
  ]);
  assert.deepEqual(answer.rows, [['3']]);
  assert.equal(answer.values.length, 1);
  assert.deepEqual((await client.rpc('sp_execute', [int(answer.values[0]?.value as number), int(4, '@id')])).rows, [
    ['4'],
  ]);
});

test('a user procedure by remote call, with output parameters', async () => {
  const answer = await client.rpc('twice', [
    int(4, '@a'),
    int(null, '@b', true),
    parameter('@c', { name: 'nvarchar', length: 4 }, 'w'),
  ]);
  assert.deepEqual(answer.rows, [['4', 'w']]);
  assert.deepEqual(
    answer.values.map(({ name, value }) => [name, value]),
    [['@b', 8]],
  );
  assert.deepEqual(answer.statuses, [7]);
});

test('system procedures by EXEC and by remote call', async () => {
  assert.deepEqual(
    (await client.ok("DECLARE @r int; EXEC @r = master.dbo.xp_create_subdir N'/var/opt/mssql/data/sub'; SELECT @r"))
      .rows,
    [['0']],
  );
  const answer = await client.rpc('sp_helpdb', [text('procs', '@dbname')]);
  assert.equal(answer.errors.length, 0);
  assert.ok(answer.sets.length > 0);
});

test('server cursors of old drivers get a clear error', async () => {
  assert.deepEqual((await client.rpc('sp_cursoropen', [int(null, '', true)])).errorNumbers, [40510]);
});

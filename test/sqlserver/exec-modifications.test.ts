import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { TestServer, type Client } from './exec-support.ts';

let server: TestServer;
let client: Client;

before(async () => {
  server = await TestServer.open();
  client = await server.database('writes');
});

after(() => server[Symbol.asyncDispose]());

beforeEach(async () => {
  await client.ok(`DROP TABLE IF EXISTS child; DROP TABLE IF EXISTS t;
    CREATE TABLE t (id int IDENTITY(10, 5) CONSTRAINT pk_t PRIMARY KEY, code char(3), v nvarchar(5) NOT NULL,
      n int DEFAULT 7, twice AS n * 2, CONSTRAINT ck_n CHECK (n > 0))`);
});

test('identity, defaults and computed columns fill in', async () => {
  const answer = await client.ok("INSERT t (v) VALUES ('a'), ('b'); SELECT SCOPE_IDENTITY(), @@IDENTITY, @@ROWCOUNT");
  assert.deepEqual(await client.rows('SELECT id, v, n, twice FROM t'), [
    ['10', 'a', '7', '14'],
    ['15', 'b', '7', '14'],
  ]);
  assert.deepEqual(answer.rows, [['15', '15', '2']]);
});

test('each value of VALUES converts to its column by itself; DEFAULT takes the default', async () => {
  await client.ok("INSERT t (v, n) VALUES ('a', DEFAULT), (N'b', '3'), (5, 4.9)");
  assert.deepEqual(await client.rows('SELECT v, n FROM t'), [
    ['a', '7'],
    ['b', '3'],
    ['5', '4'],
  ]);
});

test('char is padded, text that does not fit is 2628, trailing spaces do fit', async () => {
  await client.ok("INSERT t (v, code) VALUES ('12345   ', 'a')");
  assert.deepEqual(await client.rows('SELECT DATALENGTH(code), LEN(v) FROM t'), [['3', '5']]);
  const error = await client.error("INSERT t (v) VALUES ('123456')");
  assert.equal(
    error?.text,
    "String or binary data would be truncated in table 'writes.dbo.t', column 'v'. Truncated value: '12345'.",
  );
});

test('constraints refuse rows with their own numbers, and the statement is undone as a whole', async () => {
  await client.ok("INSERT t (v, code) VALUES ('a', 'x'); ALTER TABLE t ADD CONSTRAINT uq_code UNIQUE (code)");
  const failures: [string, number][] = [
    ["INSERT t (v) VALUES ('ok'), (NULL)", 515],
    ["INSERT t (v, code) VALUES ('ok', 'y'), ('b', 'X')", 2627],
    ["INSERT t (v, n) VALUES ('ok', 1), ('b', 0)", 547],
    ['UPDATE t SET n = -1', 547],
    ['UPDATE t SET v = NULL', 515],
    ["INSERT t (id, v) VALUES (1, 'a')", 544],
    ['UPDATE t SET id = 1', 8102],
    ['UPDATE t SET twice = 1', 271],
    ["INSERT t VALUES ('x')", 213],
    ["INSERT t (v, nosuch) VALUES ('a', 1)", 207],
    ['INSERT t (v) SELECT 1, 2', 121],
  ];
  for (const [sql, number] of failures) {
    assert.equal((await client.error(sql))?.number, number, sql);
    assert.equal(await client.value('SELECT COUNT(*) FROM t'), '1', sql);
  }
  const answer = await client.run('INSERT t (v) VALUES (NULL)');
  assert.deepEqual(answer.order, ['message 515', 'message 3621', 'done 195']);
});

test('IDENTITY_INSERT lets one table take explicit values and moves its identity on', async () => {
  await client.ok(
    "SET IDENTITY_INSERT t ON; INSERT t (id, v) VALUES (100, 'a'); SET IDENTITY_INSERT t OFF; INSERT t (v) VALUES ('b')",
  );
  assert.deepEqual(await client.rows('SELECT id FROM t'), [['100'], ['105']]);
  assert.deepEqual(await client.rows("SELECT IDENT_CURRENT('t'), IDENT_SEED('dbo.t'), IDENT_INCR('t')"), [
    ['105', '10', '5'],
  ]);
});

test('UPDATE computes from the old row, also over its own keys', async () => {
  await client.ok(
    "INSERT t (v, code, n) VALUES ('a', 'c01', 1), ('b', 'c02', 2), ('c', 'c03', 3); ALTER TABLE t ADD CONSTRAINT uq_code UNIQUE (code)",
  );
  await client.ok("UPDATE t SET code = 'c0' + CAST(n + 1 AS char(1)), n = n * 10");
  assert.deepEqual(await client.rows('SELECT code, n FROM t ORDER BY n'), [
    ['c02', '10'],
    ['c03', '20'],
    ['c04', '30'],
  ]);
  assert.equal((await client.error("UPDATE t SET code = 'one'"))?.number, 2627);
});

test('UPDATE and DELETE with FROM reach through joins, TOP limits them', async () => {
  await client.ok("INSERT t (v, n) VALUES ('a', 1), ('b', 2), ('c', 3)");
  await client.ok("UPDATE x SET n = y.m FROM t x JOIN (VALUES ('a', 100), ('b', 200)) y(v, m) ON x.v = y.v");
  assert.deepEqual(await client.rows('SELECT n FROM t ORDER BY id'), [['100'], ['200'], ['3']]);
  await client.ok('UPDATE TOP (1) t SET n = 9 WHERE n > 50');
  assert.equal(await client.value('SELECT COUNT(*) FROM t WHERE n = 9'), '1');
  const answer = await client.ok(
    "DELETE a FROM t AS a WHERE EXISTS (SELECT 1 FROM (VALUES ('a'), ('c')) k(v) WHERE k.v = a.v)",
  );
  assert.deepEqual(answer.dones, [{ curCmd: 196, rowCount: 2 }]);
});

test('OUTPUT shows old and new rows and writes them into tables', async () => {
  await client.ok("INSERT t (v, n) VALUES ('a', 1), ('b', 2)");
  const answer = await client.ok("UPDATE t SET n += 1 OUTPUT deleted.n, inserted.n, inserted.v WHERE v = 'b'");
  assert.deepEqual(answer.rows, [['2', '3', 'b']]);
  assert.deepEqual(answer.dones, [{ curCmd: 197, rowCount: 1 }]);
  assert.deepEqual(
    await client.rows(
      'DECLARE @o TABLE (id int, v nvarchar(9)); DELETE t OUTPUT deleted.id, deleted.v INTO @o; SELECT v FROM @o ORDER BY v',
    ),
    [['a'], ['b']],
  );
  assert.deepEqual((await client.ok("INSERT t (v) OUTPUT inserted.* VALUES ('z')")).rows, [
    ['20', null, 'z', '7', '14'],
  ]);
});

test('INSERT from SELECT, DEFAULT VALUES and EXEC', async () => {
  await client.ok("INSERT t (v, n) SELECT 'x', 1 UNION ALL SELECT 'y', 2");
  await client.ok("INSERT t (v, n) EXEC ('SELECT ''z'', 3')");
  await client.ok("CREATE TABLE #d (a int DEFAULT 4); INSERT #d DEFAULT VALUES; INSERT #d EXEC ('SELECT 1')");
  assert.equal(await client.value('SELECT COUNT(*) FROM t'), '3');
  assert.equal(await client.value('SELECT SUM(a) FROM #d'), '5');
  assert.equal((await client.error("INSERT #d EXEC ('SELECT 1, 2')"))?.number, 213);
});

test('MERGE updates, inserts and deletes in one go', async () => {
  await client.ok("INSERT t (v, n) VALUES ('a', 1), ('b', 2)");
  const answer = await client.ok(`MERGE t AS x USING (VALUES ('a', 10), ('c', 30)) s(v, n) ON x.v = s.v
    WHEN MATCHED THEN UPDATE SET n = s.n
    WHEN NOT MATCHED THEN INSERT (v, n) VALUES (s.v, s.n)
    WHEN NOT MATCHED BY SOURCE THEN DELETE
    OUTPUT $action, inserted.v, deleted.v;`);
  assert.deepEqual([...answer.rows].sort(), [
    ['DELETE', null, 'b'],
    ['INSERT', 'c', null],
    ['UPDATE', 'a', 'a'],
  ]);
  assert.deepEqual(answer.dones, [{ curCmd: 279, rowCount: 3 }]);
  assert.deepEqual(await client.rows('SELECT v, n FROM t ORDER BY v'), [
    ['a', '10'],
    ['c', '30'],
  ]);
});

test('foreign keys hold from both sides', async () => {
  await client.ok(
    "CREATE TABLE child (id int PRIMARY KEY, parent int CONSTRAINT fk REFERENCES t (id)); INSERT t (v) VALUES ('a'); INSERT child VALUES (1, 10), (2, NULL)",
  );
  const insert = await client.error('INSERT child VALUES (3, 99)');
  assert.equal(
    insert?.text,
    'The INSERT statement conflicted with the FOREIGN KEY constraint "fk". The conflict occurred in database "writes", table "dbo.t", column \'id\'.',
  );
  assert.equal(
    (await client.error('DELETE t'))?.text,
    'The DELETE statement conflicted with the REFERENCE constraint "fk". The conflict occurred in database "writes", table "dbo.child", column \'parent\'.',
  );
  assert.equal((await client.error('TRUNCATE TABLE t'))?.number, 4712);
  assert.equal((await client.error('DROP TABLE t'))?.number, 3726);
  await client.ok('UPDATE child SET parent = NULL; DELETE t');
});

test('TRUNCATE empties a table and starts its identity again', async () => {
  await client.ok("INSERT t (v) VALUES ('a'), ('b'); TRUNCATE TABLE t; INSERT t (v) VALUES ('c')");
  assert.deepEqual(await client.rows('SELECT id FROM t'), [['10']]);
});

test('DBCC CHECKIDENT reseeds', async () => {
  await client.ok("INSERT t (v) VALUES ('a')");
  await client.ok("DBCC CHECKIDENT ('t', RESEED, 100) WITH NO_INFOMSGS; INSERT t (v) VALUES ('b')");
  assert.deepEqual(await client.rows('SELECT id FROM t'), [['10'], ['105']]);
});

test('ALTER TABLE adds, changes and drops', async () => {
  await client.ok("INSERT t (v) VALUES ('a')");
  await client.ok('ALTER TABLE t ADD extra int NOT NULL CONSTRAINT df_extra DEFAULT 3, note varchar(10)');
  assert.deepEqual(await client.rows('SELECT extra, note FROM t'), [['3', null]]);
  assert.equal((await client.error('ALTER TABLE t ADD must int NOT NULL'))?.number, 4901);
  await client.ok(
    'ALTER TABLE t ALTER COLUMN note nvarchar(30) NULL; ALTER TABLE t ALTER COLUMN extra bigint NOT NULL',
  );
  assert.equal((await client.error('ALTER TABLE t DROP COLUMN extra'))?.number, 5074);
  await client.ok(
    'ALTER TABLE t DROP CONSTRAINT df_extra; ALTER TABLE t DROP COLUMN extra, note; ALTER TABLE t DROP CONSTRAINT ck_n',
  );
  await client.ok("INSERT t (v, n) VALUES ('b', -5)");
  assert.equal((await client.error('ALTER TABLE t ADD CONSTRAINT ck2 CHECK (n > 0)'))?.number, 547);
  assert.equal((await client.error('ALTER TABLE nosuch ADD a int'))?.number, 4902);
  assert.equal((await client.error('ALTER TABLE t DROP CONSTRAINT nosuch'))?.number, 3728);
});

test('indexes: unique ones refuse duplicates that exist and that come', async () => {
  await client.ok("INSERT t (v, n) VALUES ('a', 1), ('b', 1)");
  assert.equal((await client.error('CREATE UNIQUE INDEX ix ON t (n)'))?.number, 1505);
  await client.ok('UPDATE t SET n = id; CREATE UNIQUE INDEX ix ON t (n) INCLUDE (v) WITH (ONLINE = OFF)');
  assert.equal((await client.error("INSERT t (v, n) VALUES ('c', 10)"))?.class, 14);
  await client.ok("DROP INDEX ix ON t; INSERT t (v, n) VALUES ('c', 10)");
  assert.equal((await client.error('DROP INDEX ix ON t'))?.number, 3701);
});

test('a statement that fails in the middle of a transaction takes back only itself', async () => {
  await client.ok('ALTER TABLE t ADD CONSTRAINT uq_code UNIQUE (code)');
  await client.run(
    "BEGIN TRAN; INSERT t (v, code) VALUES ('a', 'x'); INSERT t (v, code) VALUES ('b', 'y'), ('c', 'x'); INSERT t (v, code) VALUES ('d', 'z'); COMMIT",
  );
  assert.deepEqual(await client.rows('SELECT v FROM t ORDER BY v'), [['a'], ['d']]);
});

test('system catalogs take no updates', async () => {
  assert.equal((await client.error("UPDATE sys.databases SET name = 'x'"))?.number, 259);
});

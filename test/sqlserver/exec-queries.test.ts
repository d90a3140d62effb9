import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TestServer, type Client } from './exec-support.ts';

let server: TestServer;
let client: Client;

before(async () => {
  server = await TestServer.open();
  client = await server.database('queries');
  await client.ok(`
    CREATE TABLE customer (id int PRIMARY KEY, name nvarchar(40) NOT NULL, city varchar(20));
    CREATE TABLE orders (id int IDENTITY PRIMARY KEY, customer int NOT NULL, amount decimal(10,2), at date, INDEX ix (customer));
    INSERT customer VALUES (1, 'Ann', 'Oslo'), (2, 'Bob', NULL), (3, 'cid', 'Rome'), (4, 'Dan', 'oslo');
    INSERT orders (customer, amount, at) VALUES (1, 10, '2020-01-01'), (1, 20.5, '2020-01-02'), (3, 5, '2020-01-03'), (9, 1, NULL)`);
});

after(() => server[Symbol.asyncDispose]());

const rows = (sql: string): Promise<readonly (readonly (string | null)[])[]> => client.rows(sql);
const flat = async (sql: string): Promise<(string | null)[]> => (await rows(sql)).map((row) => row[0] ?? null);

test('the three ways to give a column its name', async () => {
  const { columns } = (await client.ok("SELECT id AS a, name b, c = city, 'x', amount = 1 FROM customer WHERE id = 1"))
    .sets[0] ?? { columns: [] };
  assert.deepEqual(
    columns.map(({ name }) => name),
    ['a', 'b', 'c', '', 'amount'],
  );
});

test('columns carry the flags of their table, expressions 32 or 33, aggregates 1', async () => {
  const { columns } = (
    await client.ok('SELECT id, city, id + 1, 1, (SELECT MAX(id) FROM orders), COUNT(*) OVER () FROM customer')
  ).sets[0] ?? { columns: [] };
  assert.deepEqual(
    columns.map(({ flags }) => flags),
    [8, 9, 33, 32, 33, 33],
  );
  const orders = (await client.ok('SELECT id, SUM(amount) FROM orders GROUP BY id')).sets[0]?.columns ?? [];
  assert.deepEqual(
    orders.map(({ flags }) => flags),
    [16, 1],
  );
});

test('inner, left, right and full joins', async () => {
  assert.deepEqual(
    await rows('SELECT c.name, o.amount FROM customer c JOIN orders o ON o.customer = c.id ORDER BY o.id'),
    [
      ['Ann', '10.00'],
      ['Ann', '20.50'],
      ['cid', '5.00'],
    ],
  );
  assert.deepEqual(
    await flat(
      'SELECT c.name FROM customer c LEFT JOIN orders o ON o.customer = c.id WHERE o.id IS NULL ORDER BY c.name',
    ),
    ['Bob', 'Dan'],
  );
  assert.deepEqual(
    await flat('SELECT o.id FROM customer c RIGHT JOIN orders o ON o.customer = c.id WHERE c.id IS NULL'),
    ['4'],
  );
  assert.deepEqual(
    await rows(
      'SELECT c.id, o.customer FROM customer c FULL JOIN orders o ON o.customer = c.id AND o.amount > 6 ORDER BY c.id, o.customer',
    ),
    [
      [null, '3'],
      [null, '9'],
      ['1', '1'],
      ['1', '1'],
      ['2', null],
      ['3', null],
      ['4', null],
    ],
  );
  assert.equal(await client.value('SELECT COUNT(*) FROM customer, orders WHERE customer.id = orders.customer'), '3');
  assert.equal(await client.value('SELECT COUNT(*) FROM customer CROSS JOIN orders'), '16');
});

test('a condition on the outer side of ON keeps the rows of the left side', async () => {
  assert.deepEqual(
    await rows(
      "SELECT c.id, o.id FROM customer c LEFT JOIN orders o ON o.customer = c.id AND c.city = 'Rome' ORDER BY c.id",
    ),
    [
      ['1', null],
      ['2', null],
      ['3', '3'],
      ['4', null],
    ],
  );
});

test('joins by key, by hash and by loop give the same rows', async () => {
  const plain = await rows('SELECT c.id, o.id FROM orders o JOIN customer c ON c.id = o.customer ORDER BY 1, 2');
  assert.deepEqual(
    await rows('SELECT c.id, o.id FROM orders o JOIN customer c ON c.id + 0 = o.customer ORDER BY 1, 2'),
    plain,
  );
  assert.deepEqual(
    await rows(
      'SELECT c.id, o.id FROM orders o JOIN customer c ON c.id <= o.customer AND c.id >= o.customer ORDER BY 1, 2',
    ),
    plain,
  );
});

test('APPLY sees the row on its left', async () => {
  assert.deepEqual(
    await rows(
      'SELECT c.id, x.top_amount FROM customer c CROSS APPLY (SELECT TOP 1 o.amount AS top_amount FROM orders o WHERE o.customer = c.id ORDER BY o.amount DESC) x ORDER BY c.id',
    ),
    [
      ['1', '20.50'],
      ['3', '5.00'],
    ],
  );
  assert.equal(
    (await rows('SELECT c.id, x.id FROM customer c OUTER APPLY (SELECT o.id FROM orders o WHERE o.customer = c.id) x'))
      .length,
    5,
  );
  assert.deepEqual(
    await rows("SELECT v.a, s.value FROM (VALUES ('1,2'), ('3')) v(a) CROSS APPLY STRING_SPLIT(v.a, ',') s"),
    [
      ['1,2', '1'],
      ['1,2', '2'],
      ['3', '3'],
    ],
  );
});

test('subqueries: scalar, IN, EXISTS, ANY and ALL', async () => {
  assert.deepEqual(await flat('SELECT name FROM customer WHERE id IN (SELECT customer FROM orders) ORDER BY id'), [
    'Ann',
    'cid',
  ]);
  assert.deepEqual(
    await flat(
      'SELECT name FROM customer c WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer = c.id) ORDER BY id',
    ),
    ['Bob', 'Dan'],
  );
  assert.deepEqual(
    await flat('SELECT (SELECT COUNT(*) FROM orders o WHERE o.customer = c.id) FROM customer c ORDER BY id'),
    ['2', '0', '1', '0'],
  );
  assert.deepEqual(await flat('SELECT id FROM customer WHERE id >= ALL (SELECT id FROM customer)'), ['4']);
  assert.deepEqual(await flat('SELECT id FROM customer WHERE id < ANY (SELECT 2 UNION SELECT 3) ORDER BY id'), [
    '1',
    '2',
  ]);
  assert.equal((await client.error('SELECT (SELECT id FROM customer)'))?.number, 512);
  assert.equal((await client.error('SELECT (SELECT id, name FROM customer)'))?.number, 116);
});

test('GROUP BY groups without case, HAVING filters groups, ungrouped columns are refused', async () => {
  assert.deepEqual(await rows('SELECT city, COUNT(*) FROM customer GROUP BY city HAVING COUNT(*) > 1'), [
    ['Oslo', '2'],
  ]);
  assert.deepEqual(await rows('SELECT YEAR(at), SUM(amount) FROM orders GROUP BY YEAR(at) ORDER BY YEAR(at)'), [
    [null, '1.00'],
    ['2020', '35.50'],
  ]);
  assert.equal((await client.error('SELECT name, COUNT(*) FROM customer GROUP BY city'))?.number, 8120);
  assert.equal((await client.error('SELECT city FROM customer GROUP BY city HAVING name > 1'))?.number, 8121);
  assert.equal((await client.error('SELECT 1 FROM customer WHERE COUNT(*) > 1'))?.number, 147);
});

test('aggregates leave NULL out and say so once', async () => {
  const answer = await client.ok(
    'SELECT COUNT(*), COUNT(city), COUNT(DISTINCT city), MIN(name), AVG(id), SUM(CAST(NULL AS int)) FROM customer',
  );
  assert.deepEqual(answer.rows, [['4', '3', '2', 'Ann', '2', null]]);
  assert.deepEqual(
    answer.messages.map((m) => [m.number, m.class]),
    [[8153, 0]],
  );
  assert.deepEqual(await rows('SELECT COUNT(*), MAX(id) FROM customer WHERE 1 = 0'), [['0', null]]);
  assert.deepEqual(await rows('SELECT city, COUNT(*) FROM customer WHERE 1 = 0 GROUP BY city'), []);
});

test('STRING_AGG joins in the order asked for', async () => {
  assert.equal(
    await client.value("SELECT STRING_AGG(name, ',') WITHIN GROUP (ORDER BY name DESC) FROM customer"),
    'Dan,cid,Bob,Ann',
  );
});

test('ORDER BY: aliases, positions, expressions, nulls first', async () => {
  assert.deepEqual(await flat('SELECT city FROM customer ORDER BY city, id'), [null, 'Oslo', 'oslo', 'Rome']);
  assert.deepEqual(await flat('SELECT id AS x FROM customer ORDER BY x DESC'), ['4', '3', '2', '1']);
  assert.deepEqual(await flat('SELECT name FROM customer ORDER BY -id'), ['Dan', 'cid', 'Bob', 'Ann']);
  assert.equal((await client.error('SELECT id FROM customer ORDER BY 2'))?.number, 108);
  assert.equal((await client.error('SELECT DISTINCT city FROM customer ORDER BY id'))?.number, 145);
});

test('TOP, TOP WITH TIES, TOP PERCENT, OFFSET and FETCH', async () => {
  assert.deepEqual(await flat('SELECT TOP 2 id FROM customer ORDER BY id'), ['1', '2']);
  assert.deepEqual(await flat('SELECT TOP (1) WITH TIES customer FROM orders ORDER BY customer'), ['1', '1']);
  assert.deepEqual(await flat('SELECT TOP 50 PERCENT id FROM customer ORDER BY id DESC'), ['4', '3']);
  assert.deepEqual(
    await flat('DECLARE @n int = 1; SELECT id FROM customer ORDER BY id OFFSET @n ROWS FETCH NEXT @n + 1 ROWS ONLY'),
    ['2', '3'],
  );
});

test('set operations remove duplicates as they say', async () => {
  assert.deepEqual(await flat('SELECT 1 UNION SELECT 1 UNION ALL SELECT 2 ORDER BY 1 DESC'), ['2', '1']);
  assert.deepEqual(await flat('SELECT id FROM customer EXCEPT SELECT customer FROM orders'), ['2', '4']);
  assert.deepEqual(await flat('SELECT id FROM customer INTERSECT SELECT customer FROM orders'), ['1', '3']);
  assert.deepEqual(await rows("SELECT 1, NULL UNION ALL SELECT 2.5, 'x'"), [
    ['1.0', null],
    ['2.5', 'x'],
  ]);
  assert.equal((await client.error('SELECT 1 UNION SELECT 1, 2'))?.number, 205);
});

test('common table expressions, chained and recursive', async () => {
  assert.deepEqual(
    await flat('WITH a AS (SELECT 1 AS x), b(y) AS (SELECT x + 1 FROM a) SELECT y FROM b UNION SELECT x FROM a'),
    ['2', '1'],
  );
  assert.deepEqual(
    await flat('WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 4) SELECT SUM(i) FROM n'),
    ['10'],
  );
  assert.equal(
    (await client.error('WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n) SELECT SUM(i) FROM n'))?.number,
    530,
  );
  assert.deepEqual(
    await flat(
      'WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 300) SELECT MAX(i) FROM n OPTION (MAXRECURSION 0)',
    ),
    ['300'],
  );
});

test('window functions rank, accumulate and look around', async () => {
  assert.deepEqual(
    await rows(`SELECT a, ROW_NUMBER() OVER (ORDER BY a), RANK() OVER (ORDER BY a), DENSE_RANK() OVER (ORDER BY a), LAG(a) OVER (ORDER BY a),
      LEAD(a, 1, 0) OVER (ORDER BY a), SUM(a) OVER (ORDER BY a), SUM(a) OVER (PARTITION BY a % 2), SUM(a) OVER (ORDER BY a ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
      FROM (VALUES (1), (2), (2), (3)) v(a) ORDER BY a`),
    [
      ['1', '1', '1', '1', null, '2', '1', '4', '1'],
      ['2', '2', '2', '2', '1', '2', '5', '4', '3'],
      ['2', '3', '2', '2', '2', '3', '5', '4', '4'],
      ['3', '4', '4', '3', '2', '0', '8', '4', '5'],
    ],
  );
  assert.deepEqual(
    await rows('SELECT city, COUNT(*), SUM(COUNT(*)) OVER () FROM customer GROUP BY city ORDER BY city'),
    [
      [null, '1', '4'],
      ['Oslo', '2', '4'],
      ['Rome', '1', '4'],
    ],
  );
  assert.equal((await client.error('SELECT 1 FROM customer WHERE ROW_NUMBER() OVER (ORDER BY id) = 1'))?.number, 4108);
});

test('names that cannot be bound', async () => {
  assert.equal((await client.error('SELECT nosuch FROM customer'))?.number, 207);
  assert.equal((await client.error('SELECT x.id FROM customer'))?.number, 4104);
  assert.equal((await client.error('SELECT id FROM customer JOIN orders ON 1 = 1'))?.number, 209);
  assert.equal((await client.error('SELECT * FROM nosuch'))?.text, "Invalid object name 'nosuch'.");
  assert.equal((await client.error('SELECT * FROM other.dbo.t'))?.number, 911);
  assert.equal((await client.error('SELECT * FROM customer, customer'))?.number, 1011);
});

test('views show the columns they were given, over databases', async () => {
  await client.ok('CREATE VIEW spent (customer, total) AS SELECT customer, SUM(amount) FROM orders GROUP BY customer');
  assert.deepEqual(await rows('SELECT total FROM dbo.spent WHERE customer = 1'), [['30.50']]);
  const other = await server.connect();
  assert.deepEqual(
    await other.rows(
      'SELECT c.name FROM queries.dbo.customer c JOIN queries..spent s ON s.customer = c.id WHERE s.total > 6',
    ),
    [['Ann']],
  );
  assert.equal((await client.error('INSERT spent VALUES (1, 2)'))?.number, 40510);
});

test('SELECT INTO makes a table of the columns it reads', async () => {
  await client.ok('SELECT id, name, 1 AS one, GETDATE() AS at INTO copy FROM customer');
  assert.equal(await client.value('SELECT COUNT(*) FROM copy'), '4');
  assert.equal((await client.error('SELECT 1 AS a INTO copy'))?.number, 2714);
  assert.equal((await client.error('SELECT 1 INTO nameless'))?.number, 1038);
});

test('variables are assigned row by row, nothing when there is no row', async () => {
  assert.equal(
    await client.value(
      "DECLARE @s varchar(50) = ''; SELECT @s = @s + name + ',' FROM customer ORDER BY id DESC; SELECT @s",
    ),
    'Dan,cid,Bob,Ann,',
  );
  assert.equal(
    await client.value("DECLARE @s varchar(50) = ''; SELECT @s += name FROM customer ORDER BY id; SELECT @s"),
    'AnnBobcidDan',
  );
  assert.equal(await client.value('DECLARE @x int = 7; SELECT @x = id FROM customer WHERE 1 = 0; SELECT @x'), '7');
  assert.equal(
    await client.value('DECLARE @x int = 7; SET @x = (SELECT id FROM customer WHERE 1 = 0); SELECT @x'),
    null,
  );
});

test('system views join with tables', async () => {
  assert.deepEqual(
    await rows(
      "SELECT t.name, c.name FROM sys.tables t JOIN sys.columns c ON c.object_id = t.object_id WHERE t.name = 'customer' ORDER BY c.column_id",
    ),
    [
      ['customer', 'id'],
      ['customer', 'name'],
      ['customer', 'city'],
    ],
  );
});

test('a plan that was kept follows its table', async () => {
  const sql = 'SELECT * FROM shape';
  await client.ok('CREATE TABLE shape (a int); INSERT shape VALUES (1)');
  assert.deepEqual(await rows(sql), [['1']]);
  await client.ok('ALTER TABLE shape ADD b int NOT NULL DEFAULT 5');
  assert.deepEqual(await rows(sql), [['1', '5']]);
  await client.ok('DROP TABLE shape');
  assert.equal((await client.error(sql))?.number, 208);
  await client.ok("CREATE TABLE shape (c varchar(3)); INSERT shape VALUES ('new')");
  assert.deepEqual(await rows(sql), [['new']]);
});

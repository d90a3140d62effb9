import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TestServer, type Client } from './exec-support.ts';

let server: TestServer;
let client: Client;

before(async () => {
  server = await TestServer.open();
  client = await server.connect();
});

after(() => server[Symbol.asyncDispose]());

/** `expression → text` pairs, all of one SELECT. */
async function check(pairs: Readonly<Record<string, string | null>>): Promise<void> {
  for (const [expression, expected] of Object.entries(pairs)) {
    assert.equal(await client.value(`SELECT ${expression}`), expected, expression);
  }
}

async function errors(pairs: Readonly<Record<string, number>>): Promise<void> {
  for (const [expression, number] of Object.entries(pairs)) {
    assert.equal((await client.error(`SELECT ${expression}`))?.number, number, expression);
  }
}

test('integers divide to integers, remainders take the sign of the dividend', () =>
  check({
    '5/2': '2',
    '-5/2': '-2',
    '5%2': '1',
    '-5%2': '-1',
    '7&3': '3',
    '7|8': '15',
    '5^1': '4',
    '~5': '-6',
    '2+3*4': '14',
  }));

test('decimals get precision and scale by the documented rules', async () => {
  const { columns } = (
    await client.ok(
      'SELECT CAST(1 AS decimal(5,2)) * CAST(1 AS decimal(7,3)), CAST(1 AS decimal(5,2)) / 3, 1.5 + 1, 1/3.0, CAST(1 AS decimal(38,10)) * CAST(1 AS decimal(38,10))',
    )
  ).sets[0] ?? { columns: [] };
  assert.deepEqual(
    columns.map(({ type }) => [type.precision, type.scale]),
    [
      [13, 5],
      [9, 6],
      [3, 1],
      [8, 6],
      [38, 6],
    ],
  );
  await check({ '1/3.0': '0.333333', '10.0*3': '30.0', 'CAST(2 AS decimal(10,2))/3': '0.666666' });
});

test('overflow is an error of its own for each way', () =>
  errors({
    '2147483647 + 1': 8115,
    'CAST(300 AS tinyint)': 220,
    'CAST(123456 AS decimal(5,2))': 8115,
    "CAST('99999999999' AS int)": 248,
    "CAST('300' AS tinyint)": 244,
    '1/0': 8134,
    '1 % 0': 8134,
    '1.0/0': 8134,
    'CAST(1e20 AS int)': 232,
  }));

test('text converts to numbers where numbers meet it, and fails with the number of the pair', async () => {
  await check({
    "'5' + 3": '8',
    "'1' + '2'": '12',
    "1 + '2'": '3',
    "CAST('' AS int)": '0',
    "CAST(' 12 ' AS int)": '12',
  });
  await errors({
    "'x' + 1": 245,
    "CAST('1.5' AS int)": 245,
    "CAST('x' AS decimal(5,2))": 8114,
    "CAST('x' AS float)": 8114,
    "CAST('x' AS bigint)": 8114,
    "CAST('x' AS uniqueidentifier)": 8169,
    "CAST('x' AS money)": 235,
    "CAST('maybe' AS bit)": 245,
  });
});

test('NULL spreads through operators and comparisons', () =>
  check({
    '1 + NULL': null,
    "'a' + NULL": null,
    'CASE WHEN NULL = NULL THEN 1 ELSE 0 END': '0',
    'CASE WHEN NOT (1 = NULL) THEN 1 ELSE 0 END': '0',
    'CASE WHEN 1 = 1 OR 1 = NULL THEN 1 ELSE 0 END': '1',
    'CASE WHEN NULL IS NOT DISTINCT FROM NULL THEN 1 ELSE 0 END': '1',
    'CASE WHEN 1 NOT IN (2, NULL) THEN 1 ELSE 0 END': '0',
    'CASE WHEN 1 IN (1, NULL) THEN 1 ELSE 0 END': '1',
  }));

test('strings compare without case and trailing spaces but with accents', () =>
  check({
    "CASE WHEN 'ABC' = 'abc  ' THEN 1 ELSE 0 END": '1',
    "CASE WHEN 'e' = 'é' THEN 1 ELSE 0 END": '0',
    "CASE WHEN N'É' = N'é' THEN 1 ELSE 0 END": '1',
    "CASE WHEN 'a' < 'B' THEN 1 ELSE 0 END": '1',
    "CASE WHEN '1' < 'a' AND '_' < '1' THEN 1 ELSE 0 END": '1',
  }));

test('LIKE knows %, _, sets and ESCAPE', () =>
  check({
    "CASE WHEN 'Database' LIKE 'data%' THEN 1 ELSE 0 END": '1',
    "CASE WHEN 'a_b' LIKE 'a!_b' ESCAPE '!' AND 'axb' NOT LIKE 'a!_b' ESCAPE '!' THEN 1 ELSE 0 END": '1',
    "CASE WHEN 'b' LIKE '[a-c]' AND 'd' LIKE '[^a-c]' AND 'x-' LIKE 'x[-]' THEN 1 ELSE 0 END": '1',
    "CASE WHEN '50%' LIKE '50[%]' AND '505' NOT LIKE '50[%]' THEN 1 ELSE 0 END": '1',
    "CASE WHEN 'line\nbreak' LIKE 'line%break' THEN 1 ELSE 0 END": '1',
  }));

test('CASE takes the type of the highest branch', async () => {
  const { columns } = (
    await client.ok(
      "SELECT CASE WHEN 1 = 1 THEN 1 ELSE 2.5 END, CASE WHEN 1 = 1 THEN 'a' ELSE N'bcd' END, COALESCE(NULL, 1), ISNULL('ab', 'cdef')",
    )
  ).sets[0] ?? { columns: [] };
  assert.deepEqual(
    columns.map(({ type }) => [type.name, type.length ?? type.scale]),
    [
      ['numeric', 1],
      ['nvarchar', 3],
      ['int', undefined],
      ['varchar', 2],
    ],
  );
  await check({ "ISNULL(CAST(NULL AS varchar(2)), 'cdef')": 'cd' });
});

test('string functions', () =>
  check({
    "LEN('abc  ')": '3',
    "DATALENGTH(N'abc')": '6',
    "SUBSTRING('hello', 2, 3)": 'ell',
    "SUBSTRING('hello', 0, 3)": 'he',
    "STUFF('hello', 2, 2, 'XX')": 'hXXlo',
    "STUFF('hello', 9, 2, 'XX')": null,
    "CHARINDEX('L', 'hello')": '3',
    "CHARINDEX('l', 'hello', 4)": '4',
    "PATINDEX('%[0-9]%', 'abc7')": '4',
    "REPLACE('aXbx', 'x', '-')": 'a-b-',
    "CONCAT('a', NULL, 1, 2.50)": 'a12.50',
    "CONCAT_WS(',', 'a', NULL, 'b')": 'a,b',
    "QUOTENAME('a]b')": '[a]]b]',
    "REPLICATE('ab', 3)": 'ababab',
    "LTRIM(RTRIM('  x  ')) + '|'": 'x|',
    "RIGHT('abc', 2) + LEFT('abc', 1)": 'bca',
    'STR(3.14159, 6, 2)': '  3.14',
    "PARSENAME('[a.b].c', 2)": 'a.b',
    "TRANSLATE('2*[3+4]', '[]', '()')": '2*(3+4)',
    'CHAR(65) + NCHAR(233)': 'Aé',
    "FORMATMESSAGE('%s is %d of %05d', 'x', 5, 42)": 'x is 5 of 00042',
    "REVERSE(UPPER('abc'))": 'CBA',
    "TRIM('.!' FROM '..a.b!.')": 'a.b',
  }));

test('math functions keep the type of their argument', () =>
  check({
    'ROUND(2.345, 2)': '2.350',
    'ROUND(1234.5, -2)': '1200.0',
    'ROUND(2.567, 1, 1)': '2.500',
    'CEILING(1.2)': '2',
    'FLOOR(-1.2)': '-2',
    'POWER(2, 10)': '1024',
    'SQRT(16)': '4',
    'SIGN(-3)': '-1',
    'ABS(-2.5)': '2.5',
  }));

test('floats, money, binary and GUIDs print as CONVERT prints them', () =>
  check({
    'CAST(CAST(123456.789 AS float) AS varchar(30))': '123457',
    'CAST(1e20 AS varchar(30))': '1e+020',
    'CAST(CAST(0.00001234 AS float) AS varchar(30))': '1.234e-005',
    'CONVERT(varchar(30), CAST(1234567.891 AS money), 1)': '1,234,567.89',
    'CONVERT(varchar(30), CAST(1234567.891 AS money), 2)': '1234567.8910',
    'CONVERT(varchar(10), 0x414243)': 'ABC',
    'CONVERT(varchar(10), 0x414243, 1)': '0x414243',
    "CAST('AB' AS varbinary(4))": '0x4142',
    'CAST(258 AS varbinary(4))': '0x00000102',
    "CAST(CAST('0e984725-c51c-4bf4-9960-e1c80e27aba0' AS uniqueidentifier) AS varbinary(16))":
      '0x2547980E1CC5F44B9960E1C80E27ABA0',
    "CAST(CAST('x' AS char(3)) AS varchar(5)) + '|'": 'x  |',
  }));

test('HASHBYTES hashes the bytes of the type', () =>
  check({
    "HASHBYTES('MD5', 'abc')": '0x900150983CD24FB0D6963F7D28E17F72',
    "HASHBYTES('SHA2_256', N'abc')": '0x13E228567E8249FCE53337F25D7970DE3BD68AB2653424C7B8F9FD05E33CAEDF',
  }));

test('nvarchar loses on its way to varchar what code page 1252 does not have', () =>
  check({ "CAST(N'aé€ก' AS varchar(10))": 'aé€?', "CAST(N'ก' AS nvarchar(10))": 'ก' }));

test('an explicit conversion that the chart forbids is 529, an implicit one 206 or 257', async () => {
  await errors({ "CAST(CAST('2020-01-01' AS date) AS int)": 529 });
  assert.equal((await client.error('DECLARE @d date = 1'))?.number, 206);
  assert.equal((await client.error("DECLARE @b varbinary(10) = N'x'"))?.number, 257);
});

test('TRY_CAST and TRY_CONVERT give NULL instead of an error', () =>
  check({ "TRY_CAST('x' AS int)": null, "TRY_CONVERT(date, '2020-13-01')": null, "TRY_CAST('7' AS int)": '7' }));

test('unknown functions are 195, wrong counts of arguments 174 and 189', () =>
  errors({
    'nosuch(1)': 195,
    "LEN('a', 1)": 174,
    "SUBSTRING('a')": 174,
    "CHARINDEX('a')": 189,
    'dbo.nosuch(1)': 4121,
  }));

test('functions the server has and this one does not get a clear error', () =>
  errors({ "FORMAT(1, 'N')": 40510, "JSON_VALUE('{}', '$')": 40510 }));

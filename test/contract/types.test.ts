import assert from 'node:assert/strict';
import sql from 'mssql';
import { quoteName } from '../../workflows/domain/quoting.ts';
import { assertFailed, error } from './expect.ts';
import { insert } from './statements.ts';
import { contract } from './support.ts';

contract('types', [
  {
    name: 'datetime keeps thirds of a hundredth of a second: .000, .003, .007',
    source: 'datetime (Transact-SQL), "Rounding"',
    async run(site) {
      const times = ['.990', '.991', '.992', '.993', '.994', '.995', '.996', '.997', '.998', '.999'];
      const row = await site.sa.row(
        `SELECT ${times.map((time, i) => `CONVERT(varchar(23), CAST('2026-03-01T23:59:59${time}' AS datetime), 126) AS t${i}`).join(', ')}`,
      );
      const day = '2026-03-01T23:59:59';
      assert.deepEqual(Object.values(row), [
        ...[`${day}.990`, `${day}.990`],
        ...[`${day}.993`, `${day}.993`, `${day}.993`],
        ...[`${day}.997`, `${day}.997`, `${day}.997`, `${day}.997`],
        '2026-03-02T00:00:00',
      ]);
    },
  },
  {
    name: 'datetime takes three digits behind the second; more are an error: 241',
    source: 'datetime (Transact-SQL); sys.messages 241',
    async run(site) {
      assertFailed(
        await site.sa.run("SELECT CAST('2026-03-01T10:00:00.1234567' AS datetime) AS at"),
        error(241, 1, 'Conversion failed when converting date and/or time from character string.'),
      );
    },
  },
  {
    name: 'datetime2 keeps seven digits, and local time and UTC differ by the zone',
    source: 'datetime2 (Transact-SQL); SYSDATETIMEOFFSET (Transact-SQL)',
    async run(site) {
      const row = await site.sa.row(`
        DECLARE @at datetimeoffset = SYSDATETIMEOFFSET();
        SELECT CONVERT(varchar(33), CAST('2026-03-01T10:00:00.1234567' AS datetime2), 126) AS fine,
               DATEDIFF(minute, CAST(SWITCHOFFSET(@at, 0) AS datetime2), CAST(@at AS datetime2)) - DATEPART(tz, @at) AS difference`);
      assert.deepEqual(row, { fine: '2026-03-01T10:00:00.1234567', difference: 0 });
    },
  },
  {
    name: 'bigint arrives as text, int as number, bit as boolean, GUIDs in upper case',
    source: 'tedious value-parser; capture of a SQL Server 2022 Linux container',
    async run(site) {
      assert.deepEqual(
        await site.sa.row(`
          SELECT CAST(9007199254740993 AS bigint) AS big, CAST(7 AS int) AS small, CAST(1 AS bit) AS yes,
                 CAST('0e984725-c51c-4bf4-9960-e1c80e27aba0' AS uniqueidentifier) AS id,
                 CAST(0x0102FF AS varbinary(8)) AS bytes, CAST(NULL AS int) AS none`),
        {
          big: '9007199254740993',
          small: 7,
          yes: true,
          id: '0E984725-C51C-4BF4-9960-E1C80E27ABA0',
          bytes: Buffer.of(1, 2, 255),
          none: null,
        },
      );
    },
  },
  {
    name: 'numeric(25,0) keeps 25 digits as text, and compares by value',
    source: 'decimal and numeric (Transact-SQL)',
    async run(site) {
      const big = '1234567890123456789012345';
      assert.deepEqual(
        await site.sa.row(`
          DECLARE @a numeric(25,0) = ${big}, @b numeric(25,0) = 39000000172000001;
          SELECT CAST(@a AS varchar(25)) AS a, CAST(@b AS varchar(25)) AS b, CASE WHEN @a > @b THEN 1 ELSE 0 END AS more,
                 CAST(@b + 1 AS varchar(30)) AS next`),
        { a: big, b: '39000000172000001', more: 1, next: '39000000172000002' },
      );
    },
  },
  {
    name: 'letters of every script go in as parameters and come back',
    source: 'nchar and nvarchar (Transact-SQL); MS-TDS 2.2.5.2',
    async run(site) {
      const shop = await site.database('shop');
      const text = `ฐานข้อมูล 😀 ]' -- "`;
      await site.sa
        .request()
        .input('note', sql.NVarChar(100), text)
        .query(`INSERT INTO ${quoteName(shop)}.dbo.t (note) VALUES (@note)`);
      await site.sa.must(insert(shop, text));
      assert.deepEqual(await site.notes(shop), [text, text]);
    },
  },
  {
    name: 'parameters carry numbers, times, bits, bytes and NULL',
    source: 'MS-TDS 2.2.6.6 RPC; sp_executesql (Transact-SQL)',
    async run(site) {
      const at = new Date('2026-03-01T10:11:12.120Z');
      const { recordset } = await site.sa
        .request()
        .input('i', sql.Int, 42)
        .input('b', sql.BigInt, '9007199254740993')
        .input('d', sql.DateTime, at)
        .input('y', sql.Bit, true)
        .input('v', sql.VarBinary(8), Buffer.of(1, 2))
        .input('n', sql.Numeric(25, 0), 12345)
        .input('x', sql.NVarChar(10), null)
        .query<Record<string, unknown>>(
          'SELECT @i AS i, @b AS b, @d AS d, @y AS y, @v AS v, CAST(@n AS varchar(25)) AS n, @x AS x',
        );
      assert.deepEqual(recordset[0], {
        i: 42,
        b: '9007199254740993',
        d: at,
        y: true,
        v: Buffer.of(1, 2),
        n: '12345',
        x: null,
      });
    },
  },
  {
    name: 'nvarchar(max) carries a megabyte both ways',
    source: 'MS-TDS 2.2.5.2.3 PLP',
    async run(site) {
      const text = 'กข'.repeat(500_000);
      const { recordset } = await site.sa
        .request()
        .input('t', sql.NVarChar(sql.MAX), text)
        .query<{ t: string; bytes: string }>('SELECT @t AS t, DATALENGTH(@t) AS bytes');
      assert.equal(recordset[0]?.t, text);
      assert.equal(String(recordset[0]?.bytes), '2000000');
    },
  },
  {
    name: 'names in sys.databases compare without case, as the collation of the server says',
    source: 'SQL_Latin1_General_CP1_CI_AS, the default of the container',
    async run(site) {
      const shop = await site.database('Shop');
      const { same } = await site.sa.row(
        `SELECT COUNT(*) AS same FROM sys.databases WHERE name = N'${shop.toUpperCase()}' AND DB_ID(N'${shop.toLowerCase()}') = database_id`,
      );
      assert.equal(same, 1);
    },
  },
  {
    name: 'a division by zero is 8134, and the batch goes on behind it',
    source: 'sys.messages 8134; Errors and Severity in the Database Engine',
    async run(site) {
      const shop = await site.database('shop');
      const outcome = await site.sa.run(`SELECT 1 / 0 AS x; ${insert(shop, 'after')}`);
      assert.deepEqual(
        outcome.errors.map(({ number, severity, state, text }) => [number, severity, state, text]),
        [[8134, 16, 1, 'Divide by zero error encountered.']],
      );
      assert.deepEqual(await site.notes(shop), ['after']);
    },
  },
]);

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { TestServer, type Client } from './exec-support.ts';
import { dateOfDays, daysOf, partsOf, ticksOf, toDatetimePrecision } from './exec/types/moment.ts';
import { parseMoment } from './exec/types/parse-moment.ts';

let server: TestServer;
let client: Client;

before(async () => {
  server = await TestServer.open();
  client = await server.connect();
});

after(() => server[Symbol.asyncDispose]());

async function check(pairs: Readonly<Record<string, string | null>>): Promise<void> {
  for (const [expression, expected] of Object.entries(pairs)) {
    assert.equal(await client.value(`SELECT ${expression}`), expected, expression);
  }
}

test('days and dates are inverse of each other', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3_652_058 }), (days) => {
      const { year, month, day } = dateOfDays(days);
      assert.equal(daysOf(year, month, day), days);
    }),
  );
});

test('ticks and parts are inverse of each other', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 3_155_378_975_999_999_999n }), (ticks) => {
      assert.equal(ticksOf(partsOf(ticks)), ticks);
    }),
  );
});

test('datetime rounds to 1/300 second and rounding twice changes nothing', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 3_155_378_975_000_000_000n }), (ticks) => {
      const once = toDatetimePrecision(ticks);
      const distance = once > ticks ? once - ticks : ticks - once;
      assert.ok(distance <= 16_667n);
      assert.equal(toDatetimePrecision(once), once);
    }),
  );
});

test('the forms people write dates in', () => {
  const at = (text: string, format: 'mdy' | 'dmy' = 'mdy'): string => {
    const parsed = parseMoment(text, format);
    if (parsed === undefined || parsed === 'range') return String(parsed);
    const { year, month, day, hour, minute, second, fraction } = partsOf(parsed.ticks);
    return `${year}-${month}-${day} ${hour}:${minute}:${second}.${fraction}`;
  };
  assert.equal(at('2026-04-22T20:41:49.123'), '2026-4-22 20:41:49.1230000');
  assert.equal(at('2026-04-22 20:41:49'), '2026-4-22 20:41:49.0');
  assert.equal(at('20260422'), '2026-4-22 0:0:0.0');
  assert.equal(at('Apr 15, 2020 12:00 AM'), '2020-4-15 0:0:0.0');
  assert.equal(at('Jan 02, 2006 03:04:05 PM'), '2006-1-2 15:4:5.0');
  assert.equal(at('15 April 2020'), '2020-4-15 0:0:0.0');
  assert.equal(at('04/05/2020'), '2020-4-5 0:0:0.0');
  assert.equal(at('04/05/2020', 'dmy'), '2020-5-4 0:0:0.0');
  assert.equal(at('4/5/49'), '2049-4-5 0:0:0.0');
  assert.equal(at('4/5/50'), '1950-4-5 0:0:0.0');
  assert.equal(at('14:30:15:007'), '1900-1-1 14:30:15.70000');
  assert.equal(at('2026-13-01'), 'range');
  assert.equal(at('2026-02-29'), 'range');
  assert.equal(at('yesterday'), 'undefined');
});

test('CONVERT has the date styles', () =>
  check(
    Object.fromEntries(
      Object.entries({
        0: 'Feb  9 2020  1:04PM',
        1: '02/09/20',
        3: '09/02/20',
        101: '02/09/2020',
        103: '09/02/2020',
        104: '09.02.2020',
        106: '09 Feb 2020',
        107: 'Feb 09, 2020',
        108: '13:04:05',
        109: 'Feb  9 2020  1:04:05:677PM',
        112: '20200209',
        113: '09 Feb 2020 13:04:05:677',
        114: '13:04:05:677',
        120: '2020-02-09 13:04:05',
        121: '2020-02-09 13:04:05.677',
        126: '2020-02-09T13:04:05.677',
        127: '2020-02-09T13:04:05.677',
        23: '2020-02-09',
      }).map(([style, expected]) => [
        `CONVERT(varchar(40), CAST('2020-02-09T13:04:05.678' AS datetime), ${style})`,
        style === '127' ? `${expected}` : expected,
      ]),
    ),
  ));

test('types print in their own precision', () =>
  check({
    "CAST(CAST('2020-02-09T13:04:05.1234567' AS datetime2(7)) AS varchar(40))": '2020-02-09 13:04:05.1234567',
    "CAST(CAST('2020-02-09T13:04:05.1256' AS datetime2(2)) AS varchar(40))": '2020-02-09 13:04:05.13',
    "CAST(CAST('2020-02-09' AS date) AS varchar(40))": '2020-02-09',
    "CAST(CAST('13:04:05' AS time(0)) AS varchar(40))": '13:04:05',
    "CAST(CAST('2020-02-09T13:04:05+07:00' AS datetimeoffset(0)) AS varchar(40))": '2020-02-09 13:04:05 +07:00',
    "CAST(CAST('2020-02-09T13:04:29.998' AS smalldatetime) AS varchar(40))": 'Feb  9 2020  1:04PM',
    "CONVERT(varchar(40), CAST('2020-02-09T13:04:29.999' AS smalldatetime), 120)": '2020-02-09 13:05:00',
  }));

test('datetime takes three digits of a second and years from 1753', async () => {
  assert.equal((await client.error("SELECT CAST('2020-02-29T10:11:12.1234' AS datetime)"))?.number, 241);
  assert.equal((await client.error("SELECT CAST('1752-12-31' AS datetime)"))?.number, 242);
  assert.equal((await client.error("SELECT CAST('2020-02-30' AS datetime)"))?.number, 242);
  assert.equal((await client.error("SELECT CAST('2020-02-30' AS datetime2)"))?.number, 241);
});

test('date arithmetic', () =>
  check({
    "CONVERT(varchar(10), DATEADD(month, 1, '2020-01-31'), 120)": '2020-02-29',
    "CONVERT(varchar(19), DATEADD(second, -1, CAST('2020-01-01' AS datetime2(0))), 120)": '2019-12-31 23:59:59',
    "DATEDIFF(day, '2020-02-28', '2020-03-01')": '2',
    "DATEDIFF(year, '2019-12-31', '2020-01-01')": '1',
    "DATEDIFF(week, '2020-02-01', '2020-02-02')": '1',
    "DATEDIFF(millisecond, '2020-01-01T00:00:00.000', '2020-01-01T00:00:00.010')": '10',
    "DATEDIFF_BIG(nanosecond, CAST('2020-01-01' AS datetime2), CAST('2020-01-02' AS datetime2))": '86400000000000',
    "DATEPART(weekday, '2020-02-29')": '7',
    "DATEPART(iso_week, '2021-01-03')": '53',
    "DATEPART(week, '2021-01-03')": '2',
    "DATEPART(dayofyear, '2020-12-31')": '366',
    "DATENAME(month, '2020-02-29') + DATENAME(weekday, '2020-02-29')": 'FebruarySaturday',
    "CAST(EOMONTH('2020-02-10') AS varchar(10))": '2020-02-29',
    "CONVERT(varchar(10), CAST('2020-01-01' AS datetime) + 1, 120)": '2020-01-02',
    'CAST(DATETIME2FROMPARTS(2020, 1, 2, 3, 4, 5, 6, 3) AS varchar(30))': '2020-01-02 03:04:05.006',
  }));

test('offsets move instants, not wall clocks', () =>
  check({
    "CAST(SWITCHOFFSET(CAST('2020-01-01T00:00:00+00:00' AS datetimeoffset(0)), '+07:00') AS varchar(40))":
      '2020-01-01 07:00:00 +07:00',
    "CAST(TODATETIMEOFFSET(CAST('2020-01-01' AS datetime2(0)), '+02:00') AS varchar(40))": '2020-01-01 00:00:00 +02:00',
    "CAST(CAST('2020-01-01T10:00:00' AS datetime2(0)) AT TIME ZONE 'SE Asia Standard Time' AS varchar(40))":
      '2020-01-01 10:00:00 +07:00',
    "DATEDIFF(minute, CAST('2020-01-01T00:00:00+02:00' AS datetimeoffset), CAST('2020-01-01T00:00:00+00:00' AS datetimeoffset))":
      '120',
    "CASE WHEN CAST('2020-01-01T02:00:00+02:00' AS datetimeoffset) = CAST('2020-01-01T00:00:00+00:00' AS datetimeoffset) THEN 1 ELSE 0 END":
      '1',
  }));

test('all clock functions of one statement see one moment, and the offset is the server’s', async () => {
  assert.deepEqual(
    await client.rows(
      'SELECT DATEDIFF(millisecond, GETDATE(), SYSDATETIME()) / 10, DATEDIFF(minute, SYSUTCDATETIME(), SYSDATETIME()), DATEPART(tzoffset, SYSDATETIMEOFFSET()), DATEDIFF(second, GETUTCDATE(), SYSUTCDATETIME())',
    ),
    [['0', '0', '0', '0']],
  );
});

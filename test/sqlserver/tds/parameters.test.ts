import assert from 'node:assert/strict';
import { test } from 'node:test';
import sql from 'mssql';
import { Request, TYPES } from 'tedious';
import { SqlError } from '../contracts.ts';
import type { SqlType, SqlValue } from '../contracts.ts';
import { ByteWriter } from './bytes.ts';
import { PacketType } from './packet.ts';
import { openPool, openTedious } from './testing/clients.ts';
import { INT, SELECT, fakeInstance } from './testing/fake-server.ts';
import { allHeaders, loggedIn } from './testing/raw-client.ts';
import { wireType } from './types/write.ts';

const utc = (text: string): Date => new Date(`${text}Z`);
const TICKS_TO_1970 = 621_355_968_000_000_000n;
const ticks = (text: string, extra = 0n): bigint => BigInt(utc(text).getTime()) * 10_000n + TICKS_TO_1970 + extra;

interface Sample {
  readonly type: sql.ISqlType | (() => sql.ISqlType);
  readonly given: unknown;
  /** What the session sees. */
  readonly arrives: SqlValue;
  readonly as: SqlType;
  /** What the client gets back, when it is not what it gave. */
  readonly back?: unknown;
}

const samples: readonly Sample[] = [
  { type: sql.Bit, given: true, arrives: true, as: { name: 'bit' } },
  { type: sql.TinyInt, given: 200, arrives: 200, as: { name: 'tinyint' } },
  { type: sql.SmallInt, given: -300, arrives: -300, as: { name: 'smallint' } },
  { type: sql.Int, given: -70_000, arrives: -70_000, as: INT },
  { type: sql.BigInt, given: '9007199254740993', arrives: 9_007_199_254_740_993n, as: { name: 'bigint' } },
  { type: sql.Real, given: 1.5, arrives: 1.5, as: { name: 'real' } },
  { type: sql.Float, given: 1.1, arrives: 1.1, as: { name: 'float' } },
  {
    type: sql.Decimal(10, 2),
    given: -12.34,
    arrives: { unscaled: -1234n, scale: 2 },
    as: { name: 'decimal', precision: 10, scale: 2 },
  },
  {
    type: sql.Numeric(25, 0),
    given: 5,
    arrives: { unscaled: 5n, scale: 0 },
    as: { name: 'numeric', precision: 25, scale: 0 },
  },
  { type: sql.Money, given: 12.25, arrives: { unscaled: 122_500n, scale: 4 }, as: { name: 'money' } },
  { type: sql.SmallMoney, given: -1.5, arrives: { unscaled: -15_000n, scale: 4 }, as: { name: 'smallmoney' } },
  { type: sql.VarChar(20), given: 'größe €', arrives: 'größe €', as: { name: 'varchar', length: 20 } },
  { type: sql.VarChar(sql.MAX), given: 'größe', arrives: 'größe', as: { name: 'varchar', length: -1 } },
  { type: sql.NVarChar(20), given: '中文 😀', arrives: '中文 😀', as: { name: 'nvarchar', length: 20 } },
  { type: sql.NVarChar(sql.MAX), given: '', arrives: '', as: { name: 'nvarchar', length: -1 } },
  { type: sql.Char(5), given: 'abcde', arrives: 'abcde', as: { name: 'char', length: 5 } },
  { type: sql.NChar(3), given: 'abc', arrives: 'abc', as: { name: 'nchar', length: 3 } },
  { type: sql.Text, given: 'long', arrives: 'long', as: { name: 'text' } },
  // mssql sends the text types as variable-length ones.
  { type: sql.NText, given: 'lång', arrives: 'lång', as: { name: 'nvarchar', length: 4 } },
  { type: sql.Image, given: Buffer.of(1, 2), arrives: Uint8Array.of(1, 2), as: { name: 'image' } },
  {
    type: sql.VarBinary(8),
    given: Buffer.of(1, 0, 255),
    arrives: Uint8Array.of(1, 0, 255),
    as: { name: 'varbinary', length: 8 },
  },
  {
    type: sql.VarBinary(sql.MAX),
    given: Buffer.of(7),
    arrives: Uint8Array.of(7),
    as: { name: 'varbinary', length: -1 },
  },
  { type: sql.Binary, given: Buffer.of(7, 8), arrives: Uint8Array.of(7, 8), as: { name: 'binary', length: 2 } },
  {
    type: sql.UniqueIdentifier,
    given: '0E984725-C51C-4BF4-9960-E1C80E27ABA0',
    arrives: '0E984725-C51C-4BF4-9960-E1C80E27ABA0',
    as: { name: 'uniqueidentifier' },
  },
  {
    type: sql.Date,
    given: utc('2026-04-20T00:00:00'),
    arrives: { ticks: ticks('2026-04-20T00:00:00') },
    as: { name: 'date' },
  },
  {
    type: sql.Time(3),
    given: utc('1970-01-01T21:40:13.320'),
    arrives: { ticks: ticks('1970-01-01T21:40:13.320') - TICKS_TO_1970 },
    as: { name: 'time', scale: 3 },
  },
  {
    type: sql.DateTime,
    given: utc('2026-04-20T21:40:13.320'),
    arrives: { ticks: ticks('2026-04-20T21:40:13.320') },
    as: { name: 'datetime' },
  },
  {
    type: sql.SmallDateTime,
    given: utc('2026-04-20T21:40:00'),
    arrives: { ticks: ticks('2026-04-20T21:40:00') },
    as: { name: 'smalldatetime' },
  },
  {
    type: sql.DateTime2(7),
    given: utc('0001-01-01T00:00:00.001'),
    arrives: { ticks: 10_000n },
    as: { name: 'datetime2', scale: 7 },
  },
  {
    type: sql.DateTimeOffset(7),
    given: utc('2026-04-20T21:40:13.320'),
    arrives: { ticks: ticks('2026-04-20T21:40:13.320'), offsetMinutes: 0 },
    as: { name: 'datetimeoffset', scale: 7 },
  },
];

const comparable = (value: unknown): unknown => {
  if (value instanceof Date) return value.getTime();
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
};

for (const sample of samples) {
  test(`a parameter of type ${sample.as.name} ${sample.as.length === -1 ? '(max) ' : ''}reaches the session and comes back through mssql`, async () => {
    await using instance = await fakeInstance();
    await using client = await openPool(instance);
    for (const given of [sample.given, null]) {
      const { recordset } = await client.pool
        .request()
        .input('p', sample.type, given)
        .query<{ p: unknown }>('SELECT @p');
      const call = instance.server.lastSession.calls.at(-1);
      assert.equal(call?.procedure, 'sp_executesql');
      const parameter = call.parameters[2];
      assert.equal(parameter?.name, '@p');
      assert.equal(parameter.output, false);
      assert.deepEqual(parameter.value, given === null ? null : sample.arrives);
      if (given !== null) assert.deepEqual(parameter.type, sample.as);
      assert.deepEqual(comparable(recordset[0]?.p), comparable(given));
    }
  });
}

test('output parameters come back under their names', async () => {
  await using instance = await fakeInstance();
  await using client = await openPool(instance);
  const { output } = await client.pool
    .request()
    .output('n', sql.Int, 42)
    .input('m', sql.Int, 1)
    .output('t', sql.NVarChar(10), 'zehn')
    .query('SELECT');
  assert.deepEqual(output, { n: 42, t: 'zehn' });
});

test('a procedure called by name gives its return status', async () => {
  await using instance = await fakeInstance({
    rpc(call, sink) {
      assert.equal(call.procedure, 'msdb.dbo.sp_delete_backuphistory');
      sink.done({ curCmd: 196, rowCount: 3 });
      sink.returnStatus(17);
    },
  });
  await using client = await openPool(instance);
  const result = await client.pool.request().execute('msdb.dbo.sp_delete_backuphistory');
  assert.equal(result.returnValue, 17);
  assert.deepEqual(result.rowsAffected, [3]);
});

test('a prepared statement goes through sp_prepare, sp_execute and sp_unprepare on its handle', async () => {
  await using instance = await fakeInstance({
    rpc(call, sink) {
      if (call.procedure === 'sp_prepare') sink.returnValue({ name: '@handle', type: INT, value: 9 });
      if (call.procedure !== 'sp_execute') return;
      sink.columns([{ name: 'twice', type: INT }]);
      sink.row([Number(call.parameters[1]?.value) * 2]);
      sink.done({ curCmd: SELECT, rowCount: 1 });
    },
  });
  await using client = await openPool(instance);
  const statement = new sql.PreparedStatement(client.pool).input('n', sql.Int);
  await statement.prepare('SELECT @n * 2 AS twice');
  assert.deepEqual((await statement.execute({ n: 21 })).recordset, [{ twice: 42 }]);
  assert.deepEqual((await statement.execute({ n: 4 })).recordset, [{ twice: 8 }]);
  await statement.unprepare();
  const calls = instance.server.lastSession.calls;
  assert.deepEqual(
    calls.map((call) => call.procedure),
    ['sp_prepare', 'sp_execute', 'sp_execute', 'sp_unprepare'],
  );
  assert.deepEqual(
    calls.slice(1).map((call) => call.parameters[0]?.value),
    [9, 9, 9],
  );
});

test('an error of a remote procedure reaches the client, and the connection goes on', async () => {
  await using instance = await fakeInstance({
    rpc(call, sink) {
      sink.message({ number: 208, class: 16, state: 1, text: "Invalid object name 'nosuch'." });
      sink.done({ curCmd: SELECT, failed: true });
      sink.returnStatus(208);
      assert.equal(call.parameters.length, 1);
    },
  });
  await using client = await openPool(instance);
  await assert.rejects(client.pool.request().query('SELECT * FROM nosuch'), /Invalid object name 'nosuch'/);
  assert.deepEqual((await client.pool.request().batch('SELECT 1')).recordset, [{ '': 1 }]);
});

test('a sql_variant, as SERVERPROPERTY gives it, arrives as the value it holds', async () => {
  const value = { type: { name: 'nvarchar', length: 128 }, value: '16.0.4236.2' } as const;
  await using instance = await fakeInstance({
    batch(_text, sink) {
      sink.columns([
        { name: 'version', type: { name: 'sql_variant' } },
        { name: 'edition', type: { name: 'sql_variant' } },
        { name: 'none', type: { name: 'sql_variant' } },
      ]);
      sink.row([value, { type: INT, value: 3 }, null]);
      sink.done({ curCmd: SELECT, rowCount: 1 });
    },
  });
  await using client = await openPool(instance);
  const { recordset } = await client.pool.request().batch('SELECT SERVERPROPERTY()');
  assert.deepEqual(recordset, [{ version: '16.0.4236.2', edition: 3, none: null }]);
});

test('the metadata of columns arrives as the session declared it', async () => {
  await using instance = await fakeInstance({
    batch(_text, sink) {
      sink.columns([
        { name: 'id', type: INT, nullable: false, identity: true },
        { name: 'name', type: { name: 'sysname' }, flags: 33 },
        { name: 'lsn', type: { name: 'numeric', precision: 25, scale: 0 } },
        { name: 'note', type: { name: 'ntext' } },
      ]);
      sink.row([1, 'n', { unscaled: 39_000_000_099_200_001n, scale: 0 }, 'long']);
      sink.done({ curCmd: SELECT, rowCount: 1 });
    },
  });
  await using client = await openPool(instance);
  const { recordset } = await client.pool.request().batch<{ note: string }>('SELECT');
  const { id, name, lsn, note } = recordset.columns;
  assert.deepEqual([id?.nullable, id?.identity, id?.type], [false, true, sql.Int]);
  assert.deepEqual([name?.nullable, name?.length, name?.type], [true, 256, sql.NVarChar]);
  assert.deepEqual([lsn?.precision, lsn?.scale, lsn?.type], [25, 0, sql.Numeric]);
  assert.equal(note?.type, sql.NText);
  assert.equal(recordset[0]?.note, 'long');
});

/** sp_executesql by number, with one statement. */
const executeSql = (statement: string): Buffer => {
  const writer = new ByteWriter();
  writer.u16(0xffff);
  writer.u16(10);
  writer.u16(0);
  writer.u16(0);
  const type = wireType({ name: 'nvarchar', length: 4000 });
  type.info(writer);
  type.value(writer, statement);
  return writer.toBuffer();
};

test('the calls of one message run one after the other, and each has an end of its own', async () => {
  await using instance = await fakeInstance({
    rpc(call, sink) {
      if (call.parameters[0]?.value === 'two')
        throw new SqlError({ number: 2627, class: 14, state: 1, text: 'duplicate' });
      sink.done({ curCmd: 195, rowCount: 1 });
    },
  });
  await using client = await loggedIn(instance.port);
  const calls = ['one', 'two', 'three'].flatMap((text) => [executeSql(text), Buffer.of(0xff)]);
  client.send(PacketType.rpc, Buffer.concat([allHeaders(), ...calls.slice(0, -1)]));
  const answer = (await client.next())?.toString('hex') ?? '';
  const inserted = 'ff1100c3000100000000000000' + '7900000000';
  assert.ok(answer.startsWith(inserted + 'fe0100e0000000000000000000' + 'aa'));
  assert.ok(answer.includes('79430a0000' + 'fe0300e0000000000000000000' + inserted));
  assert.ok(answer.endsWith(inserted + 'fe0000e0000000000000000000'));
  assert.deepEqual(
    instance.server.lastSession.calls.map((call) => call.parameters[0]?.value),
    ['one', 'two', 'three'],
  );
});

test('a table-valued parameter is refused with words', async () => {
  await using instance = await fakeInstance();
  await using client = await openPool(instance);
  const table = new sql.Table('dbo.list');
  table.columns.add('n', sql.Int);
  table.rows.add(1);
  await assert.rejects(
    client.pool.request().input('t', table).execute('p'),
    /Table-valued parameters are not supported/,
  );
  assert.deepEqual((await client.pool.request().batch('SELECT 1')).recordset, [{ '': 1 }]);
});

test('bulk load is refused with words', async () => {
  await using instance = await fakeInstance({ batch: (_text, sink) => sink.done({ curCmd: 240 }) });
  await using client = await openPool(instance);
  const table = new sql.Table('t');
  table.columns.add('n', sql.Int, { nullable: true });
  table.rows.add(1);
  await assert.rejects(client.pool.request().bulk(table), /Bulk load is not supported/);
});

test('a request in many packets arrives whole', async () => {
  await using instance = await fakeInstance();
  await using client = await openTedious(instance, { packetSize: 512 });
  const text = 'x'.repeat(300_000);
  const rows: unknown[] = [];
  await client.run((done) => {
    const request = new Request('SELECT @t', done);
    request.addParameter('t', TYPES.NVarChar, text);
    request.on('row', (columns: { value: unknown }[]) => rows.push(columns[0]?.value));
    return request;
  });
  assert.ok(rows.length === 1 && rows[0] === text);
});

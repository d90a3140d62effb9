import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SqlType, SqlValue } from '../../contracts.ts';
import { ByteReader, ByteWriter } from '../bytes.ts';
import { readTypeInfo } from './read.ts';
import { wireType } from './write.ts';

function written(type: SqlType, value: SqlValue, nullable = true): Buffer {
  const writer = new ByteWriter();
  const wire = wireType(type, nullable);
  wire.info(writer);
  wire.value(writer, value);
  return writer.toBuffer();
}

function travelled(type: SqlType, value: SqlValue, nullable = true): { type: SqlType; value: SqlValue } {
  const reader = new ByteReader(written(type, value, nullable));
  const arrived = readTypeInfo(reader);
  const result = { type: arrived.type, value: arrived.read(reader) };
  assert.equal(reader.remaining, 0);
  return result;
}

const TICKS_PER_DAY = 864_000_000_000n;
const LAST_DAY = 3_652_058n;
const FIRST_DATETIME_DAY = 639_905n;
const FIRST_DAY_OF_1900 = 693_595n;

const ticks = (first: bigint, last: bigint, unit: bigint): fc.Arbitrary<bigint> =>
  fc
    .tuple(fc.bigInt({ min: first, max: last }), fc.bigInt({ min: 0n, max: TICKS_PER_DAY / unit - 1n }))
    .map(([day, units]) => day * TICKS_PER_DAY + units * unit);

/** A datetime falls on a 300th of a second, whose ticks are rounded. */
const datetimeTicks = fc
  .tuple(fc.bigInt({ min: FIRST_DATETIME_DAY, max: LAST_DAY }), fc.bigInt({ min: 0n, max: 86_400n * 300n - 1n }))
  .map(([day, units]) => day * TICKS_PER_DAY + (units * 10_000_000n + 150n) / 300n);

const decimals = (digits: number, scale: number): fc.Arbitrary<SqlValue> =>
  fc
    .bigInt({ min: -(10n ** BigInt(digits)) + 1n, max: 10n ** BigInt(digits) - 1n })
    .map((unscaled) => ({ unscaled, scale }));

const text = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ maxLength, unit: 'grapheme' }).filter((t) => t.length <= maxLength);
const westernText = fc.string({ maxLength: 50, unit: fc.constantFrom(...'aZ 0~éßÿ€Žœ™') });

const values: readonly (readonly [SqlType, fc.Arbitrary<SqlValue>])[] = [
  [{ name: 'bit' }, fc.boolean()],
  [{ name: 'tinyint' }, fc.integer({ min: 0, max: 255 })],
  [{ name: 'smallint' }, fc.integer({ min: -32_768, max: 32_767 })],
  [{ name: 'int' }, fc.integer()],
  [{ name: 'bigint' }, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  [{ name: 'real' }, fc.float({ noNaN: true, noDefaultInfinity: true })],
  [{ name: 'float' }, fc.double({ noNaN: true, noDefaultInfinity: true })],
  [{ name: 'decimal', precision: 9, scale: 4 }, decimals(9, 4)],
  [{ name: 'numeric', precision: 19, scale: 0 }, decimals(19, 0)],
  [{ name: 'numeric', precision: 25, scale: 0 }, decimals(25, 0)],
  [{ name: 'decimal', precision: 38, scale: 38 }, decimals(38, 38)],
  [
    { name: 'money' },
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((unscaled) => ({ unscaled, scale: 4 })),
  ],
  [{ name: 'smallmoney' }, fc.integer().map((unscaled) => ({ unscaled: BigInt(unscaled), scale: 4 }))],
  [{ name: 'varchar', length: 50 }, westernText],
  [{ name: 'varchar', length: -1 }, westernText],
  [{ name: 'nvarchar', length: 50 }, text(50)],
  [{ name: 'nvarchar', length: -1 }, text(500)],
  [{ name: 'varbinary', length: 40 }, fc.uint8Array({ maxLength: 40 })],
  [{ name: 'varbinary', length: -1 }, fc.uint8Array({ maxLength: 400 })],
  [{ name: 'binary', length: 8 }, fc.uint8Array({ minLength: 8, maxLength: 8 })],
  [{ name: 'uniqueidentifier' }, fc.uuid().map((id) => id.toUpperCase())],
  [{ name: 'date' }, fc.bigInt({ min: 0n, max: LAST_DAY }).map((day) => ({ ticks: day * TICKS_PER_DAY }))],
  [{ name: 'time', scale: 7 }, ticks(0n, 0n, 1n).map((each) => ({ ticks: each }))],
  [{ name: 'time', scale: 0 }, ticks(0n, 0n, 10_000_000n).map((each) => ({ ticks: each }))],
  [{ name: 'datetime' }, datetimeTicks.map((each) => ({ ticks: each }))],
  [
    { name: 'smalldatetime' },
    ticks(FIRST_DAY_OF_1900, FIRST_DAY_OF_1900 + 65_535n, 600_000_000n).map((each) => ({ ticks: each })),
  ],
  [{ name: 'datetime2', scale: 7 }, ticks(0n, LAST_DAY, 1n).map((each) => ({ ticks: each }))],
  [{ name: 'datetime2', scale: 3 }, ticks(0n, LAST_DAY, 10_000n).map((each) => ({ ticks: each }))],
  [
    { name: 'datetimeoffset', scale: 7 },
    fc
      .tuple(ticks(1n, LAST_DAY - 1n, 1n), fc.integer({ min: -840, max: 840 }))
      .map(([each, offsetMinutes]) => ({ ticks: each, offsetMinutes })),
  ],
];

const describe = ({ name, length, precision, scale }: SqlType): string =>
  [name, length, precision, scale].filter((part) => part !== undefined).join(' ');

for (const [type, arbitrary] of values) {
  test(`every ${describe(type)} comes out of its bytes as it went in`, () => {
    fc.assert(
      fc.property(arbitrary, (value) => {
        assert.deepEqual(travelled(type, value), { type, value });
      }),
    );
    assert.deepEqual(travelled(type, null), { type, value: null });
  });
}

const inVariants = values.filter(([type]) => type.length !== -1);

test('every value that a sql_variant may hold comes out of it with its type', () => {
  const held = fc.oneof(...inVariants.map(([type, arbitrary]) => arbitrary.map((value) => ({ type, value }))));
  fc.assert(
    fc.property(held, (variant) => {
      assert.deepEqual(travelled({ name: 'sql_variant' }, variant).value, variant);
    }),
  );
  assert.equal(travelled({ name: 'sql_variant' }, null).value, null);
});

const fixed = [
  'bit',
  'tinyint',
  'smallint',
  'int',
  'bigint',
  'real',
  'float',
  'money',
  'smallmoney',
  'datetime',
  'smalldatetime',
];

test('columns that cannot be NULL use the fixed-length types', () => {
  for (const [type, arbitrary] of values.filter(([each]) => fixed.includes(each.name))) {
    fc.assert(
      fc.property(arbitrary, (value) => assert.deepEqual(travelled(type, value, false), { type, value })),
      { numRuns: 5 },
    );
  }
  assert.equal(written({ name: 'int' }, 5, false).toString('hex'), '3805000000');
  assert.equal(written({ name: 'bit' }, true, false).toString('hex'), '3201');
});

test('an LSN leaves as NUMERICN of 17 declared and 13 used bytes', () => {
  const bytes = written({ name: 'numeric', precision: 25, scale: 0 }, { unscaled: 39000000099200001n, scale: 0 });
  assert.equal(bytes.toString('hex'), '6c111900' + '0d' + '01' + '012c27204b8e8a0000000000');
});

test('the first three groups of a uniqueidentifier are swapped on the wire', () => {
  const bytes = written({ name: 'uniqueidentifier' }, '00112233-4455-6677-8899-AABBCCDDEEFF');
  assert.equal(bytes.toString('hex'), '2410' + '10' + '33221100554477668899aabbccddeeff');
});

test('a known datetime has the bytes that SQL Server gives it', () => {
  // 1900-01-02 00:00:01.003: one day, 301 units of 1/300 s.
  const moment = { ticks: (FIRST_DAY_OF_1900 + 1n) * TICKS_PER_DAY + 10_030_000n };
  assert.equal(written({ name: 'datetime' }, moment).toString('hex'), '6f08' + '08' + '01000000' + '2d010000');
});

test('a datetime just before midnight rounds into the next day', () => {
  const moment = { ticks: (FIRST_DAY_OF_1900 + 1n) * TICKS_PER_DAY - 1n };
  assert.equal(written({ name: 'datetime' }, moment).toString('hex'), '6f08' + '08' + '01000000' + '00000000');
});

test('char, nchar and binary values are padded to their length', () => {
  assert.equal(travelled({ name: 'char', length: 4 }, 'ab').value, 'ab  ');
  assert.equal(travelled({ name: 'nchar', length: 4 }, 'ab').value, 'ab  ');
  assert.deepEqual(travelled({ name: 'binary', length: 4 }, Uint8Array.of(1)).value, Uint8Array.of(1, 0, 0, 0));
});

test('a varchar loses what its code page does not have', () => {
  assert.equal(travelled({ name: 'varchar', length: 10 }, 'a中b').value, 'a?b');
});

test('values that a type cannot carry are refused, not bent', () => {
  const wrong: readonly (readonly [SqlType, SqlValue])[] = [
    [{ name: 'int' }, '1'],
    [{ name: 'int' }, 1.5],
    [{ name: 'int' }, 2 ** 31],
    [{ name: 'tinyint' }, -1],
    [{ name: 'bit' }, 1],
    [
      { name: 'numeric', precision: 9, scale: 0 },
      { unscaled: 15n, scale: 1 },
    ],
    [
      { name: 'numeric', precision: 5, scale: 0 },
      { unscaled: 2n ** 40n, scale: 0 },
    ],
    [{ name: 'nvarchar', length: 3 }, 'four'],
    [{ name: 'varbinary', length: 1 }, Uint8Array.of(1, 2)],
    [{ name: 'uniqueidentifier' }, 'no guid'],
    [{ name: 'datetime' }, 'today'],
    [{ name: 'sql_variant' }, 5],
  ];
  for (const [type, value] of wrong)
    assert.throws(
      () => written(type, value),
      `${describe(type)} took ${JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part))}`,
    );
  assert.throws(() => written({ name: 'int' }, null, false));
});

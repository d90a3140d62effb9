import type { Decimal, SqlType, SqlValue } from '../../contracts.ts';
import type { ByteReader, ByteWriter } from '../bytes.ts';
import { mismatch } from './wire-type.ts';
import type { WireReader, WireType } from './wire-type.ts';

const DECIMALN = 0x6a;
const NUMERICN = 0x6c;
const MONEYN = 0x6e;
const MONEY = 0x3c;
const SMALLMONEY = 0x7a;
/** Storage of the longest decimal; SQL Server declares it for every precision. */
const MAX_SIZE = 17;
const MONEY_SCALE = 4;

function isDecimal(value: SqlValue): value is Decimal {
  return typeof value === 'object' && value !== null && 'unscaled' in value;
}

function rescale(type: SqlType, value: SqlValue, scale: number): bigint {
  if (!isDecimal(value) || value.scale > scale) throw mismatch(type, value);
  return value.unscaled * 10n ** BigInt(scale - value.scale);
}

export const precisionOf = (type: SqlType): number => type.precision ?? 18;
export const scaleOf = (type: SqlType): number => type.scale ?? 0;

/** decimal and numeric (Transact-SQL), "Storage bytes". */
function storageSize(precision: number): number {
  if (precision <= 9) return 5;
  if (precision <= 19) return 9;
  return precision <= 28 ? 13 : 17;
}

export const decimalToken = (type: SqlType): number => (type.name === 'decimal' ? DECIMALN : NUMERICN);

/** Sign and magnitude. */
export function writeDecimalBytes(writer: ByteWriter, type: SqlType, value: SqlValue): void {
  const unscaled = rescale(type, value, scaleOf(type));
  const magnitude = unscaled < 0n ? -unscaled : unscaled;
  writer.u8(unscaled < 0n ? 0 : 1);
  writer.unsigned(magnitude, storageSize(precisionOf(type)) - 1);
}

export function readDecimalBytes(reader: ByteReader, size: number, scale: number): Decimal {
  const positive = reader.u8() === 1;
  const magnitude = reader.unsigned(size - 1);
  return { unscaled: positive ? magnitude : -magnitude, scale };
}

export function decimalType(type: SqlType): WireType {
  const size = storageSize(precisionOf(type));
  return {
    info(writer) {
      writer.u8(decimalToken(type));
      writer.u8(MAX_SIZE);
      writer.u8(precisionOf(type));
      writer.u8(scaleOf(type));
    },
    value(writer, value) {
      writer.u8(value === null ? 0 : size);
      if (value !== null) writeDecimalBytes(writer, type, value);
    },
  };
}

export function moneyType(type: SqlType, nullable: boolean): WireType {
  const small = type.name === 'smallmoney';
  const size = small ? 4 : 8;
  const write = (writer: ByteWriter, value: SqlValue): void => {
    const unscaled = rescale(type, value, MONEY_SCALE);
    if (small) {
      writer.i32(Number(unscaled));
      return;
    }
    writer.i32(Number(unscaled >> 32n));
    writer.u32(Number(unscaled & 0xffff_ffffn));
  };
  if (!nullable) return { info: (writer) => writer.u8(small ? SMALLMONEY : MONEY), value: write };
  return {
    info(writer) {
      writer.u8(MONEYN);
      writer.u8(size);
    },
    value(writer, value) {
      writer.u8(value === null ? 0 : size);
      if (value !== null) write(writer, value);
    },
  };
}

function readMoney(reader: ByteReader, size: number): Decimal {
  if (size === 4) return { unscaled: BigInt(reader.i32()), scale: MONEY_SCALE };
  const high = BigInt(reader.i32());
  return { unscaled: (high << 32n) | BigInt(reader.u32()), scale: MONEY_SCALE };
}

export function readDecimalType(token: number, reader: ByteReader): WireReader | undefined {
  switch (token) {
    case DECIMALN:
    case NUMERICN: {
      reader.u8();
      const precision = reader.u8();
      const scale = reader.u8();
      return {
        type: { name: token === DECIMALN ? 'decimal' : 'numeric', precision, scale },
        read(from) {
          const size = from.u8();
          return size === 0 ? null : readDecimalBytes(from, size, scale);
        },
      };
    }
    case MONEYN: {
      const name = reader.u8() === 4 ? 'smallmoney' : 'money';
      return {
        type: { name },
        read(from) {
          const size = from.u8();
          return size === 0 ? null : readMoney(from, size);
        },
      };
    }
    case MONEY:
      return { type: { name: 'money' }, read: (from) => readMoney(from, 8) };
    case SMALLMONEY:
      return { type: { name: 'smallmoney' }, read: (from) => readMoney(from, 4) };
    default:
      return undefined;
  }
}

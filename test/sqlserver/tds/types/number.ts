import type { SqlType, SqlValue } from '../../contracts.ts';
import type { ByteReader, ByteWriter } from '../bytes.ts';
import { mismatch } from './wire-type.ts';
import type { WireReader, WireType } from './wire-type.ts';

interface Form {
  readonly size: number;
  /** Token of the fixed type, used for NOT NULL columns. */
  readonly fixed: number;
  readonly nullable: number;
  readonly write: (writer: ByteWriter, value: SqlValue) => boolean;
  readonly read: (reader: ByteReader) => SqlValue;
}

const INTN = 0x26;
const BITN = 0x68;
const FLTN = 0x6d;

const FORMS = {
  bit: {
    size: 1,
    fixed: 0x32,
    nullable: BITN,
    write: (writer, value) => typeof value === 'boolean' && (writer.u8(value ? 1 : 0), true),
    read: (reader) => reader.u8() !== 0,
  },
  tinyint: {
    size: 1,
    fixed: 0x30,
    nullable: INTN,
    write: (writer, value) => isInteger(value) && (writer.u8(Number(value)), true),
    read: (reader) => reader.u8(),
  },
  smallint: {
    size: 2,
    fixed: 0x34,
    nullable: INTN,
    write: (writer, value) => isInteger(value) && (writer.i16(Number(value)), true),
    read: (reader) => reader.i16(),
  },
  int: {
    size: 4,
    fixed: 0x38,
    nullable: INTN,
    write: (writer, value) => isInteger(value) && (writer.i32(Number(value)), true),
    read: (reader) => reader.i32(),
  },
  bigint: {
    size: 8,
    fixed: 0x7f,
    nullable: INTN,
    write: (writer, value) => isInteger(value) && (writer.i64(BigInt(value)), true),
    read: (reader) => reader.i64(),
  },
  real: {
    size: 4,
    fixed: 0x3b,
    nullable: FLTN,
    write: (writer, value) => typeof value === 'number' && (writer.f32(value), true),
    read: (reader) => reader.f32(),
  },
  float: {
    size: 8,
    fixed: 0x3e,
    nullable: FLTN,
    write: (writer, value) => typeof value === 'number' && (writer.f64(value), true),
    read: (reader) => reader.f64(),
  },
} as const satisfies Record<string, Form>;

export type NumberTypeName = keyof typeof FORMS;

function isInteger(value: SqlValue): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
}

export function isNumberType(name: string): name is NumberTypeName {
  return name in FORMS;
}

export function numberType(type: SqlType & { readonly name: NumberTypeName }, nullable: boolean): WireType {
  const form: Form = FORMS[type.name];
  const write = (writer: ByteWriter, value: SqlValue): void => {
    if (!form.write(writer, value)) throw mismatch(type, value);
  };
  if (!nullable) return { info: (writer) => writer.u8(form.fixed), value: write };
  return {
    info(writer) {
      writer.u8(form.nullable);
      writer.u8(form.size);
    },
    value(writer, value) {
      writer.u8(value === null ? 0 : form.size);
      if (value !== null) write(writer, value);
    },
  };
}

/** Token and bare value, as sql_variant holds them. */
export function bareNumber(type: SqlType & { readonly name: NumberTypeName }): WireType {
  return numberType(type, false);
}

const byFixedToken = new Map<number, NumberTypeName>(
  Object.entries(FORMS).map(([name, form]) => [form.fixed, name as NumberTypeName]),
);
const byNullable = new Map<string, NumberTypeName>(
  Object.entries(FORMS).map(([name, form]) => [`${form.nullable}/${form.size}`, name as NumberTypeName]),
);

export function readNumberType(token: number, reader: ByteReader): WireReader | undefined {
  const fixed = byFixedToken.get(token);
  if (fixed !== undefined) return { type: { name: fixed }, read: FORMS[fixed].read };
  if (token !== INTN && token !== BITN && token !== FLTN) return undefined;
  const name = byNullable.get(`${token}/${reader.u8()}`);
  if (name === undefined) throw new RangeError('A number type has an impossible size.');
  const form = FORMS[name];
  return { type: { name }, read: (from) => (from.u8() === 0 ? null : form.read(from)) };
}

import type { SqlMoment, SqlType, SqlValue } from '../../contracts.ts';
import type { ByteReader, ByteWriter } from '../bytes.ts';
import { mismatch } from './wire-type.ts';
import type { WireReader, WireType } from './wire-type.ts';

const DATETIMN = 0x6f;
const DATETIME = 0x3d;
const SMALLDATETIME = 0x3a;
const DATEN = 0x28;
const TIMEN = 0x29;
const DATETIME2N = 0x2a;
const DATETIMEOFFSETN = 0x2b;

const TICKS_PER_SECOND = 10_000_000n;
const TICKS_PER_MINUTE = 60n * TICKS_PER_SECOND;
const TICKS_PER_DAY = 24n * 60n * TICKS_PER_MINUTE;
/** Days from 0001-01-01 to 1900-01-01, the epoch of datetime. */
const DAYS_TO_1900 = 693_595n;
const DATETIME_UNITS_PER_SECOND = 300n;
const MAX_SCALE = 7;

export type MomentTypeName = 'date' | 'time' | 'datetime' | 'smalldatetime' | 'datetime2' | 'datetimeoffset';

interface Form {
  readonly size: number;
  readonly write: (writer: ByteWriter, moment: SqlMoment) => void;
  readonly read: (reader: ByteReader) => SqlMoment;
}

function isMoment(value: SqlValue): value is SqlMoment {
  return typeof value === 'object' && value !== null && 'ticks' in value;
}

const daysOf = (ticks: bigint): bigint => ticks / TICKS_PER_DAY;
const roundedDivide = (value: bigint, by: bigint): bigint => (value + by / 2n) / by;

const datetime: Form = {
  size: 8,
  write(writer, { ticks }) {
    const units = roundedDivide((ticks % TICKS_PER_DAY) * DATETIME_UNITS_PER_SECOND, TICKS_PER_SECOND);
    const unitsPerDay = 86_400n * DATETIME_UNITS_PER_SECOND;
    const days = daysOf(ticks) + units / unitsPerDay;
    writer.i32(Number(days - DAYS_TO_1900));
    writer.u32(Number(units % unitsPerDay));
  },
  read(reader) {
    const days = BigInt(reader.i32()) + DAYS_TO_1900;
    const units = BigInt(reader.u32());
    return { ticks: days * TICKS_PER_DAY + roundedDivide(units * TICKS_PER_SECOND, DATETIME_UNITS_PER_SECOND) };
  },
};

const smalldatetime: Form = {
  size: 4,
  write(writer, { ticks }) {
    const minutes = roundedDivide(ticks, TICKS_PER_MINUTE);
    writer.u16(Number(minutes / 1440n - DAYS_TO_1900));
    writer.u16(Number(minutes % 1440n));
  },
  read(reader) {
    const days = BigInt(reader.u16()) + DAYS_TO_1900;
    return { ticks: days * TICKS_PER_DAY + BigInt(reader.u16()) * TICKS_PER_MINUTE };
  },
};

const date: Form = {
  size: 3,
  write: (writer, { ticks }) => writer.u24(Number(daysOf(ticks))),
  read: (reader) => ({ ticks: BigInt(reader.u24()) * TICKS_PER_DAY }),
};

function timeSize(scale: number): number {
  if (scale <= 2) return 3;
  return scale <= 4 ? 4 : 5;
}

const unit = (scale: number): bigint => 10n ** BigInt(MAX_SCALE - scale);

function time(scale: number): Form {
  const size = timeSize(scale);
  return {
    size,
    write: (writer, { ticks }) => writer.unsigned((ticks % TICKS_PER_DAY) / unit(scale), size),
    read: (reader) => ({ ticks: reader.unsigned(size) * unit(scale) }),
  };
}

function datetime2(scale: number): Form {
  const clock = time(scale);
  return {
    size: clock.size + date.size,
    write(writer, moment) {
      clock.write(writer, moment);
      date.write(writer, moment);
    },
    read(reader) {
      const { ticks } = clock.read(reader);
      return { ticks: ticks + date.read(reader).ticks };
    },
  };
}

/** The wire has the moment in UTC and the offset beside it; the rest of the server has local ticks. */
function datetimeoffset(scale: number): Form {
  const utc = datetime2(scale);
  return {
    size: utc.size + 2,
    write(writer, { ticks, offsetMinutes = 0 }) {
      utc.write(writer, { ticks: ticks - BigInt(offsetMinutes) * TICKS_PER_MINUTE });
      writer.i16(offsetMinutes);
    },
    read(reader) {
      const { ticks } = utc.read(reader);
      const offsetMinutes = reader.i16();
      return { ticks: ticks + BigInt(offsetMinutes) * TICKS_PER_MINUTE, offsetMinutes };
    },
  };
}

const SCALED = {
  time: [TIMEN, time],
  datetime2: [DATETIME2N, datetime2],
  datetimeoffset: [DATETIMEOFFSETN, datetimeoffset],
} as const;

export function isMomentType(name: string): name is MomentTypeName {
  return name === 'date' || name === 'datetime' || name === 'smalldatetime' || name in SCALED;
}

/** Token, properties (the scale) and bare value: what a column and a sql_variant share. */
export function momentForm(type: SqlType & { readonly name: MomentTypeName }): {
  readonly token: number;
  readonly scale: number | undefined;
  readonly size: number;
  readonly write: (writer: ByteWriter, value: SqlValue) => void;
  readonly read: (reader: ByteReader) => SqlMoment;
} {
  const { token, form, scale } = choose(type);
  return {
    token,
    scale,
    size: form.size,
    read: form.read,
    write(writer, value) {
      if (!isMoment(value)) throw mismatch(type, value);
      form.write(writer, value);
    },
  };
}

function choose(type: SqlType & { readonly name: MomentTypeName }): {
  token: number;
  form: Form;
  scale: number | undefined;
} {
  if (type.name === 'datetime') return { token: DATETIME, form: datetime, scale: undefined };
  if (type.name === 'smalldatetime') return { token: SMALLDATETIME, form: smalldatetime, scale: undefined };
  if (type.name === 'date') return { token: DATEN, form: date, scale: undefined };
  const [token, scaled] = SCALED[type.name];
  const scale = type.scale ?? MAX_SCALE;
  return { token, form: scaled(scale), scale };
}

export function momentType(type: SqlType & { readonly name: MomentTypeName }, nullable: boolean): WireType {
  const form = momentForm(type);
  const old = type.name === 'datetime' || type.name === 'smalldatetime';
  if (old && !nullable) return { info: (writer) => writer.u8(form.token), value: form.write };
  return {
    info(writer) {
      writer.u8(old ? DATETIMN : form.token);
      if (old) writer.u8(form.size);
      else if (form.scale !== undefined) writer.u8(form.scale);
    },
    value(writer, value) {
      writer.u8(value === null ? 0 : form.size);
      if (value !== null) form.write(writer, value);
    },
  };
}

export function readMomentType(token: number, reader: ByteReader): WireReader | undefined {
  const sized = (type: SqlType, form: Form): WireReader => ({
    type,
    read: (from) => (from.u8() === 0 ? null : form.read(from)),
  });
  switch (token) {
    case DATETIME:
      return { type: { name: 'datetime' }, read: datetime.read };
    case SMALLDATETIME:
      return { type: { name: 'smalldatetime' }, read: smalldatetime.read };
    case DATETIMN:
      return reader.u8() === smalldatetime.size
        ? sized({ name: 'smalldatetime' }, smalldatetime)
        : sized({ name: 'datetime' }, datetime);
    case DATEN:
      return sized({ name: 'date' }, date);
    case TIMEN: {
      const scale = reader.u8();
      return sized({ name: 'time', scale }, time(scale));
    }
    case DATETIME2N: {
      const scale = reader.u8();
      return sized({ name: 'datetime2', scale }, datetime2(scale));
    }
    case DATETIMEOFFSETN: {
      const scale = reader.u8();
      return sized({ name: 'datetimeoffset', scale }, datetimeoffset(scale));
    }
    default:
      return undefined;
  }
}

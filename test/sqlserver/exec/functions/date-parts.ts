import type { SqlMoment, SqlType } from '../../contracts.ts';
import type { Expression, FunctionCall } from '../../tsql/ast/expression.ts';
import { convertTo } from '../expression/arithmetic.ts';
import type { Compiled } from '../expression/compiled.ts';
import { integerValue } from '../types/convert-number.ts';
import { sqlError } from '../types/errors.ts';
import { formatOffset } from '../types/format-moment.ts';
import {
  BASE_DATE,
  daysOf,
  MAX_TICKS,
  partsOf,
  ticksOf,
  TICKS_PER_DAY,
  toDatetimePrecision,
  utcTicks,
  weekdayOf,
} from '../types/moment.ts';
import { monthName } from '../types/parse-moment.ts';
import { BIGINT, DATETIME, familyOf, INT, isString, nvarchar, typeName } from '../types/sqltype.ts';
import { addMonths, asMoment, moment, overflow } from './date-values.ts';
import { asInt, strict } from './define.ts';

type DatePart =
  | 'year'
  | 'quarter'
  | 'month'
  | 'dayofyear'
  | 'day'
  | 'week'
  | 'weekday'
  | 'hour'
  | 'minute'
  | 'second'
  | 'millisecond'
  | 'microsecond'
  | 'nanosecond'
  | 'iso_week'
  | 'tzoffset';

const PARTS: Readonly<Record<string, DatePart>> = {
  year: 'year',
  yy: 'year',
  yyyy: 'year',
  quarter: 'quarter',
  qq: 'quarter',
  q: 'quarter',
  month: 'month',
  mm: 'month',
  m: 'month',
  dayofyear: 'dayofyear',
  dy: 'dayofyear',
  y: 'dayofyear',
  day: 'day',
  dd: 'day',
  d: 'day',
  week: 'week',
  wk: 'week',
  ww: 'week',
  weekday: 'weekday',
  dw: 'weekday',
  w: 'weekday',
  hour: 'hour',
  hh: 'hour',
  minute: 'minute',
  mi: 'minute',
  n: 'minute',
  second: 'second',
  ss: 'second',
  s: 'second',
  millisecond: 'millisecond',
  ms: 'millisecond',
  microsecond: 'microsecond',
  mcs: 'microsecond',
  nanosecond: 'nanosecond',
  ns: 'nanosecond',
  iso_week: 'iso_week',
  isowk: 'iso_week',
  isoww: 'iso_week',
  tzoffset: 'tzoffset',
  tz: 'tzoffset',
};

/** The first argument of DATEADD and its kin is a word, not an expression. */
export function datePartOf(argument: Expression | undefined, call: FunctionCall): DatePart {
  const name = (call.name[0] ?? '').toLowerCase();
  const word = argument?.kind === 'column' && argument.parts.length === 1 ? (argument.parts[0] as string) : undefined;
  const part = word === undefined ? undefined : PARTS[word.toLowerCase()];
  if (part === undefined) {
    if (word === undefined) throw sqlError(1023, 15, 1, `Invalid parameter 1 specified for ${name}.`);
    throw sqlError(155, 15, 1, `'${word}' is not a recognized ${name} option.`);
  }
  return part;
}

const UNIT: Readonly<Partial<Record<DatePart, bigint>>> = {
  week: 7n * TICKS_PER_DAY,
  day: TICKS_PER_DAY,
  dayofyear: TICKS_PER_DAY,
  weekday: TICKS_PER_DAY,
  hour: 36_000_000_000n,
  minute: 600_000_000n,
  second: 10_000_000n,
  millisecond: 10_000n,
  microsecond: 10n,
};

/** DATEADD, DATEDIFF, DATEPART, DATENAME, DATETRUNC: compiled with the part known. */
export function compileDatePartFunction(call: FunctionCall, compile: (expression: Expression) => Compiled): Compiled {
  const name = (call.name[0] ?? '').toUpperCase();
  const part = datePartOf(call.args[0], call);
  const rest = call.args.slice(1).map(compile);
  const wanted = name === 'DATEADD' || name.startsWith('DATEDIFF') ? 2 : 1;
  if (rest.length !== wanted) {
    throw sqlError(174, 15, 1, `The ${name.toLowerCase()} function requires ${wanted + 1} argument(s).`);
  }
  switch (name) {
    case 'DATEADD':
      return compileDateAdd(part, rest[0] as Compiled, rest[1] as Compiled);
    case 'DATEDIFF':
    case 'DATEDIFF_BIG':
      return compileDateDiff(part, asMoment(rest[0] as Compiled), asMoment(rest[1] as Compiled), name === 'DATEDIFF');
    case 'DATEPART':
      return compileDatePart(part, asMoment(rest[0] as Compiled));
    case 'DATENAME':
      return compileDateName(part, asMoment(rest[0] as Compiled));
    default:
      return compileDateTrunc(part, asMoment(rest[0] as Compiled));
  }
}

function compileDateAdd(part: DatePart, count: Compiled, source: Compiled): Compiled {
  // Text is datetime here ("DATEADD (Transact-SQL)", return types).
  const value = isString(source.type) ? convertTo(source, DATETIME) : asMoment(source, DATETIME);
  const n = ['integer', 'bigint'].includes(familyOf(count.type)) ? count : asInt(count);
  const { type } = value;
  if (type.name === 'date' && ['hour', 'minute', 'second', 'millisecond', 'microsecond', 'nanosecond'].includes(part)) {
    throw sqlError(9810, 16, 1, `The datepart ${part} is not supported by date function dateadd for data type date.`);
  }
  return strict(type, [n, value], ([amount, when]) => {
    const { ticks, offsetMinutes } = moment(when);
    let moved: bigint;
    if (part === 'year') moved = addMonths(ticks, Number(amount) * 12);
    else if (part === 'quarter') moved = addMonths(ticks, Number(amount) * 3);
    else if (part === 'month') moved = addMonths(ticks, Number(amount));
    else if (part === 'nanosecond') moved = ticks + BigInt(amount as number) / 100n;
    else {
      const unit = UNIT[part];
      if (unit === undefined)
        throw sqlError(
          9810,
          16,
          1,
          `The datepart ${part} is not supported by date function dateadd for data type ${typeName(type)}.`,
        );
      moved = ticks + BigInt(amount as number) * unit;
    }
    if (type.name === 'time') return { ticks: ((moved % TICKS_PER_DAY) + TICKS_PER_DAY) % TICKS_PER_DAY };
    if (moved < 0n || moved > MAX_TICKS || (type.name === 'datetime' && moved < 639_905n * TICKS_PER_DAY))
      throw overflow(typeName(type));
    if (type.name === 'datetime') return { ticks: toDatetimePrecision(moved) };
    return offsetMinutes === undefined ? { ticks: moved } : { ticks: moved, offsetMinutes };
  });
}

/** How many boundaries of the part lie between two moments. */
function compileDateDiff(part: DatePart, from: Compiled, to: Compiled, small: boolean): Compiled {
  return strict(small ? INT : BIGINT, [from, to], ([a, b]) => {
    const difference =
      boundaries(part, anchored(moment(b), to.type)) - boundaries(part, anchored(moment(a), from.type));
    return integerValue(difference, small ? INT : BIGINT, () =>
      sqlError(
        535,
        16,
        0,
        'The datediff function resulted in an overflow. The number of dateparts separating two date/time instances is too large. Try to use datediff with a less precise datepart.',
      ),
    );
  });
}

/** Differences compare instants in UTC; a bare time counts on the base date. */
function anchored(value: SqlMoment, type: SqlType): bigint {
  return type.name === 'time'
    ? BASE_DATE + value.ticks
    : type.name === 'datetimeoffset'
      ? utcTicks(value)
      : value.ticks;
}

function boundaries(part: DatePart, ticks: bigint): bigint {
  switch (part) {
    case 'year':
      return BigInt(partsOf(ticks).year);
    case 'quarter': {
      const { year, month } = partsOf(ticks);
      return BigInt(year * 4 + Math.floor((month - 1) / 3));
    }
    case 'month': {
      const { year, month } = partsOf(ticks);
      return BigInt(year * 12 + month);
    }
    case 'week':
      // Weeks begin on Sunday here whatever DATEFIRST says.
      return (ticks / TICKS_PER_DAY + 1n) / 7n;
    case 'nanosecond':
      return ticks * 100n;
    default: {
      const unit = UNIT[part];
      if (unit === undefined)
        throw sqlError(9810, 16, 1, `The datepart ${part} is not supported by date function datediff.`);
      return ticks / unit;
    }
  }
}

function compileDatePart(part: DatePart, source: Compiled): Compiled {
  return strict(INT, [source], ([value], run) => partValue(part, moment(value), source.type, run.session.dateFirst));
}

function partValue(part: DatePart, value: SqlMoment, type: SqlType, dateFirst: number): number {
  const ticks = type.name === 'time' ? BASE_DATE + value.ticks : value.ticks;
  const parts = partsOf(ticks);
  switch (part) {
    case 'year':
    case 'month':
    case 'day':
    case 'hour':
    case 'minute':
    case 'second':
      return parts[part];
    case 'quarter':
      return Math.floor((parts.month - 1) / 3) + 1;
    case 'dayofyear':
      return daysOf(parts.year, parts.month, parts.day) - daysOf(parts.year, 1, 1) + 1;
    case 'week': {
      const first = BigInt(daysOf(parts.year, 1, 1));
      const offset = (weekdayOf(first * TICKS_PER_DAY) - (dateFirst % 7) + 7) % 7;
      return Math.floor((Number(ticks / TICKS_PER_DAY - first) + offset) / 7) + 1;
    }
    case 'weekday':
      return ((weekdayOf(ticks) - (dateFirst % 7) + 7) % 7) + 1;
    case 'millisecond':
      return type.name === 'datetime' ? Math.round(parts.fraction / 10_000) : Math.floor(parts.fraction / 10_000);
    case 'microsecond':
      return Math.floor(parts.fraction / 10);
    case 'nanosecond':
      return parts.fraction * 100;
    case 'tzoffset':
      return value.offsetMinutes ?? 0;
    case 'iso_week':
      return isoWeek(ticks);
  }
}

function isoWeek(ticks: bigint): number {
  const day = Number(ticks / TICKS_PER_DAY);
  const thursday = day - (((day % 7) + 7) % 7) + 3;
  const { year } = partsOf(BigInt(thursday) * TICKS_PER_DAY);
  return Math.floor((thursday - daysOf(year, 1, 1)) / 7) + 1;
}

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

function compileDateName(part: DatePart, source: Compiled): Compiled {
  return strict(nvarchar(30), [source], ([value], run) => {
    const when = moment(value);
    if (part === 'month') return monthName(partsOf(when.ticks).month);
    if (part === 'weekday') return WEEKDAYS[weekdayOf(when.ticks)] ?? '';
    if (part === 'tzoffset') return formatOffset(when.offsetMinutes ?? 0);
    return String(partValue(part, when, source.type, run.session.dateFirst));
  });
}

function compileDateTrunc(part: DatePart, source: Compiled): Compiled {
  return strict(source.type, [source], ([value], run) => {
    const when = moment(value);
    const parts = partsOf(when.ticks);
    const back = (ticks: bigint): SqlMoment =>
      when.offsetMinutes === undefined ? { ticks } : { ticks, offsetMinutes: when.offsetMinutes };
    const midnight = { ...parts, hour: 0, minute: 0, second: 0, fraction: 0 };
    if (part === 'year') return back(ticksOf({ ...midnight, month: 1, day: 1 }));
    if (part === 'quarter')
      return back(ticksOf({ ...midnight, month: Math.floor((parts.month - 1) / 3) * 3 + 1, day: 1 }));
    if (part === 'month') return back(ticksOf({ ...midnight, day: 1 }));
    if (part === 'week') {
      const days = (weekdayOf(when.ticks) - (run.session.dateFirst % 7) + 7) % 7;
      return back(when.ticks - (when.ticks % TICKS_PER_DAY) - BigInt(days) * TICKS_PER_DAY);
    }
    const unit = UNIT[part];
    if (unit === undefined)
      throw sqlError(
        9810,
        16,
        1,
        `The datepart ${part} is not supported by date function datetrunc for data type ${typeName(source.type)}.`,
      );
    return back(when.ticks - (when.ticks % unit));
  });
}

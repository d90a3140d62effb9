import type { SqlError, SqlMoment, SqlType, SqlValue } from '../../contracts.ts';
import type { ConvertContext } from './convert.ts';
import { toFloat } from './convert-number.ts';
import { cannotConvert, sqlError } from './errors.ts';
import {
  BASE_DATE,
  MAX_TICKS,
  TICKS_PER_DAY,
  TICKS_PER_MINUTE,
  toDatetimePrecision,
  toMinutePrecision,
  toScale,
} from './moment.ts';
import { parseMoment, type DateFormat } from './parse-moment.ts';
import { familyOf, typeName } from './sqltype.ts';

export function toMoment(
  from: SqlType,
  to: SqlType,
  style?: number,
): (value: SqlValue, context: ConvertContext) => SqlValue {
  switch (familyOf(from)) {
    case 'string':
      return (value, context) => momentOfText(value as string, from, to, style, context);
    case 'date':
    case 'time':
    case 'datetime':
      return (value) => adjust(value as SqlMoment, from, to);
    case 'binary':
      throw cannotConvert(typeName(from), to.name);
    default: {
      const toNumber = toFloat(from, { name: 'float' });
      return (value) => {
        const days = toNumber(value) as number;
        const ticks = BASE_DATE + (BigInt(Math.round(days * 25_920_000)) * 100_000n) / 3n;
        const moment = { ticks: toDatetimePrecision(ticks) };
        checkDatetime(moment.ticks, from, to);
        return adjust(moment, { name: 'datetime' }, to);
      };
    }
  }
}

function momentOfText(
  text: string,
  from: SqlType,
  to: SqlType,
  style: number | undefined,
  context: ConvertContext,
): SqlValue {
  const order = style === undefined ? context.dateFormat : orderOfStyle(style, context.dateFormat);
  const parsed = parseMoment(text, order);
  const old = to.name === 'datetime' || to.name === 'smalldatetime';
  const failed = (): SqlError =>
    to.name === 'smalldatetime'
      ? sqlError(295, 16, 3, 'Conversion failed when converting character string to smalldatetime data type.')
      : sqlError(241, 16, 1, 'Conversion failed when converting date and/or time from character string.');
  if (parsed === undefined) throw failed();
  if (parsed === 'range') {
    if (!old) throw failed();
    throw outOfRange(typeName(from), to.name);
  }
  if (old && (parsed.fractionDigits > 3 || (parsed.offsetMinutes !== undefined && parsed.offsetMinutes !== 0)))
    throw failed();
  if (old) checkDatetime(parsed.ticks, from, to);
  const moment: SqlMoment = { ticks: parsed.ticks, offsetMinutes: parsed.offsetMinutes ?? 0 };
  return adjust(moment, { name: 'datetimeoffset', scale: 7 }, to, true);
}

function orderOfStyle(style: number, fallback: DateFormat): DateFormat {
  const base = style >= 100 && style < 120 ? style - 100 : style;
  if ([1, 7, 10, 0, 9, 22].includes(base)) return 'mdy';
  if ([3, 4, 5, 6, 13].includes(base)) return 'dmy';
  if ([2, 11, 12, 20, 21, 23, 25, 120, 121, 126, 127].includes(base)) return 'ymd';
  return fallback;
}

function outOfRange(from: string, to: string): SqlError {
  return sqlError(
    242,
    16,
    3,
    `The conversion of a ${from} data type to a ${to} data type resulted in an out-of-range value.`,
  );
}

/** datetime begins in 1753; smalldatetime runs from 1900 to 2079-06-06. */
function checkDatetime(ticks: bigint, from: SqlType, to: SqlType): void {
  const low = to.name === 'smalldatetime' ? BASE_DATE : 639_905n * TICKS_PER_DAY;
  const high = to.name === 'smalldatetime' ? BASE_DATE + 65_536n * TICKS_PER_DAY : MAX_TICKS;
  if ((to.name === 'datetime' || to.name === 'smalldatetime') && (ticks < low || ticks > high)) {
    throw outOfRange(typeName(from), to.name);
  }
}

/** Between date and time types; `literal` keeps a text's wall clock when the target has no offset. */
function adjust(moment: SqlMoment, from: SqlType, to: SqlType, literal = false): SqlMoment {
  const offset = moment.offsetMinutes ?? 0;
  let ticks = moment.ticks;
  if (from.name === 'time' && to.name !== 'time') ticks = BASE_DATE + (ticks % TICKS_PER_DAY);
  switch (to.name) {
    case 'date':
      return { ticks: ticks - (ticks % TICKS_PER_DAY) };
    case 'time':
      return { ticks: toScale(ticks % TICKS_PER_DAY, to.scale ?? 7) % TICKS_PER_DAY };
    case 'datetime':
      if (!literal) checkDatetime(ticks, from, to);
      return { ticks: toDatetimePrecision(ticks) };
    case 'smalldatetime':
      if (!literal) checkDatetime(ticks, from, to);
      return { ticks: toMinutePrecision(ticks) };
    case 'datetimeoffset':
      return { ticks: toScale(ticks, to.scale ?? 7), offsetMinutes: offset };
    default:
      return { ticks: toScale(ticks, to.scale ?? 7) };
  }
}

export function switchOffset(moment: SqlMoment, offsetMinutes: number): SqlMoment {
  return {
    ticks: moment.ticks + BigInt(offsetMinutes - (moment.offsetMinutes ?? 0)) * TICKS_PER_MINUTE,
    offsetMinutes,
  };
}

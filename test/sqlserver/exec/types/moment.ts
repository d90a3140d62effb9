import type { SqlMoment } from '../../contracts.ts';

/** 100 ns ticks in …; SqlMoment counts them from 0001-01-01 of the local clock. */
export const TICKS_PER_MILLISECOND = 10_000n;
export const TICKS_PER_SECOND = 10_000_000n;
export const TICKS_PER_MINUTE = 600_000_000n;
export const TICKS_PER_HOUR = 36_000_000_000n;
export const TICKS_PER_DAY = 864_000_000_000n;
/** 1970-01-01 */
export const UNIX_EPOCH = 719_162n * TICKS_PER_DAY;
/** 1900-01-01, day 0 of datetime. */
export const BASE_DATE = 693_595n * TICKS_PER_DAY;
/** 9999-12-31 23:59:59.9999999 */
export const MAX_TICKS = 3_652_059n * TICKS_PER_DAY - 1n;

export interface MomentParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** 0 … 9 999 999 */
  readonly fraction: number;
}

/** Local moment of an instant: milliseconds since the epoch (may carry a fraction) plus the zone's offset. */
export function momentFromEpoch(epochMs: number, offsetMinutes = 0): SqlMoment {
  const whole = Math.floor(epochMs);
  const fraction = Math.floor((epochMs - whole) * 10_000);
  return { ticks: UNIX_EPOCH + BigInt(whole + offsetMinutes * 60_000) * TICKS_PER_MILLISECOND + BigInt(fraction) };
}

/** Milliseconds since the epoch of a local moment. */
export function epochFromMoment(moment: SqlMoment, offsetMinutes = moment.offsetMinutes ?? 0): number {
  return Number((moment.ticks - UNIX_EPOCH) / TICKS_PER_MILLISECOND) - offsetMinutes * 60_000;
}

/** Days since 0001-01-01 of a proleptic Gregorian date. */
export function daysOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 306;
}

export function dateOfDays(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const z = days + 306;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted + (shifted < 10 ? 3 : -9);
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return { year, month, day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1 };
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

export function partsOf(ticks: bigint): MomentParts {
  const days = Number(ticks / TICKS_PER_DAY);
  let rest = Number(ticks % TICKS_PER_DAY);
  const fraction = rest % 10_000_000;
  rest = Math.floor(rest / 10_000_000);
  return {
    ...dateOfDays(days),
    hour: Math.floor(rest / 3600),
    minute: Math.floor(rest / 60) % 60,
    second: rest % 60,
    fraction,
  };
}

export function ticksOf(parts: MomentParts): bigint {
  const seconds = parts.hour * 3600 + parts.minute * 60 + parts.second;
  return (
    BigInt(daysOf(parts.year, parts.month, parts.day)) * TICKS_PER_DAY +
    BigInt(seconds) * TICKS_PER_SECOND +
    BigInt(parts.fraction)
  );
}

/** 0 Sunday … 6 Saturday; 0001-01-01 was a Monday. */
export function weekdayOf(ticks: bigint): number {
  return (Number(ticks / TICKS_PER_DAY) + 1) % 7;
}

/** datetime counts 1/300 second. */
export function toDatetimePrecision(ticks: bigint): bigint {
  const day = ticks - (ticks % TICKS_PER_DAY);
  const units = ((ticks % TICKS_PER_DAY) * 3n + 50_000n) / 100_000n;
  return day + (units * 100_000n + 1n) / 3n;
}

/** smalldatetime rounds to the minute; 29.998 seconds go down. */
export function toMinutePrecision(ticks: bigint): bigint {
  const rounded = toDatetimePrecision(ticks);
  const rest = rounded % TICKS_PER_MINUTE;
  return rounded - rest + (rest >= 30n * TICKS_PER_SECOND - 10_000n ? TICKS_PER_MINUTE : 0n);
}

export function toScale(ticks: bigint, scale: number): bigint {
  if (scale >= 7) return ticks;
  const unit = 10n ** BigInt(7 - scale);
  const rest = ticks % unit;
  return ticks - rest + (rest * 2n >= unit ? unit : 0n);
}

/** Instant of a datetimeoffset in ticks of UTC. */
export function utcTicks(moment: SqlMoment): bigint {
  return moment.ticks - BigInt(moment.offsetMinutes ?? 0) * TICKS_PER_MINUTE;
}

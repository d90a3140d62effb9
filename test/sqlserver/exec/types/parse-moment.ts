import { BASE_DATE, daysInMonth, ticksOf } from './moment.ts';

/** SET DATEFORMAT */
export type DateFormat = 'mdy' | 'dmy' | 'ymd' | 'ydm' | 'myd' | 'dym';

export interface ParsedMoment {
  readonly ticks: bigint;
  readonly offsetMinutes?: number;
  /** Digits of the fraction of a second: datetime takes three, datetime2 seven. */
  readonly fractionDigits: number;
  readonly hasDate: boolean;
}

const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

const TIME =
  /(?:^|[\sT])(?:(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:([.:])(\d{1,9}))?)?\s*(AM|PM)?|(\d{1,2})\s*(AM|PM))(?:\s*(Z|[+-]\d{1,2}:\d{2}))?$/i;

/**
 * Text of a date and/or time ("Date and time styles", "Supported string literal formats"). undefined: not such a text;
 * 'range': the form is right but there is no such day or hour.
 */
export function parseMoment(text: string, dateFormat: DateFormat): ParsedMoment | 'range' | undefined {
  let rest = text.trim();
  if (rest === '') return { ticks: BASE_DATE, fractionDigits: 0, hasDate: false };
  let time: TimeOfDay = { ticks: 0n, fractionDigits: 0 };
  const match = TIME.exec(rest);
  if (match !== null) {
    const parsed = parseTime(match);
    if (parsed === 'range') return 'range';
    time = parsed;
    rest = rest.slice(0, match.index).replace(/T$/i, '').trim();
  }
  if (rest === '') return { ...time, ticks: BASE_DATE + time.ticks, hasDate: false };
  const date = parseDate(rest, dateFormat);
  if (date === undefined) return undefined;
  const { year, month, day } = date;
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return 'range';
  const ticks = ticksOf({ year, month, day, hour: 0, minute: 0, second: 0, fraction: 0 }) + time.ticks;
  return { ...time, ticks, hasDate: true };
}

interface TimeOfDay {
  readonly ticks: bigint;
  readonly fractionDigits: number;
  readonly offsetMinutes?: number;
}

function parseTime(match: RegExpExecArray): TimeOfDay | 'range' {
  const [, hourText, minuteText, secondText, mark, fractionText, half, bareHour, bareHalf, zone] = match;
  let hour = Number(hourText ?? bareHour);
  const minute = Number(minuteText ?? 0);
  const second = Number(secondText ?? 0);
  const meridiem = (half ?? bareHalf)?.toUpperCase();
  if (meridiem === 'PM' && hour < 12) hour += 12;
  if (meridiem === 'AM' && hour === 12) hour = 0;
  if (hour > 23 || minute > 59 || second > 59) return 'range';
  let fraction = 0;
  const digits = fractionText ?? '';
  // 12:00:00:5 means five thousandths, 12:00:00.5 five tenths.
  if (mark === ':') fraction = Number(digits) * 10_000;
  else if (digits !== '') fraction = Number(digits.padEnd(7, '0').slice(0, 7));
  const ticks = BigInt(hour * 3600 + minute * 60 + second) * 10_000_000n + BigInt(fraction);
  const fractionDigits = mark === ':' ? 3 : digits.length;
  if (zone === undefined) return { ticks, fractionDigits };
  const offsetMinutes = zone.toUpperCase() === 'Z' ? 0 : parseOffset(zone);
  return Math.abs(offsetMinutes) > 14 * 60 ? 'range' : { ticks, fractionDigits, offsetMinutes };
}

export function parseOffset(text: string): number {
  const [, sign = '+', hours = '0', minutes = '0'] = /^([+-])(\d{1,2}):(\d{2})$/.exec(text.trim()) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

function parseDate(text: string, dateFormat: DateFormat): Day | undefined {
  const compact = /^(\d{4})(\d{2})(\d{2})$/.exec(text) ?? /^(\d{2})(\d{2})(\d{2})$/.exec(text);
  if (compact !== null) return { year: fullYear(compact[1] ?? ''), month: Number(compact[2]), day: Number(compact[3]) };
  if (/^\d{4}$/.test(text)) return { year: Number(text), month: 1, day: 1 };
  const numeric = /^(\d{1,4})([-/.])(\d{1,4})\2(\d{1,4})$/.exec(text);
  if (numeric !== null) return byOrder(numeric[1] ?? '', numeric[3] ?? '', numeric[4] ?? '', dateFormat);
  return parseNamedMonth(text);
}

function byOrder(a: string, b: string, c: string, dateFormat: DateFormat): Day | undefined {
  // A four-digit year decides its own place; month and day keep the order of DATEFORMAT.
  const dayFirst = dateFormat.indexOf('d') < dateFormat.indexOf('m');
  const year = a.length === 4 ? 0 : c.length === 4 ? 2 : b.length === 4 ? 1 : dateFormat.indexOf('y');
  const values = [a, b, c];
  const yearText = values[year] as string;
  const [first = '', second = ''] = values.filter((_, i) => i !== year);
  if (first.length > 2 || second.length > 2 || (yearText.length !== 4 && yearText.length !== 2)) return undefined;
  const [month, day] = dayFirst && a.length !== 4 ? [second, first] : [first, second];
  return { year: fullYear(yearText), month: Number(month), day: Number(day) };
}

function parseNamedMonth(text: string): Day | undefined {
  const words = text
    .toLowerCase()
    .split(/[\s,./-]+/)
    .filter((word) => word !== '');
  const at = words.findIndex((word) => /^[a-z]+$/.test(word));
  if (at < 0) return undefined;
  const name = words[at] as string;
  const month = MONTHS.findIndex((full) => full === name || (name.length === 3 && full.startsWith(name))) + 1;
  if (month === 0) return undefined;
  const numbers = words.filter((_, i) => i !== at);
  if (numbers.some((word) => !/^\d{1,4}$/.test(word)) || numbers.length === 0 || numbers.length > 2) return undefined;
  const [first = '', second] = numbers;
  if (second === undefined) return first.length === 4 ? { year: Number(first), month, day: 1 } : undefined;
  if (first.length === 4) return { year: Number(first), month, day: Number(second) };
  if (second.length === 4 || second.length === 2) return { year: fullYear(second), month, day: Number(first) };
  return undefined;
}

/** Two-digit years: up to 49 is 20xx (two digit year cutoff 2049). */
function fullYear(text: string): number {
  const value = Number(text);
  if (text.length > 2) return value;
  return value <= 49 ? 2000 + value : 1900 + value;
}

export function monthName(month: number): string {
  const name = MONTHS[month - 1] ?? '';
  return name.charAt(0).toUpperCase() + name.slice(1);
}

import { integers, type Calendar } from './schedule-calendar.ts';

export interface CronProblem {
  readonly problem: string;
}

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const days = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const fields = [
  { name: 'minute', low: 0, high: 59, names: [] },
  { name: 'hour', low: 0, high: 23, names: [] },
  { name: 'day of the month', low: 1, high: 31, names: [] },
  { name: 'month', low: 1, high: 12, names: months },
  // Cron knows Sunday as 0 and as 7.
  { name: 'day of the week', low: 0, high: 7, names: days },
] as const;
type Field = (typeof fields)[number];

const shorthands: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
};

/** Reads the five fields of cron: minute, hour, day of the month, month, day of the week. */
export function parseCron(text: string): Calendar | CronProblem {
  const parts = (shorthands[text.trim().toLowerCase()] ?? text).trim().split(/\s+/);
  if (parts.length !== fields.length) {
    return { problem: 'has to have five fields: minute, hour, day of the month, month, day of the week' };
  }
  const values: number[][] = [];
  for (const [i, field] of fields.entries()) {
    const found = parseField(parts[i] as string, field);
    if ('problem' in found) return found;
    values.push(found.values);
  }
  const [minute, hour, dayOfMonth, month, week] = values as [number[], number[], number[], number[], number[]];
  const dayOfWeek = sorted(week.map((day) => day % 7));
  // Crons differ here: some start on days that fit either field, some on those that fit both. Nobody has to guess.
  if (dayOfMonth.length < 31 && dayOfWeek.length < 7) {
    return { problem: 'names days of the month and days of the week; leave one of the two *' };
  }
  if (dayOfMonth.every((day) => month.every((each) => day > longest(each)))) {
    return { problem: 'names a day that no such month has' };
  }
  return { second: [0], minute, hour, dayOfMonth, month, dayOfWeek };
}

function parseField(text: string, field: Field): { readonly values: number[] } | CronProblem {
  const values: number[] = [];
  for (const part of text.split(',')) {
    const [, from = '', to, step] = /^(\*|[A-Za-z0-9]+)(?:-([A-Za-z0-9]+))?(?:\/(\d{1,2}))?$/.exec(part) ?? [];
    const low = from === '*' ? field.low : numberOf(from, field);
    // As cron has it, 5/15 is every 15th from 5 on; the second Sunday of * would only double the first.
    const whole = field.high === 7 ? 6 : field.high;
    const high = to !== undefined ? numberOf(to, field) : from === '*' || step !== undefined ? whole : low;
    const problem = `has ${JSON.stringify(part)} as the ${field.name}, which must be ${field.low} to ${field.high}, *, a range, or a list of these`;
    if (low === null || high === null || (from === '*' && to !== undefined)) return { problem };
    if (low > high || Number(step ?? 1) === 0) return { problem };
    values.push(...integers(low, high, Number(step ?? 1)));
  }
  return { values: sorted(values) };
}

function numberOf(text: string, { low, high, names }: Field): number | null {
  const named = (names as readonly string[]).indexOf(text.toUpperCase());
  const value = named >= 0 ? named + low : /^\d{1,2}$/.test(text) ? Number(text) : NaN;
  return value >= low && value <= high ? value : null;
}

function sorted(values: readonly number[]): number[] {
  return [...new Set(values)].toSorted((a, b) => a - b);
}

function longest(month: number): number {
  return month === 2 ? 29 : [4, 6, 9, 11].includes(month) ? 30 : 31;
}

import { DAYS_OF_WEEK, MONTHS, type CalendarSpec, type CalendarSpecDescription } from '@temporalio/client';
import { integers, toRanges, type Calendar } from '../../workflows/domain/schedule-calendar.ts';

/** The client library calls months and days of the week by their names. */
export function toTemporal(calendar: Calendar, comment: string): CalendarSpec {
  return {
    second: toRanges(calendar.second),
    minute: toRanges(calendar.minute),
    hour: toRanges(calendar.hour),
    dayOfMonth: toRanges(calendar.dayOfMonth),
    month: toRanges(calendar.month).map((range) => named(range, (month) => MONTHS[month - 1])),
    dayOfWeek: toRanges(calendar.dayOfWeek).map((range) => named(range, (day) => DAYS_OF_WEEK[day])),
    comment,
  };
}

export function fromTemporal(spec: CalendarSpecDescription): Calendar {
  return {
    second: values(spec.second, Number),
    minute: values(spec.minute, Number),
    hour: values(spec.hour, Number),
    dayOfMonth: values(spec.dayOfMonth, Number),
    month: values(spec.month, (month) => MONTHS.indexOf(month) + 1),
    dayOfWeek: values(spec.dayOfWeek, (day) => DAYS_OF_WEEK.indexOf(day)),
  };
}

interface Range<T> {
  readonly start: T;
  readonly end: T;
  readonly step: number;
}

function named<T>({ start, end, step }: Range<number>, name: (value: number) => T | undefined): Range<T> {
  const [first, last] = [name(start), name(end)];
  if (first === undefined || last === undefined) throw new RangeError(`${start}-${end} is not in the calendar`);
  return { start: first, end: last, step };
}

function values<T>(ranges: readonly Range<T>[], number: (value: T) => number): number[] {
  const all = ranges.flatMap(({ start, end, step }) => integers(number(start), number(end), step));
  return [...new Set(all)].toSorted((a, b) => a - b);
}

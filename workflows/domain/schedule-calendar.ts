/**
 * Wall-clock times at which something starts: every combination of the fields' values, which are sorted and without
 * doubles. Days of the week count from Sunday = 0.
 */
export interface Calendar {
  readonly second: readonly number[];
  readonly minute: readonly number[];
  readonly hour: readonly number[];
  readonly dayOfMonth: readonly number[];
  readonly month: readonly number[];
  readonly dayOfWeek: readonly number[];
}

export type CalendarField = keyof Calendar;

/** Lowest and highest value of each field, in the order in which a calendar is written. */
export const calendarFields: readonly (readonly [CalendarField, number, number])[] = [
  ['second', 0, 59],
  ['minute', 0, 59],
  ['hour', 0, 23],
  ['dayOfMonth', 1, 31],
  ['month', 1, 12],
  ['dayOfWeek', 0, 6],
];

export interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

const daySeconds = 86_400;

export function integers(low: number, high: number, step = 1): number[] {
  return Array.from({ length: Math.max(0, Math.floor((high - low) / step) + 1) }, (_, i) => low + i * step);
}

/** The fewest ranges from left to right that hold exactly these values. */
export function toRanges(values: readonly number[]): Range[] {
  const ranges: Range[] = [];
  for (let i = 0; i < values.length;) {
    const start = values[i] as number;
    const step = (values[i + 1] ?? start + 1) - start;
    let last = i;
    while (values[last + 1] === (values[last] as number) + step) last += 1;
    // Two values with a gap between them are no progression.
    if (last === i + 1 && step > 1) last = i;
    ranges.push({ start, end: values[last] as number, step: last === i ? 1 : step });
    i = last + 1;
  }
  return ranges;
}

/** As cron writes it, with a field for the seconds in front: `32 7 1 * * 0`. Calendars that differ give texts that differ. */
export function calendarText(calendar: Calendar): string {
  return calendarFields.map(([field, low, high]) => fieldText(calendar[field], low, high)).join(' ');
}

function fieldText(values: readonly number[], low: number, high: number): string {
  if (values.length === high - low + 1) return '*';
  return toRanges(values)
    .map(({ start, end, step }) => (start === end ? `${start}` : `${start}-${end}${step === 1 ? '' : `/${step}`}`))
    .join(',');
}

/** Seconds of the day at which it starts, sorted. */
export function startsOfDay({ hour, minute, second }: Calendar): number[] {
  return hour.flatMap((h) => minute.flatMap((m) => second.map((s) => h * 3600 + m * 60 + s)));
}

/** The shortest time between two starts, if every day were one of its days. */
export function shortestGapSeconds(calendar: Calendar): number {
  const starts = startsOfDay(calendar);
  const gaps = starts.map((start, i) => (starts[i + 1] ?? (starts[0] as number) + daySeconds) - start);
  return Math.min(...gaps);
}

/** How much later it can start without any start falling on the next day, whose date no calendar could name. */
export function roomSeconds(calendar: Calendar): number {
  return daySeconds - 1 - (startsOfDay(calendar).at(-1) as number);
}

/**
 * The same starts, later by some seconds: one calendar for the minutes that stay in their hour and one for those that do
 * not. Given a calendar with one value of `second`.
 * @param seconds at most {@link roomSeconds}
 */
export function later(calendar: Calendar, seconds: number): Calendar[] {
  const second = (calendar.second[0] ?? 0) + (seconds % 60);
  const minutes = Math.floor(seconds / 60) + Math.floor(second / 60);
  const moved = calendar.minute.map((minute) => minute + minutes);
  const carries = [...new Set(moved.map((minute) => Math.floor(minute / 60)))];
  return carries.map((carry) => ({
    ...calendar,
    second: [second % 60],
    minute: moved.filter((minute) => Math.floor(minute / 60) === carry).map((minute) => minute % 60),
    hour: calendar.hour.map((hour) => hour + carry),
  }));
}

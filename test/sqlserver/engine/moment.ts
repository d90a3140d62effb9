import type { Clock, SqlMoment } from '../contracts.ts';

/** 100 ns ticks from 0001-01-01 to 1970-01-01. */
const UNIX_EPOCH_TICKS = 621_355_968_000_000_000n;
const TICKS_PER_SECOND = 10_000_000n;

export function localTicks(epochMs: number, offsetMinutes: number): bigint {
  const whole = Math.floor(epochMs);
  const fraction = Math.round((epochMs - whole) * 10_000);
  return UNIX_EPOCH_TICKS + (BigInt(whole) + BigInt(offsetMinutes) * 60_000n) * 10_000n + BigInt(fraction);
}

export function momentAt(clock: Clock, epochMs: number): SqlMoment {
  return { ticks: localTicks(epochMs, clock.offsetMinutes(epochMs)) };
}

export function momentNow(clock: Clock): SqlMoment {
  return momentAt(clock, clock.now());
}

/** Backup headers and msdb carry whole seconds. */
export function wholeSecond(moment: SqlMoment): SqlMoment {
  return { ticks: moment.ticks - (moment.ticks % TICKS_PER_SECOND) };
}

/** Rounds to datetime's 1/300 s: STOPAT takes a datetime (RESTORE Statements - Arguments), whatever a client typed. */
export function toDatetime(moment: SqlMoment): SqlMoment {
  const second = moment.ticks - (moment.ticks % TICKS_PER_SECOND);
  const units = ((moment.ticks % TICKS_PER_SECOND) * 300n * 2n + TICKS_PER_SECOND) / (TICKS_PER_SECOND * 2n);
  return { ticks: second + (units * TICKS_PER_SECOND) / 300n };
}

interface Parts {
  readonly year: string;
  readonly month: string;
  readonly day: string;
  readonly hour: string;
  readonly minute: string;
  readonly second: string;
  readonly hundredths: string;
}

function parts(moment: SqlMoment): Parts {
  const iso = new Date(Number((moment.ticks - UNIX_EPOCH_TICKS) / 10_000n)).toISOString();
  return {
    year: iso.slice(0, 4),
    month: iso.slice(5, 7),
    day: iso.slice(8, 10),
    hour: iso.slice(11, 13),
    minute: iso.slice(14, 16),
    second: iso.slice(17, 19),
    hundredths: iso.slice(20, 22),
  };
}

/** `2023/11/24(12:48:14)`, as the error log writes creation dates. */
export function errorLogDate(moment: SqlMoment): string {
  const p = parts(moment);
  return `${p.year}/${p.month}/${p.day}(${p.hour}:${p.minute}:${p.second})`;
}

/** `2023-11-24 12:48:14.63`, the first column of the error log. */
export function errorLogStamp(moment: SqlMoment): string {
  const p = parts(moment);
  return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}:${p.second}.${p.hundredths}`;
}

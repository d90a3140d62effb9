import { z } from 'zod';
import { parseCron } from '../workflows/domain/schedule-cron.ts';
import { shortestGapSeconds } from '../workflows/domain/schedule-calendar.ts';
import { parseDuration } from '../workflows/domain/schedule-duration.ts';
import { leastCatchUpMs, leastEveryMs } from '../workflows/domain/schedule-policy.ts';
import { overlaps, scheduleKinds, type ScheduleDeclaration } from '../workflows/domain/schedule.ts';
import { flag, must, section, text } from './config-parts.ts';

const duration = (what: string, leastMs = 0) =>
  z
    .string(must(what))
    .refine((value) => (parseDuration(value) ?? -1) >= leastMs, must(what))
    .transform((value) => parseDuration(value) ?? 0);

const zone = 'the name of a time zone such as Europe/Berlin or UTC';

/** Without the shorthands, which {@link spelledOut} undoes. */
const declaration = z
  .strictObject(
    {
      cron: text('cron with five fields such as "0 1 * * 0"').optional(),
      every: duration('a time of 10s or longer, such as 10s, 15m or 1h', leastEveryMs).optional(),
      offset: duration('a time such as 5s or 2m').optional(),
      timeZone: z.string(must(zone)).refine(isTimeZone, must(zone)).optional(),
      spread: duration('a time such as 0s or 15m').optional(),
      jitter: duration('a time such as 0s or 5s').optional(),
      overlap: z.enum(overlaps, must(overlaps.join(' or '))).optional(),
      catchUp: duration('a time of 10s or longer, such as 10s or 6h', leastCatchUpMs).optional(),
      off: flag().optional(),
    },
    section('must be cron between quotes such as "0 1 * * 0", every 15m, off, or a section with cron or every'),
  )
  .superRefine((found, context) => {
    const { cron, every, offset, timeZone, jitter, off } = found;
    const complain = (key: keyof typeof found, message: string): void => {
      context.addIssue({ code: 'custom', path: [key], message });
    };
    if ([cron, every, off || undefined].filter((each) => each !== undefined).length !== 1) {
      context.addIssue({ code: 'custom', message: 'must have one of cron, every and off: true' });
      return;
    }
    if (timeZone !== undefined && cron === undefined) complain('timeZone', 'goes with cron: an interval has no hours');
    if (offset !== undefined && offset >= (every ?? 0))
      complain('offset', 'must be shorter than every, and goes with it');
    const calendar = cron === undefined ? null : parseCron(cron);
    if (calendar !== null && 'problem' in calendar) return complain('cron', calendar.problem);
    const gapMs = every ?? (calendar === null ? Infinity : shortestGapSeconds(calendar) * 1000);
    if (jitter !== undefined && jitter >= gapMs) complain('jitter', 'must be shorter than the time between two starts');
  });

/** What is to be done by the clock. */
export const schedules = z.strictObject(
  Object.fromEntries(scheduleKinds.map((kind) => [kind, z.preprocess(spelledOut, declaration).optional()])) as Record<
    (typeof scheduleKinds)[number],
    z.ZodOptional<z.ZodPipe<z.ZodTransform, typeof declaration>>
  >,
  section(`must be a section with ${scheduleKinds.join(', ')} or some of them`),
);

export type RawSchedules = z.output<typeof schedules>;
type RawDeclaration = z.output<typeof declaration>;

/** `"0 1 * * 0"`, `every 15m`, `off` */
function spelledOut(raw: unknown): unknown {
  if (raw === 'off' || raw === false) return { off: true };
  if (typeof raw !== 'string') return raw;
  const [, every] = /^every\s+(\S+)$/.exec(raw) ?? [];
  return every === undefined ? { cron: raw } : { every };
}

/** Null for one that is off. */
export function toDeclaration(raw: RawDeclaration): ScheduleDeclaration | null {
  if (raw.off) return null;
  const { timeZone, spread, jitter, overlap, catchUp } = raw;
  return {
    when: raw.cron === undefined ? { everyMs: raw.every ?? 0, offsetMs: raw.offset ?? 0 } : { cron: raw.cron },
    ...(timeZone !== undefined && { timeZone }),
    ...(spread !== undefined && { spreadMs: spread }),
    ...(jitter !== undefined && { jitterMs: jitter }),
    ...(overlap !== undefined && { overlap }),
    ...(catchUp !== undefined && { catchUpMs: catchUp }),
  };
}

function isTimeZone(name: string): boolean {
  try {
    // An offset such as +01:00 is taken by Intl and refused by Temporal.
    return /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }) !== null;
  } catch {
    return false;
  }
}

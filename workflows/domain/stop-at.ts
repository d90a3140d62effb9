const minuteMs = 60_000;

/**
 * STOPAT for a moment, in the local time of the source: RESTORE Statements - Arguments (Transact-SQL) takes a datetime
 * without an offset and compares it with the local times in the log.
 *
 * datetime (Transact-SQL): values are rounded to .000, .003 or .007 seconds. The moment is therefore cut to the last of those at or
 * before it, so that the server cannot round it up past a commit that must stay out.
 *
 * The offset is the one at which the log's records were written. In the hour that a clock runs through twice, local time
 * alone is ambiguous; the planner never lets a restore stop inside a log during which the offset changed.
 */
export function stopAtLiteral(targetMs: number, utcOffsetMinutes: number): string {
  const local = targetMs + utcOffsetMinutes * minuteMs;
  const digit = local % 10;
  const tick = digit >= 7 ? 7 : digit >= 3 ? 3 : 0;
  return new Date(local - digit + tick).toISOString().replace('Z', '');
}

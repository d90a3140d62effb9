import type { Overlap, ScheduleKind } from './schedule.ts';

interface Policy {
  readonly overlap: Overlap;
  /** A start is never made up for later than this. */
  readonly catchUpAtMostMs: number;
  readonly spreadAtMostMs: number;
}

const minute = 60_000;
const hour = 60 * minute;

/** The least that Temporal takes. */
export const leastCatchUpMs = 10_000;

export const leastEveryMs = 10_000;

/**
 * What is right for each kind unless temporal.yaml says otherwise.
 *
 * - log: the next log backup holds what a missed one would have held, so one that waits is enough, and it goes at once when
 *   the run before ends: exposure grows by that run and not by an interval more. After an outage one start makes up for all.
 * - full, differential: one that would start while the one before still runs would read the same pages again for nothing.
 *   A missed one is still wanted hours later, but not in the next working day.
 * - retention, verify: nothing is lost by the next time.
 */
export const policies: Readonly<Record<ScheduleKind, Policy>> = {
  full: { overlap: 'skip', catchUpAtMostMs: 6 * hour, spreadAtMostMs: 30 * minute },
  differential: { overlap: 'skip', catchUpAtMostMs: 3 * hour, spreadAtMostMs: 30 * minute },
  log: { overlap: 'buffer-one', catchUpAtMostMs: hour, spreadAtMostMs: 5 * minute },
  retention: { overlap: 'skip', catchUpAtMostMs: hour, spreadAtMostMs: 30 * minute },
  verify: { overlap: 'skip', catchUpAtMostMs: hour, spreadAtMostMs: 30 * minute },
};

/**
 * How late a start may be. Never longer than the time to the next one: of the starts that an outage swallowed, only the last
 * is then made up for.
 */
export function catchUpMs(kind: ScheduleKind, gapMs: number): number {
  return Math.max(leastCatchUpMs, Math.min(gapMs, policies[kind].catchUpAtMostMs));
}

/** Less than a tenth of the gap: what is meant to come every 10 s does. */
export function jitterMs(gapMs: number): number {
  return Math.min(30_000, Math.floor(gapMs / 10 / 1000) * 1000);
}

/** Over the whole gap where that is short. */
export function spreadMs(kind: ScheduleKind, gapMs: number): number {
  return Math.min(gapMs, policies[kind].spreadAtMostMs);
}

import type { Calendar } from './schedule-calendar.ts';

/** What is done by the clock, and at most once at a time per instance. */
export const scheduleKinds = ['full', 'differential', 'log', 'retention', 'verify'] as const;
export type ScheduleKind = (typeof scheduleKinds)[number];

/**
 * What happens to a start that comes while the run before still goes on: it is left out, or one waits and starts when that
 * run ends. Temporal knows more ways; each of them either piles runs up or stops one in the middle.
 */
export const overlaps = ['skip', 'buffer-one'] as const;
export type Overlap = (typeof overlaps)[number];

/** As temporal.yaml declares it for one instance and kind; what is absent is decided by {@link file://./schedule-policy.ts}. */
export interface ScheduleDeclaration {
  readonly when: { readonly cron: string } | { readonly everyMs: number; readonly offsetMs: number };
  /** IANA name; of the cron's hours. */
  readonly timeZone?: string;
  /** Instances start at moments of their own within this time. */
  readonly spreadMs?: number;
  /** Each start is later by a time of its own, up to this. */
  readonly jitterMs?: number;
  readonly overlap?: Overlap;
  /** A start that is late by more than this (Temporal was away) is left out. */
  readonly catchUpMs?: number;
}

/** By instance. */
export type DeclaredSchedules = Readonly<Record<string, Readonly<Partial<Record<ScheduleKind, ScheduleDeclaration>>>>>;

/** A Temporal Schedule as far as it is ours to say what it is: a person's pause and note are not. */
export interface ScheduleShape {
  readonly calendars: readonly Calendar[];
  readonly intervals: readonly { readonly everyMs: number; readonly offsetMs: number }[];
  /** IANA name. */
  readonly timeZone: string;
  readonly jitterMs: number;
  /** One of {@link overlaps}; another word for a policy that somebody set by hand. */
  readonly overlap: string;
  readonly catchUpMs: number;
  readonly workflowType: string;
  /** Temporal appends the time of the start. */
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly input: unknown;
  readonly summary: string;
  /** By name. */
  readonly searchAttributes: Readonly<Record<string, string>>;
  /** What we never set and a person can: skipped days, an end, time limits. Empty when there is nothing of that. */
  readonly additions: string;
}

export interface DesiredSchedule extends ScheduleShape {
  readonly id: string;
  readonly instance: string;
  readonly kind: ScheduleKind;
  /** Of the shape. */
  readonly digest: string;
}

/** One that Temporal has. */
export interface FoundSchedule extends ScheduleShape {
  readonly id: string;
  /** The task queue of the fleet whose `apply` made it; null when nobody's did. */
  readonly owner: string | null;
  /** Of the shape that the last `apply` gave it; null when somebody took that away. */
  readonly digest: string | null;
  readonly paused: boolean;
  readonly note: string;
}

export function scheduleId(instance: string, kind: ScheduleKind): string {
  return `mssql-pitr/${instance}/${kind}`;
}

/** The name by which a schedule of ours is known, taken apart; null for any other. */
export function parseScheduleId(id: string): { readonly instance: string; readonly kind: ScheduleKind } | null {
  const [, instance, kind] = /^mssql-pitr\/([^/]+)\/([a-z]+)$/.exec(id) ?? [];
  const known = scheduleKinds.find((each) => each === kind);
  return instance === undefined || known === undefined ? null : { instance, kind: known };
}

import type { Screen } from './screen.ts';
import { table } from './table.ts';
import { duration, moment } from './text.ts';

export interface ScheduleLine {
  readonly id: string;
  readonly when: string;
  readonly paused: boolean;
  readonly note: string;
  /** ISO 8601; null while paused. */
  readonly next: string | null;
  readonly last: LastRun | null;
  readonly runs: number;
  /** Starts left out because Temporal was away for longer than the catch-up window. */
  readonly missed: number;
  /** Starts left out because the run before still went on. */
  readonly overlapped: number;
}

export interface LastRun {
  readonly workflowId: string;
  readonly state: string;
  readonly startedAt: string;
  readonly closedAt: string | null;
}

export function showSchedules(screen: Screen, lines: readonly ScheduleLine[], now = Date.now()): void {
  const rows = lines.map((line) => [
    line.id.replace(/^mssql-pitr\//, ''),
    line.when,
    nextText(line, now),
    lastText(line.last, now),
    String(line.runs),
    String(line.overlapped),
    String(line.missed),
  ]);
  screen.print(table(['schedule', 'when', 'next', 'last run', 'runs', 'left out', 'missed'], rows, screen.width));
}

function nextText({ paused, note, next }: ScheduleLine, now: number): string {
  if (paused) return `paused${note ? `: ${note}` : ''}`;
  return next === null ? 'never' : near(next, now);
}

function lastText(last: LastRun | null, now: number): string {
  if (last === null) return 'none yet';
  const { state, startedAt, closedAt } = last;
  const took = closedAt === null ? '' : ` in ${duration(Date.parse(closedAt) - Date.parse(startedAt))}`;
  return `${state.toLowerCase().replaceAll('_', ' ')}${took}, ${near(startedAt, now)}`;
}

/** What is near is told by how near it is, what is far by its date. */
function near(iso: string, now: number): string {
  const seconds = Math.round((Date.parse(iso) - now) / 1000);
  if (Math.abs(seconds) >= 3600) return moment(`${iso.slice(0, 19)}Z`);
  const text = Math.abs(seconds) < 60 ? `${Math.abs(seconds)} s` : duration(Math.abs(seconds) * 1000);
  return seconds < 0 ? `${text} ago` : `in ${text}`;
}

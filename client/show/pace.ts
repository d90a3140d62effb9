import { megabytes } from '../../workflows/domain/words.ts';
import type { RunSnapshot } from '../run.ts';
import { duration } from './text.ts';

interface Mark {
  readonly atMs: number;
  readonly done: number;
}

/** Older looks say little of how fast it goes now. */
const windowMs = 20_000;
/** Below this, a rate is mostly the chance of when heartbeats came. */
const leastMs = 2_000;

/** How fast the bytes of a run's activities go, from one look at it to the next. */
export interface Pace {
  /** A bar with size, throughput and time left, by activity; only of those that count bytes. */
  look(run: RunSnapshot, atMs: number): ReadonlyMap<string, string>;
}

export function openPace(): Pace {
  const marks = new Map<string, Mark[]>();
  return {
    look(run, atMs) {
      const lines = new Map<string, string>();
      for (const { name, heartbeat } of run.activities) {
        const bytes = bytesOf(heartbeat);
        if (bytes === null) continue;
        const before = (marks.get(name) ?? []).filter(
          (mark) => mark.done <= bytes.done && atMs - mark.atMs <= windowMs,
        );
        marks.set(name, [...before, { atMs, done: bytes.done }]);
        lines.set(name, barText(bytes, rateOf(before[0], { atMs, done: bytes.done })));
      }
      return lines;
    },
  };
}

/** Bytes a second; null when too little is known. */
function rateOf(first: Mark | undefined, last: Mark): number | null {
  if (first === undefined || last.atMs - first.atMs < leastMs || last.done <= first.done) return null;
  return ((last.done - first.done) / (last.atMs - first.atMs)) * 1000;
}

function barText({ done, total }: Bytes, rate: number | null): string {
  const parts = [`${bar(done, total)} ${percent(done, total)}`, `${megabytes(done)} of ${megabytes(total)}`];
  if (rate !== null) parts.push(`${megabytes(rate)}/s`, `${duration(((total - done) / rate) * 1000)} left`);
  return parts.join(', ');
}

interface Bytes {
  readonly done: number;
  readonly total: number;
}

/** What a task of the executor tells of itself; see TaskProgress there. */
function bytesOf(heartbeat: unknown): Bytes | null {
  if (typeof heartbeat !== 'object' || heartbeat === null) return null;
  const { doneBytes: done, totalBytes: total } = heartbeat as Record<string, unknown>;
  if (typeof done !== 'number' || typeof total !== 'number' || !(total > 0)) return null;
  return { done: Math.min(done, total), total };
}

export function bar(done: number, of: number): string {
  const width = 16;
  const full = of === 0 ? 0 : Math.round((done / of) * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}

/** Not 100 % before it is done. */
function percent(done: number, of: number): string {
  return `${Math.floor((done / of) * 100)} %`;
}

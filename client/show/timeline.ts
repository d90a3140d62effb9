import type { TimeSpan } from '../../workflows/contracts.ts';
import { clip, plain } from './text.ts';

interface TimelineRow {
  readonly name: string;
  readonly intervals: readonly TimeSpan[];
}

export interface TimelineRange {
  readonly fromMs: number;
  readonly toMs: number;
}

const widestName = 24;
const narrowestBar = 16;

/** From the first moment of all that can be restored to, to now; null when there is none. */
export function rangeOf(
  rows: readonly { readonly intervals: readonly TimeSpan[] }[],
  asOf: string,
): TimelineRange | null {
  const starts = rows.flatMap(({ intervals }) => intervals.slice(0, 1).map(({ from }) => Date.parse(from)));
  if (starts.length === 0) return null;
  const fromMs = starts.reduce((first, ms) => Math.min(first, ms), Infinity);
  return { fromMs, toMs: Math.max(Date.parse(asOf), fromMs + 1000) };
}

/**
 * One line a database: █ where every moment can be restored to, ▒ where some can, · where none can. Under them a line with the times at
 * both ends.
 */
export function timelineLines(rows: readonly TimelineRow[], range: TimelineRange, width: number): string[] {
  const names = rows.map(({ name }) => clip(plain(name), widestName));
  const name = Math.max(...names.map((each) => each.length), 0);
  const bar = Math.max(narrowestBar, width - name - 2);
  const lines = rows.map(({ intervals }, i) => `${(names[i] ?? '').padEnd(name)}  ${barOf(intervals, range, bar)}`);
  return [...lines, `${' '.repeat(name)}  ${axis(range, bar)}`];
}

function barOf(intervals: readonly TimeSpan[], { fromMs, toMs }: TimelineRange, width: number): string {
  const cell = (toMs - fromMs) / width;
  const spans = intervals.map(({ from, to }) => ({ from: Date.parse(from), to: Date.parse(to) }));
  return Array.from({ length: width }, (_, i) => {
    const start = fromMs + i * cell;
    const covered = spans.reduce(
      (sum, { from, to }) => sum + Math.max(0, Math.min(to, start + cell) - Math.max(from, start)),
      0,
    );
    // Ends are given to the millisecond, and both belong to the interval: two that meet leave one uncovered.
    if (covered >= cell - 2) return '█';
    return covered > 0 || spans.some(({ from, to }) => from === to && start <= from && from < start + cell) ? '▒' : '·';
  }).join('');
}

function axis({ fromMs, toMs }: TimelineRange, width: number): string {
  const digits = toMs - fromMs < 3_600_000 ? 19 : 16;
  const text = (ms: number): string => new Date(ms).toISOString().slice(0, digits).replace('T', ' ');
  const [left, right] = [text(fromMs), `${text(toMs)} UTC`];
  const room = width - left.length - right.length;
  return room < 1 ? clip(`${left} – ${right}`, width) : `${left}${' '.repeat(room)}${right}`;
}

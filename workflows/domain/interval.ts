import type { Interval } from './plan-types.ts';

/** Sorted, without overlaps, and with neighbours joined: times are whole milliseconds. */
export function union(intervals: readonly Interval[]): Interval[] {
  const sorted = intervals.toSorted((a, b) => a.fromMs - b.fromMs);
  const joined: { fromMs: number; toMs: number }[] = [];
  for (const { fromMs, toMs } of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && fromMs <= last.toMs + 1) last.toMs = Math.max(last.toMs, toMs);
    else joined.push({ fromMs, toMs });
  }
  return joined;
}

/** What lies in both; each given as {@link union} gives it. */
export function intersection(a: readonly Interval[], b: readonly Interval[]): Interval[] {
  const common: Interval[] = [];
  for (let i = 0, j = 0; ;) {
    const [left, right] = [a[i], b[j]];
    if (left === undefined || right === undefined) return common;
    const fromMs = Math.max(left.fromMs, right.fromMs);
    const toMs = Math.min(left.toMs, right.toMs);
    if (fromMs <= toMs) common.push({ fromMs, toMs });
    if (left.toMs < right.toMs) i += 1;
    else j += 1;
  }
}

export function covers(intervals: readonly Interval[], ms: number): boolean {
  return intervals.some(({ fromMs, toMs }) => fromMs <= ms && ms <= toMs);
}

/** Nearest moments inside on both sides of one that is outside. */
export function nearest(
  intervals: readonly Interval[],
  ms: number,
): { readonly beforeMs: number | null; readonly afterMs: number | null } {
  return {
    beforeMs: intervals.findLast(({ toMs }) => toMs < ms)?.toMs ?? null,
    afterMs: intervals.find(({ fromMs }) => fromMs > ms)?.fromMs ?? null,
  };
}

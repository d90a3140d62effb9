/** A stretch of time, as epoch milliseconds, in which something of a category went on. */
export interface Span<C extends string> {
  readonly category: C;
  readonly from: number;
  readonly to: number;
}

/**
 * Shares a stretch of time out among categories. Where several go on at the same time, the first in `order` has it; what
 * nothing accounts for is the rest.
 */
export function shareOut<C extends string>(
  spans: readonly Span<C>[],
  order: readonly C[],
  [from, to]: readonly [number, number],
): { readonly of: Readonly<Record<C, number>>; readonly rest: number } {
  const clipped = spans
    .map((span) => ({ ...span, from: Math.max(span.from, from), to: Math.min(span.to, to) }))
    .filter((span) => span.from < span.to);
  const edges = [...new Set([from, to, ...clipped.flatMap((span) => [span.from, span.to])])].sort((a, b) => a - b);
  const of = Object.fromEntries(order.map((category) => [category, 0])) as Record<C, number>;
  let rest = 0;
  for (const [i, edge] of edges.slice(0, -1).entries()) {
    const next = edges[i + 1] ?? edge;
    const there = clipped.filter((span) => span.from <= edge && span.to >= next);
    const first = order.find((category) => there.some((span) => span.category === category));
    if (first === undefined) rest += next - edge;
    else of[first] += next - edge;
  }
  return { of, rest };
}

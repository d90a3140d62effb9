/** Units of 1 MB, `[first, count]`. */
export type Run = readonly [first: number, count: number];

/** Appends a unit, joining it to the last run when it follows. */
export function withUnit(runs: readonly Run[], unit: number): readonly Run[] {
  const last = runs.at(-1);
  if (last !== undefined && last[0] + last[1] === unit) return [...runs.slice(0, -1), [last[0], last[1] + 1]];
  return [...runs, [unit, 1]];
}

/** The n-th unit of a list of runs. */
export function unitAt(runs: readonly Run[], n: number): number {
  let left = n;
  for (const [first, count] of runs) {
    if (left < count) return first + left;
    left -= count;
  }
  throw new Error(`no unit ${n}`);
}

export function unitCount(runs: readonly Run[]): number {
  return runs.reduce((sum, [, count]) => sum + count, 0);
}

/** Hands out units that none of the given lists uses, the lowest first. */
export function* freeUnits(used: readonly (readonly Run[])[]): Generator<number, never, undefined> {
  const taken = used.flat().toSorted((a, b) => a[0] - b[0]);
  let next = 0;
  for (const [first, count] of taken) {
    while (next < first) yield next++;
    next = Math.max(next, first + count);
  }
  for (;;) yield next++;
}

export function endOf(used: readonly (readonly Run[])[]): number {
  return used.flat().reduce((end, [first, count]) => Math.max(end, first + count), 0);
}

/** A restore of so few backups is one activity. */
const fewSteps = 25;

export interface SliceOptions {
  /** Base, differential and logs. */
  readonly stepCount: number;
  /** Base, and differential when there is one. */
  readonly dataSteps: number;
  readonly logsPerSlice: number;
}

/**
 * Cuts the steps of one database into half-open ranges, one activity each: the data backups first, then the logs, so that
 * history grows with the number of slices and not with the number of logs.
 */
export function slices({ stepCount, dataSteps, logsPerSlice }: SliceOptions): (readonly [number, number])[] {
  if (stepCount < 1 || dataSteps < 1 || dataSteps > stepCount || logsPerSlice < 1) {
    throw new RangeError(`cannot slice ${stepCount} steps with ${dataSteps} of data by ${logsPerSlice}`);
  }
  if (stepCount <= fewSteps) return [[0, stepCount]];
  const ranges: (readonly [number, number])[] = [[0, dataSteps]];
  for (let from = dataSteps; from < stepCount; from += logsPerSlice) {
    ranges.push([from, Math.min(from + logsPerSlice, stepCount)]);
  }
  return ranges;
}

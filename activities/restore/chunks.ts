import { storedBytes } from '../../workflows/domain/backup-set.ts';
import type { RestoreStep } from '../../workflows/domain/plan-types.ts';

const chunkBytes = 256e6;
const chunkSteps = 50;

/**
 * Cuts steps into half-open ranges that are staged together: small logs by the dozen, so that an executor is not started for
 * every one, and large files alone, so that little lies staged while the one before it is restored.
 * @param first index of the first step within the plan
 */
export function chunksOf(steps: readonly RestoreStep[], first: number): (readonly [number, number])[] {
  const chunks: (readonly [number, number])[] = [];
  let from = 0;
  let bytes = 0;
  for (const [index, { set }] of steps.entries()) {
    const more = storedBytes(set);
    if (index > from && (bytes + more > chunkBytes || index - from >= chunkSteps)) {
      chunks.push([first + from, first + index]);
      from = index;
      bytes = 0;
    }
    bytes += more;
  }
  if (steps.length > from) chunks.push([first + from, first + steps.length]);
  return chunks;
}

import type { SetLineage } from './lineage.ts';
import { headerSecondMs } from './log-link.ts';

/** A backup shows where the database was: at `fromMs` and until the next witness, the database was on one of `keys`. */
export interface Witness {
  readonly fromMs: number;
  readonly keys: readonly string[];
}

/** One for every change, in the order of time. */
export function witnesses(entries: readonly SetLineage[]): Witness[] {
  const found: { fromMs: number; keys: string[] }[] = [];
  for (const { startMs, to } of entries) {
    const fromMs = startMs + headerSecondMs;
    const last = found.at(-1);
    if (last?.fromMs === fromMs) {
      if (!last.keys.includes(to)) last.keys.push(to);
    } else if (last?.keys.length !== 1 || last.keys[0] !== to) {
      found.push({ fromMs, keys: [to] });
    }
  }
  return found;
}

import type { Fault } from './life.ts';

const numbers = [
  'instances',
  'databases',
  'sets',
  'decisions',
  'removed',
  'holds',
  'oracle',
  'restored',
  'storeRuns',
  'files',
] as const;
type Numbers = (typeof numbers)[number];

/** What a simulation did, so that nobody takes one that did nothing for a proof. */
export class Figures {
  instances = 0;
  databases = 0;
  sets = 0;
  decisions = 0;
  removed = 0;
  holds = 0;
  /** Moments at which the window was compared with the oracle. */
  oracle = 0;
  /** Restores whose content was compared with the truth. */
  restored = 0;
  /** Runs of the real retention task, and files found on disk after them. */
  storeRuns = 0;
  files = 0;
  readonly faults: Partial<Record<Fault, number>> = {};

  add(other: Pick<Figures, Numbers | 'faults'>): void {
    for (const name of numbers) this[name] += other[name];
    for (const [fault, count] of Object.entries(other.faults) as [Fault, number][]) {
      this.faults[fault] = (this.faults[fault] ?? 0) + count;
    }
  }

  fault(fault: Fault): void {
    this.faults[fault] = (this.faults[fault] ?? 0) + 1;
  }
}

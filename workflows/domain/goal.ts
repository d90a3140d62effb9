import type { LogLink } from './log-link.ts';
import type { Lsn } from './lsn.ts';

/** Where a route leads. */
export interface Goal {
  /** All that is used lies before this moment, or can be stopped at it. */
  readonly targetMs: number;
  /** Nothing may lead past this point. */
  readonly limit?: Lsn;
  /** A database at this point is there. */
  arrived(lsn: Lsn): boolean;
  /** A database that takes this log, when it fits, is there. */
  arrivesWith(log: LogLink): boolean;
}

/** The state at a moment: a log has to prove it. */
export function momentGoal(targetMs: number): Goal {
  return {
    targetMs,
    arrived: () => false,
    arrivesWith: (log) => log.usableFromMs <= targetMs && targetMs <= log.reachMs,
  };
}

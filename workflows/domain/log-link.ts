import type { BackupSet } from './backup-set.ts';
import type { SetLineage } from './lineage.ts';

/** Header times are whole seconds, cut off: what is written as 10:00:05 happened before 10:00:06. */
export const headerSecondMs = 1000;

/** A log backup as a link of a chain. */
export interface LogLink {
  readonly set: BackupSet;
  readonly from: string;
  readonly to: string;
  readonly startMs: number;
  /**
   * Latest moment up to which every commit is inside: the backup had not begun before it, or a log record inside
   * is not older.
   */
  readonly reachMs: number;
  /** last_valid_restore_time where the header has one. */
  readonly lastRecordMs: number | null;
  /** No record inside is from this moment or later. */
  readonly contentEndMs: number;
  /** STOPAT can stop inside. */
  readonly stoppable: boolean;
}

export function linkOf({ set, from, to, startMs, finishMs }: SetLineage, stoppable: boolean): LogLink {
  const lastRecordMs = set.lastValidRestoreTime === null ? null : Date.parse(set.lastValidRestoreTime);
  return {
    set,
    from,
    to,
    startMs,
    reachMs: Math.max(startMs, lastRecordMs ?? startMs),
    lastRecordMs,
    contentEndMs: (lastRecordMs ?? finishMs) + headerSecondMs,
    stoppable,
  };
}

/**
 * When a log crosses a fork, its header does not tell when the new fork began: only that it had when the backup did. Before
 * that the database may have been on the other branch still, which the log knows nothing of.
 */
export function crossingUsableFromMs(log: LogLink): number {
  return Math.max(log.startMs + headerSecondMs, log.stoppable ? 0 : log.contentEndMs);
}

/** The moments for which a log can be the last one that is restored; null when there are none. */
export function lastFor(log: LogLink): { readonly fromMs: number; readonly toMs: number } | null {
  const crosses = log.from !== log.to;
  const fromMs = crosses ? crossingUsableFromMs(log) : log.stoppable ? 0 : log.contentEndMs;
  const toMs = crosses ? (log.lastRecordMs ?? 0) : log.reachMs;
  return fromMs <= toMs ? { fromMs, toMs } : null;
}

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
  /**
   * It may be used for targets from this moment on. A log that cannot be stopped inside has to lie wholly before the target. The
   * header of one that crosses a fork does not tell when the new fork began, only that it had when the backup did: before that
   * the database may have been on the other branch still, which the log knows nothing of.
   */
  readonly usableFromMs: number;
}

export function linkOf({ set, from, to, startMs, finishMs }: SetLineage, stoppable: boolean): LogLink {
  const lastRecordMs = set.lastValidRestoreTime === null ? null : Date.parse(set.lastValidRestoreTime);
  const contentEndMs = (lastRecordMs ?? finishMs) + headerSecondMs;
  const onForkMs = from === to ? 0 : startMs + headerSecondMs;
  return {
    set,
    from,
    to,
    startMs,
    reachMs: Math.max(startMs, lastRecordMs ?? startMs),
    lastRecordMs,
    contentEndMs,
    stoppable,
    usableFromMs: Math.max(onForkMs, stoppable ? 0 : contentEndMs),
  };
}

import type { BackupSet } from './backup-set.ts';

/**
 * How long the target moment stayed unprotected: until the backup that covers it was finished. Had the server been lost before,
 * the moment would have been lost with it. Zero when the backup's header says that it was finished within the same second.
 * @param covering the last backup that the restore applies
 */
export function rpoSeconds(targetMs: number, covering: BackupSet): number {
  return Math.max(0, Date.parse(covering.finishedAt) - targetMs) / 1000;
}

export interface RestoreTimes {
  /** ISO 8601. */
  readonly requestedAt: string;
  readonly startedAt: string;
  readonly completedAt: string;
}

/** RTO of the work itself, and as the person who asked for the restore saw it. */
export function rto(times: RestoreTimes): { readonly rtoJobSeconds: number; readonly rtoEndToEndSeconds: number } {
  const completedMs = Date.parse(times.completedAt);
  return {
    rtoJobSeconds: (completedMs - Date.parse(times.startedAt)) / 1000,
    rtoEndToEndSeconds: (completedMs - Date.parse(times.requestedAt)) / 1000,
  };
}

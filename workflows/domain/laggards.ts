import type { StoredDatabase } from './common-moment.ts';
import { restorableIntervals } from './coverage.ts';
import { readHistory } from './history.ts';

export interface Laggard {
  readonly database: string;
  /** Latest moment that its backups reach, epoch milliseconds. */
  readonly latestMs: number;
}

/** Backups of live databases end within minutes of each other; an hour behind, somebody has to say what is meant. */
const toleratedMs = 3_600_000;

/**
 * Databases whose backups end long before those of the others: dropped ones, or ones whose backups fail. `latest` for all
 * databases would quietly go back to their last moment.
 * @returns the laggards, and the moment that the others reach; empty when all are close together
 */
export function laggards(databases: readonly StoredDatabase[]): {
  readonly behind: readonly Laggard[];
  readonly othersMs: number;
} {
  const ends = databases.flatMap(({ database, sets }) => {
    const latestMs = restorableIntervals(readHistory(sets)).at(-1)?.toMs;
    return latestMs === undefined ? [] : [{ database, latestMs }];
  });
  const othersMs = Math.max(...ends.map((end) => end.latestMs));
  return { behind: ends.filter((end) => end.latestMs < othersMs - toleratedMs), othersMs };
}

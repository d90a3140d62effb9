import type { BackupKind } from '../domain/backup-set.ts';
import type { BackupsRequest, WindowRequest } from '../domain/catalogue-request.ts';

/** Both ends can be restored to; UTC. */
export interface TimeSpan {
  readonly from: string;
  readonly to: string;
}

/** What can be restored of one database. Of very many intervals and holes only the newest are here. */
export interface DatabaseWindow {
  readonly database: string;
  readonly intervals: readonly TimeSpan[];
  /** Between the intervals; each with a sentence that says why. */
  readonly holes: readonly (TimeSpan & { readonly reason: string })[];
  /** Intervals that are left out because they are too many. */
  readonly olderIntervals: number;
  readonly latestRestorable: string | null;
  /** Now minus latest restorable time; null when there is none. */
  readonly exposureSeconds: number | null;
  readonly newestBackup: { readonly kind: BackupKind; readonly finishedAt: string } | null;
  /** Usable sets, and their bytes in the store. */
  readonly sets: number;
  readonly sizeBytes: number;
  /** Why no moment at all can be restored to, or what of its backups cannot be used; the first few, in sentences. */
  readonly notes: readonly string[];
}

/** Databases in the order of their names. */
export interface WindowPage {
  readonly instance: string;
  /** When it was computed. */
  readonly asOf: string;
  readonly databases: readonly DatabaseWindow[];
  /** Ask again with `after`; null at the end. */
  readonly next: string | null;
  /** Databases of the server that the store holds nothing of; on the first page only, at most 200. */
  readonly unprotected: readonly string[];
  readonly unprotectedCount: number;
  /** Why the server was not asked for its databases; null when it was, or needed not be. */
  readonly serverProblem: string | null;
  /** What else in the store cannot be used, at most 50. */
  readonly problems: readonly string[];
}

/** One backup set in the store. */
export interface ListedBackup {
  readonly database: string;
  readonly id: string;
  readonly kind: BackupKind;
  readonly copyOnly: boolean;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly sizeBytes: number;
  readonly files: number;
  readonly firstLsn: string;
  readonly lastLsn: string;
  readonly recoveryForkId: string;
  /** Path below the store. */
  readonly manifest: string;
  /** Why it cannot be used; null when it can. */
  readonly unusable: string | null;
  /** Kept by hand: retention leaves it alone. */
  readonly held: boolean;
}

/** The newest first. */
export interface BackupsPage {
  readonly instance: string;
  readonly backups: readonly ListedBackup[];
  /** How many there are in all. */
  readonly count: number;
  readonly sizeBytes: number;
  readonly next: BackupsCursor | null;
  readonly problems: readonly string[];
}

export interface BackupsCursor {
  readonly startedAt: string;
  readonly manifest: string;
}

export interface CatalogueActivities {
  readWindow(input: WindowRequest): Promise<WindowPage>;
  readBackups(input: BackupsRequest): Promise<BackupsPage>;
}

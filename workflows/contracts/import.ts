import type { BackupKind } from '../domain/backup-set.ts';
import type { ImportRequest, SkipReason } from '../domain/import-request.ts';

export type { SkipReason } from '../domain/import-request.ts';

export interface SkippedBackup {
  /** Below /var/opt/mssql. */
  readonly file: string;
  /** FILE = n; null for the whole file. */
  readonly position: number | null;
  readonly database: string | null;
  readonly reason: SkipReason;
  /** In words. */
  readonly why: string;
}

export interface ImportRef {
  readonly instance: string;
  readonly importId: string;
}

export interface FoundBackup {
  readonly database: string;
  readonly kind: BackupKind;
  readonly copyOnly: boolean;
  readonly finishedAt: string;
  readonly file: string;
  readonly position: number;
  readonly stripes: number;
}

export interface ImportPlan {
  /** What is to be taken in, below the store. */
  readonly path: string;
  readonly digest: string;
  readonly count: number;
  readonly sizeBytes: number;
  /** Half-open ranges of sets: one activity each. */
  readonly slices: readonly (readonly [number, number])[];
  /** The first hundred. */
  readonly found: readonly FoundBackup[];
  /** At most a hundred of them, those that are to be looked at first. */
  readonly skipped: readonly SkippedBackup[];
  readonly skippedCounts: Readonly<Partial<Record<SkipReason, number>>>;
}

export interface ImportOutcome {
  readonly imported: number;
  readonly sizeBytes: number;
  readonly failed: readonly SkippedBackup[];
}

export interface ImportActivities {
  /** Reads the headers of all files of the folder, and writes down what is to be taken in. */
  planImport(input: ImportRef & { readonly request: ImportRequest }): Promise<ImportPlan>;
  /** Has SQL Server verify sets [from, to), and copies those that are whole. */
  importSlice(
    input: ImportRef & { readonly path: string; readonly digest: string; readonly from: number; readonly to: number },
  ): Promise<ImportOutcome>;
}

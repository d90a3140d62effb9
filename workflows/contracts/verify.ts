import type { VerifyRequest } from '../domain/verify-request.ts';

/**
 * What a reading of the store finds wrong. `missing`: a manifest whose file is gone. `damaged`: a file that is not what its manifest
 * says. `manifest`: a manifest that cannot be read, or lies in the wrong place. `foreign`: a file that no manifest stands behind.
 * `unrestorable`: a database with backups of which nothing can be restored.
 */
export type FindingKind = 'missing' | 'damaged' | 'manifest' | 'foreign' | 'unrestorable';

export interface StoreFinding {
  readonly kind: FindingKind;
  /** Below the store. */
  readonly path: string;
  /** In words. */
  readonly what: string;
}

export interface VerifyRef {
  readonly instance: string;
  /** Names the reading: its folder in the store. */
  readonly run: string;
}

/** After this manifest of this folder, in the order of names. */
export interface VerifyCursor {
  readonly folder: string;
  readonly manifest: string;
}

export interface VerifyTotals {
  readonly sets: number;
  readonly bytes: number;
  /** Found wrong earlier, and whole now: used again. */
  readonly healed: number;
  readonly counts: Readonly<Partial<Record<FindingKind, number>>>;
}

export interface VerifySlice extends VerifyTotals {
  /** Where the next slice begins; null at the end. */
  readonly next: VerifyCursor | null;
  readonly seconds: number;
}

/** What there is to be read. */
export interface VerifyScope {
  readonly databases: number;
  readonly sets: number;
  readonly bytes: number;
}

export interface VerifyReport extends VerifyTotals {
  /** Path of the whole report below the store. */
  readonly report: string;
  /** The first hundred. */
  readonly findings: readonly StoreFinding[];
  /** Stretches between restorable intervals, of all databases; `window` says why each is there. */
  readonly holes: number;
}

export interface VerifyActivities {
  openVerify(input: VerifyRef & { readonly request: VerifyRequest }): Promise<VerifyScope>;
  /** Reads some gigabytes of the store; tried again, it goes on where it stopped. */
  verifySlice(
    input: VerifyRef & {
      readonly request: VerifyRequest;
      readonly slice: number;
      readonly after: VerifyCursor | null;
    },
  ): Promise<VerifySlice>;
  /** Writes the report. */
  closeVerify(input: VerifyRef & { readonly startedAt: string; readonly slices: number }): Promise<VerifyReport>;
}

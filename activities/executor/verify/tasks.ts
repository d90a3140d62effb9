import type { VerifyCursor, VerifyReport, VerifyScope, VerifySlice } from '../../../workflows/contracts.ts';

interface Ref {
  readonly instance: string;
  readonly run: string;
}

/** Tasks that read the store again. */
export interface VerifyTasks {
  /** Counts what there is; removes what old readings left. */
  openVerify: {
    input: Ref & { readonly databases?: readonly string[] };
    output: VerifyScope;
  };
  /** Reads until one of the limits is reached, and keeps a journal; a second attempt goes on where the first one stopped. */
  verifySlice: {
    input: Ref & {
      readonly databases?: readonly string[];
      readonly slice: number;
      readonly after: VerifyCursor | null;
      readonly mostBytes: number;
      readonly mostSeconds: number;
    };
    output: VerifySlice;
  };
  /** Makes the report of all journals. */
  closeVerify: {
    input: Ref & { readonly startedAt: string; readonly slices: number };
    output: VerifyReport;
  };
}

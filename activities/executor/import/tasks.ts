import type { SkippedBackup } from '../../../workflows/contracts.ts';
import type { ImportSet } from './document.ts';

interface Slice {
  readonly path: string;
  readonly digest: string;
  readonly from: number;
  readonly to: number;
}

/** Tasks of taking in backups that other tools made. */
export interface ImportTasks {
  /** Ids of all sets that the store holds of some databases. */
  storedIds: {
    input: { readonly instance: string; readonly databases: readonly string[] };
    output: { readonly ids: readonly string[] };
  };
  /** Writes down what is to be taken in. */
  writeImport: {
    input: { readonly instance: string; readonly importId: string; readonly sets: readonly ImportSet[] };
    output: { readonly path: string; readonly digest: string };
  };
  readImport: {
    input: Slice;
    output: { readonly sets: readonly ImportSet[] };
  };
  /** Copies sets [from, to) into the store, but for those at some indexes. What is there already is left as it is. */
  importSets: {
    input: Slice & { readonly instance: string; readonly without: readonly number[] };
    output: {
      readonly imported: number;
      readonly sizeBytes: number;
      readonly failed: readonly SkippedBackup[];
    };
  };
}

import type { BackupsCursor, BackupsPage, DatabaseWindow } from '../../workflows/contracts.ts';
import type { BackupKind } from '../../workflows/domain/backup-set.ts';

/** Tasks that show what the store holds. */
export interface CatalogueTasks {
  /** Windows of as many databases as fit into a small answer, in the order of their names. */
  window: {
    input: {
      readonly instance: string;
      readonly databases?: readonly string[];
      readonly after?: string;
      /** Epoch milliseconds: exposure is counted to here. */
      readonly nowMs: number;
    };
    output: {
      readonly databases: readonly DatabaseWindow[];
      readonly next: string | null;
      readonly problems: readonly string[];
    };
  };
  /** Names of all databases of which the store holds anything. */
  storedDatabases: {
    input: { readonly instance: string };
    output: { readonly databases: readonly string[] };
  };
  /** The newest backup sets first. */
  listBackups: {
    input: {
      readonly instance: string;
      readonly databases?: readonly string[];
      readonly kind?: BackupKind;
      readonly sinceMs?: number;
      readonly after?: BackupsCursor;
      readonly limit: number;
    };
    output: Omit<BackupsPage, 'instance'>;
  };
}

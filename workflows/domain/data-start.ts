import type { BackupSet } from './backup-set.ts';
import type { SetLineage } from './lineage.ts';
import { headerSecondMs } from './log-link.ts';
import type { Lsn } from './lsn.ts';

/** Data backups that leave a database at `lsn`: a full, or a full and a differential on it. */
export interface DataStart {
  readonly base: BackupSet;
  readonly differential: BackupSet | null;
  readonly lsn: Lsn;
  /** The newest moment before which nothing is missing. */
  readonly completeMs: number;
  /** From here on all that is inside lies before the target. */
  readonly usableFromMs: number;
}

/**
 * A differential stands on one full, which its header names; databaseBackupLsn would also match a copy-only full.
 * unknown: whether the server takes a differential of another fork than its base's; such a one is not used.
 */
export function dataStarts(usable: readonly SetLineage[]): Map<string, DataStart[]> {
  const starts = new Map<string, DataStart[]>();
  const bases = new Map<string, SetLineage>();
  const add = (entry: SetLineage, base: BackupSet, differential: BackupSet | null, usableFromMs: number): void => {
    const { set, startMs, to } = entry;
    const start: DataStart = { base, differential, lsn: set.lastLsn, completeMs: startMs, usableFromMs };
    const known = starts.get(to);
    if (known === undefined) starts.set(to, [start]);
    else known.push(start);
  };
  for (const entry of usable) {
    if (entry.set.kind !== 'full') continue;
    if (!entry.set.copyOnly) bases.set(entry.set.id, entry);
    add(entry, entry.set, null, entry.finishMs + headerSecondMs);
  }
  for (const entry of usable) {
    if (entry.set.kind !== 'differential') continue;
    const base = bases.get(entry.set.differentialBaseId ?? '');
    if (base?.to !== entry.to) continue;
    add(entry, base.set, entry.set, Math.max(base.finishMs, entry.finishMs) + headerSecondMs);
  }
  return starts;
}

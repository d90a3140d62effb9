import type { BackupSet } from './backup-set.ts';
import { lineagesAt, type History, type Lineage } from './history.ts';
import type { LogLink } from './log-link.ts';
import { compareLsn, maxLsn, type Lsn } from './lsn.ts';

/**
 * What happened between two moments that can be restored to, as far as the backups tell; null when they do not. A cause, in a
 * clause that goes on a sentence: "… between A and B: it was restored over".
 */
export function gapCause(
  history: History,
  sets: readonly BackupSet[],
  beforeMs: number,
  afterMs: number,
): string | null {
  const [before] = lineagesAt(history, beforeMs);
  const [after] = lineagesAt(history, afterMs);
  if (before === undefined || after === undefined) return null;
  if (before.key === after.key) return brokenLog(before, sets, { beforeMs, afterMs });
  const [old, now] = [namesOf(before), namesOf(after)];
  if (old.family !== now.family) return 'it was dropped and made anew';
  if (old.fork !== now.fork) return 'it was restored over, and what was logged before that was not backed up';
  return 'the server was put back to an earlier state';
}

/** See lineage.ts: `<family>/<fork>`, and `#<n>` after a rewind. */
function namesOf({ key }: Lineage): { readonly family: string; readonly fork: string } {
  const [family = '', rest = ''] = key.split('/');
  return { family, fork: rest.split('#')[0] ?? '' };
}

interface Gap {
  readonly beforeMs: number;
  readonly afterMs: number;
}

/** Within one lineage the logs follow each other, or one is missing. */
function brokenLog(lineage: Lineage, sets: readonly BackupSet[], gap: Gap): string | null {
  const broken = firstBreak(lineage, gap);
  if (broken === null) return null;
  const simple = sets.some((set) => set.recoveryModel === 'SIMPLE' && isWithin(Date.parse(set.startedAt), gap));
  if (simple || broken.next.set.beginsLogChain) return 'its recovery model was SIMPLE, which ends the log chain';
  return `the log from LSN ${broken.end} to ${broken.next.set.firstLsn} is not in the store; another tool backed it up, or its file was removed`;
}

function firstBreak({ logs, starts }: Lineage, gap: Gap): { readonly end: Lsn; readonly next: LogLink } | null {
  let end: Lsn | null = starts[0]?.lsn ?? null;
  for (const log of logs) {
    if (
      end !== null &&
      compareLsn(log.set.firstLsn, end) > 0 &&
      log.startMs > gap.beforeMs &&
      log.usableFromMs <= gap.afterMs
    ) {
      return { end, next: log };
    }
    end = end === null ? log.set.lastLsn : maxLsn(end, log.set.lastLsn);
  }
  return null;
}

function isWithin(ms: number, { beforeMs, afterMs }: Gap): boolean {
  return beforeMs <= ms && ms <= afterMs;
}

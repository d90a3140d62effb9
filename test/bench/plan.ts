import type { BackupSet } from '../../workflows/domain/backup-set.ts';
import { storeChain } from '../../workflows/domain/chain.ts';
import { planDatabase } from '../../workflows/domain/restore-plan.ts';
import { restorableWindow } from '../../workflows/domain/window.ts';
import { backupSet } from '../domain/support/set.ts';
import { median } from './median.ts';
import type { Section } from './section.ts';

const begin = Date.parse('2026-03-01T00:00:00Z');
const iso = (minute: number): string => new Date(begin + minute * 60_000).toISOString();
const rounds = 11;

/** The planner over a week of one-minute log backups of one database, with daily differentials and one full. */
export const planSection: Section = {
  name: 'plan',
  title: 'a long chain of log backups',
  async run({ measured }, { plannedLogs }) {
    const sets = shuffled(chainOf(plannedLogs));
    const withoutDifferentials = sets.filter((set) => set.kind !== 'differential');
    const end = begin + (plannedLogs - 0.5) * 60_000;
    const line = (what: string, run: () => unknown): void =>
      measured({ what: `${what}, ${plannedLogs} logs`, value: millisecondsOf(run), unit: 'ms', bound: 100 });

    line('plan through every log', () => planned(withoutDifferentials, end));
    line('plan for "latest"', () => planned(withoutDifferentials, 'latest'));
    line('plan through the newest differential', () => planned(sets, end));
    line('refuse a time after the last log', () => planDatabase(sets, end + 3_600_000));
    line('restorable window', () => restorableWindow(sets));
    line('where the chain ends', () => storeChain('db1', sets));
  },
};

function planned(sets: readonly BackupSet[], to: number | 'latest'): void {
  if (!planDatabase(sets, to).ok) throw new Error('the chain cannot be planned');
}

function millisecondsOf(run: () => unknown): number {
  const times = Array.from({ length: rounds }, () => {
    const began = performance.now();
    run();
    return performance.now() - began;
  });
  return median(times);
}

function chainOf(logs: number): BackupSet[] {
  const first = 39_000_000_055_200_001;
  const base = backupSet({ kind: 'full', startedAt: iso(0), firstLsn: first, lastLsn: first + 32_000 });
  const sets: BackupSet[] = [base];
  for (let n = 1; n <= logs; n += 1) {
    const [firstLsn, lastLsn] = [first + (n - 1) * 48_000, first + n * 48_000];
    sets.push(backupSet({ kind: 'log', startedAt: iso(n), lastValidRestoreTime: iso(n - 0.1), firstLsn, lastLsn }));
    if (n % 1440 !== 0) continue;
    const lsn = lastLsn + 16_000;
    const [startedAt, differentialBaseId] = [iso(n + 0.5), base.id];
    sets.push(backupSet({ kind: 'differential', startedAt, firstLsn: lsn - 1, lastLsn: lsn, differentialBaseId }));
  }
  return sets;
}

/** A folder's files come in no order that helps. */
function shuffled(sets: readonly BackupSet[]): BackupSet[] {
  const key = (set: BackupSet): string => [...set.id].reverse().join('');
  return sets.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

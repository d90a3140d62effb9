/**
 * How long the planner takes over a week of one-minute log backups of one database, with daily differentials and a weekly
 * full: `node test/bench/plan.ts [logs]`. Prints the median of ten.
 */
import type { BackupSet } from '../../workflows/domain/backup-set.ts';
import { storeChain } from '../../workflows/domain/chain.ts';
import { planDatabase } from '../../workflows/domain/restore-plan.ts';
import { restorableWindow } from '../../workflows/domain/window.ts';
import { backupSet } from '../domain/support/set.ts';

const logs = Number(process.argv[2] ?? 10_080);
const begin = Date.parse('2026-03-01T00:00:00Z');
const iso = (minute: number): string => new Date(begin + minute * 60_000).toISOString();

const first = 39_000_000_055_200_001;
const base = backupSet({ kind: 'full', startedAt: iso(0), firstLsn: first, lastLsn: first + 32_000 });
const sets: BackupSet[] = [base];
for (let n = 1; n <= logs; n += 1) {
  sets.push(
    backupSet({
      kind: 'log',
      startedAt: iso(n),
      lastValidRestoreTime: iso(n - 0.1),
      firstLsn: first + (n - 1) * 48_000,
      lastLsn: first + n * 48_000,
    }),
  );
  if (n % 1440 === 0) {
    const lsn = first + n * 48_000 + 16_000;
    sets.push(
      backupSet({
        kind: 'differential',
        startedAt: iso(n + 0.5),
        firstLsn: lsn - 1,
        lastLsn: lsn,
        differentialBaseId: base.id,
      }),
    );
  }
}
const shuffled = sets.toSorted((a, b) =>
  a.id.split('').reverse().join('') < b.id.split('').reverse().join('') ? -1 : 1,
);
const withoutDifferentials = shuffled.filter((set) => set.kind !== 'differential');
const end = begin + (logs - 0.5) * 60_000;

measure('plan, newest differential', () => planDatabase(shuffled, end));
measure('plan, every log', () => planDatabase(withoutDifferentials, end));
measure('plan, latest', () => planDatabase(withoutDifferentials, 'latest'));
measure('refusal', () => planDatabase(shuffled, end + 3_600_000));
measure('window', () => restorableWindow(shuffled));
measure('chain head', () => storeChain('db1', shuffled));

function measure(what: string, run: () => unknown): void {
  const times = Array.from({ length: 10 }, () => {
    const started = performance.now();
    run();
    return performance.now() - started;
  }).sort((a, b) => a - b);
  console.log(`${what.padEnd(28)} ${(times[5] ?? 0).toFixed(1).padStart(7)} ms  (${sets.length} sets)`);
}

import type { PlannedDatabase, ReachedPoint, RestorePlan } from '../../workflows/contracts.ts';
import { count, megabytes } from '../../workflows/domain/words.ts';
import type { RestoreResult } from '../../workflows/restore-to-point-in-time.ts';
import type { Screen } from './screen.ts';
import { table } from './table.ts';
import { duration, moment } from './text.ts';

export function showRestoreResult(screen: Screen, result: RestoreResult): void {
  if (result.mode === 'plan') showPlan(screen, result.plan);
  else showRestored(screen, result);
}

function showPlan(screen: Screen, plan: RestorePlan): void {
  screen.print(`Plan for ${moment(plan.targetTime)}: ${count(plan.fileCount, 'file')}, ${megabytes(plan.totalBytes)}`);
  screen.print(
    table(
      ['database', 'becomes', 'full', 'differential', 'logs', 'size', 'stops'],
      plan.databases.map(planRow),
      screen.width,
    ),
  );
  screen.print('T-SQL that a restore would run:');
  for (const command of plan.commands) screen.print(`  ${command}`);
  screen.print('Nothing was made or changed. Start it without --plan.');
}

function planRow(each: PlannedDatabase): string[] {
  return [
    each.database,
    each.targetDatabase,
    moment(each.base.finishedAt),
    each.differential === null ? 'none' : moment(each.differential.finishedAt),
    String(each.logCount),
    megabytes(each.totalBytes),
    reachText(each.reach),
  ];
}

function showRestored(screen: Screen, result: Extract<RestoreResult, { mode: 'restore' }>): void {
  const { certificate, verified } = result;
  screen.print(`Restored to ${moment(certificate.targetTime)}${result.targetCreated ? ', on a new instance' : ''}`);
  const checks = new Map(verified.map((each) => [each.database, each]));
  screen.print(
    table(
      ['database', 'is now', 'LSN', 'stopped', 'state', 'CHECKDB', 'queries'],
      certificate.databases.map((point) => {
        const found = checks.get(point.database);
        const state = found?.online ? (found.writable ? 'online, writable' : 'online, read-only') : 'not online';
        const queries = found?.validations ?? [];
        const right = queries.filter((query) => query.ok).length;
        return [
          point.database,
          point.targetDatabase,
          point.lsn,
          reachText(point.reach),
          state,
          found?.checkDb ?? '',
          queries.length === 0 ? 'none asked' : `${right} of ${queries.length} as expected`,
        ];
      }),
      screen.width,
    ),
  );
  screen.print(
    `RPO ${duration(certificate.rpoSeconds * 1000)}, RTO ${duration(certificate.rtoEndToEndSeconds * 1000)} ` +
      `from the request, ${duration(certificate.rtoJobSeconds * 1000)} for the job itself`,
  );
  screen.print(`Certificate in the store: ${certificate.path}`);
}

const reaches: Record<ReachedPoint['reach'], string> = {
  'stops-inside': 'inside a log',
  'nothing-between': 'at a log end; nothing was committed after it',
  'end-of-backups': 'after the last backup',
};

function reachText(reach: ReachedPoint['reach']): string {
  return reaches[reach];
}

import type { SkippedBackup } from '../../workflows/contracts.ts';
import { isHarmless } from '../../workflows/domain/import-request.ts';
import { count, megabytes } from '../../workflows/domain/words.ts';
import type { ImportResult } from '../../workflows/import-backups.ts';
import type { Screen } from './screen.ts';
import { table } from './table.ts';
import { moment } from './text.ts';

const shown = 25;

export function showImportResult(screen: Screen, result: ImportResult): void {
  const { instance, folder, mode, plan, imported, sizeBytes, failed } = result;
  screen.print(
    mode === 'plan'
      ? `${folder}: ${count(plan.count, 'set')} would be taken into the store of ${instance}, ${megabytes(plan.sizeBytes)}`
      : `${folder}: ${count(imported, 'set')} taken into the store of ${instance}, ${megabytes(sizeBytes)}`,
  );
  if (plan.found.length > 0) {
    const rows = plan.found
      .slice(0, shown)
      .map((one) => [
        one.database,
        `${one.kind}${one.copyOnly ? ', copy-only' : ''}`,
        moment(one.finishedAt),
        `${one.file}${one.position > 1 ? `, position ${one.position}` : ''}${one.stripes > 1 ? `, ${one.stripes} stripes` : ''}`,
      ]);
    screen.print(table(['database', 'kind', 'finished', 'file'], rows, screen.width));
    if (plan.count > rows.length) screen.print(`  and ${plan.count - rows.length} more; --json names a hundred`);
  }
  skippedTable(screen, 'Not taken in, and to be looked at:', [
    ...failed,
    ...plan.skipped.filter(({ reason }) => !isHarmless(reason)),
  ]);
  skippedTable(
    screen,
    'Left out:',
    plan.skipped.filter(({ reason }) => isHarmless(reason)),
  );
  if (mode === 'plan') screen.print('Nothing was copied. Start it without --plan.');
}

function skippedTable(screen: Screen, title: string, skipped: readonly SkippedBackup[]): void {
  if (skipped.length === 0) return;
  screen.print(title);
  const rows = skipped
    .slice(0, shown)
    .map(({ file, position, database, why }) => [
      `${file}${position === null ? '' : `, position ${position}`}`,
      database ?? '',
      why,
    ]);
  screen.print(table(['file', 'database', 'why'], rows, screen.width));
  if (skipped.length > rows.length) screen.print(`  and ${skipped.length - rows.length} more`);
}

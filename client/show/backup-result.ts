import type { BackupResult } from '../../workflows/backup-instance.ts';
import { count, megabytes } from '../../workflows/domain/words.ts';
import type { Screen } from './screen.ts';
import { table } from './table.ts';
import { duration, moment } from './text.ts';

const shown = 25;

export function showBackupResult(screen: Screen, result: BackupResult): void {
  const { committed, adopted } = result;
  const found = adopted > 0 ? ` (${adopted} of them had finished in an earlier attempt)` : '';
  screen.print(
    `${result.kind} backup of ${result.instance}: ${count(result.done, 'database')} done${found}, ` +
      `${count(committed.count, 'set')} committed to the store, ${megabytes(committed.sizeBytes)}`,
  );
  section(screen, '', result.sets, ['database', 'kind', 'size', 'manifest'], (set) => [
    set.database,
    set.kind,
    megabytes(set.sizeBytes),
    set.manifest,
  ]);
  section(
    screen,
    'Another kind than asked for, which makes the chain whole:',
    result.changed,
    ['database', 'kind', 'why'],
    (item) => [item.database, item.action, item.why],
  );
  const { waiting } = result;
  section(screen, 'Mended by a later run (limits.mendsPerRun):', waiting, ['database', 'kind', 'why'], (item) => [
    item.database,
    item.action,
    item.why,
  ]);
  section(screen, 'Left out:', result.skipped, ['database', 'why'], (item) => [item.database, item.why]);
  section(screen, 'Failed:', result.failed, ['database', 'type', 'what happened'], (item) => [
    item.database,
    item.type,
    item.message,
  ]);
  section(screen, 'Exposure:', result.exposure, ['database', 'latest restorable', 'exposure'], (item) => [
    item.database,
    item.latestRestorable === null ? 'none' : moment(item.latestRestorable),
    item.exposureSeconds === null ? 'not protected' : duration(item.exposureSeconds * 1000),
  ]);
  screen.print(`Report in the store: ${result.report}`);
}

function section<T>(
  screen: Screen,
  title: string,
  items: readonly T[],
  head: readonly string[],
  row: (item: T) => string[],
): void {
  if (items.length === 0) return;
  if (title) screen.print(title);
  screen.print(table(head, items.slice(0, shown).map(row), screen.width));
  if (items.length > shown) screen.print(`  and ${items.length - shown} more; --json shows them all`);
}

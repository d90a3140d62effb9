import type { BackupsPage, ListedBackup } from '../../workflows/contracts.ts';
import { count, megabytes } from '../../workflows/domain/words.ts';
import type { Screen } from './screen.ts';
import { table } from './table.ts';
import { wrapped } from './text.ts';

const shownRemarks = 20;

export function showBackups(screen: Screen, page: Omit<BackupsPage, 'next'>): void {
  const { instance, backups } = page;
  screen.print(`${instance}: ${count(page.count, 'backup set')}, ${megabytes(page.sizeBytes)}`);
  if (backups.length > 0) {
    screen.print(
      table(
        ['database', 'kind', 'finished (UTC)', 'size', 'first LSN', 'last LSN', 'fork'],
        backups.map(row),
        screen.width,
      ),
    );
  }
  if (page.count > backups.length) screen.print(`  and ${page.count - backups.length} older; --limit shows more`);
  const unusable = backups.flatMap(({ manifest, unusable: why }) => (why === null ? [] : [`${manifest}: ${why}`]));
  const known = page.problems.filter((problem) => !backups.some(({ manifest }) => problem.startsWith(manifest)));
  for (const line of [...unusable.slice(0, shownRemarks), ...known]) {
    screen.print(wrapped(line, screen.width, '    ').replace('    ', '  ! '));
  }
}

function row(one: ListedBackup): string[] {
  const kind = [
    one.kind,
    ...(one.copyOnly ? ['copy-only'] : []),
    ...(one.held ? ['held'] : []),
    ...(one.files > 1 ? [`${one.files} stripes`] : []),
    ...(one.unusable === null ? [] : ['NOT USABLE']),
  ];
  return [
    one.database,
    kind.join(', '),
    one.finishedAt.slice(0, 19).replace('T', ' '),
    megabytes(one.sizeBytes),
    one.firstLsn,
    one.lastLsn,
    one.recoveryForkId.slice(0, 8),
  ];
}

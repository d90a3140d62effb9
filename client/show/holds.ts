import type { Hold } from '../../workflows/contracts.ts';
import { count, megabytes } from '../../workflows/domain/words.ts';
import type { Screen } from './screen.ts';
import { table } from './table.ts';
import { moment, plain } from './text.ts';

export function showHold(screen: Screen, done: 'Held' | 'Released', hold: Hold): void {
  const { id, database, instance, sets, sizeBytes, reason } = hold;
  screen.print(
    `${done} ${id}: ${pointText(hold)} of ${plain(database)} on ${instance}, ${count(sets, 'set')}, ` +
      `${megabytes(sizeBytes)}. Reason: ${plain(reason)}`,
  );
}

export function showHolds(screen: Screen, holds: readonly Hold[]): void {
  if (holds.length === 0) return screen.print('Nothing is held.');
  const rows = holds.map((hold) => [
    hold.id,
    hold.database,
    pointText(hold),
    String(hold.sets),
    megabytes(hold.sizeBytes),
    moment(hold.createdAt),
    hold.reason,
  ]);
  screen.print(table(['id', 'database', 'restore point', 'sets', 'size', 'since', 'reason'], rows, screen.width));
}

function pointText({ at, what }: Hold): string {
  return at !== null && Date.parse(at) === Date.parse(what) ? moment(at) : what;
}

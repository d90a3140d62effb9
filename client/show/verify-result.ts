import { count, megabytes } from '../../workflows/domain/words.ts';
import type { VerifyResult } from '../../workflows/verify-store.ts';
import type { Screen } from './screen.ts';
import { table } from './table.ts';
import { duration } from './text.ts';

const shown = 25;

export function showVerifyResult(screen: Screen, result: VerifyResult): void {
  const { instance, sets, bytes, seconds, findings, counts, healed, holes } = result;
  const wrong = Object.values(counts).reduce((sum, n) => sum + n, 0);
  const speed = seconds > 0 ? `, ${megabytes(bytes / seconds)}/s` : '';
  screen.print(
    `${instance}: ${count(sets, 'set')} read, ${megabytes(bytes)} in ${duration(seconds * 1000)}${speed}; ` +
      (wrong === 0 ? 'every file is what its manifest says' : `${wrong} wrong`),
  );
  if (findings.length > 0) {
    const rows = findings.slice(0, shown).map(({ kind, path, what }) => [kind, path, what]);
    screen.print(table(['what', 'file', 'found'], rows, screen.width));
    if (wrong > rows.length) screen.print(`  and ${wrong - rows.length} more; the report names them all`);
  }
  if (healed > 0) screen.print(`${count(healed, 'set')} that was damaged is whole again and is used.`);
  if (holes > 0) screen.print(`${count(holes, 'hole')} between restorable intervals; the command window says why.`);
  screen.print(`Report in the store: ${result.report}`);
}

import Table from 'cli-table3';
import { plain } from './text.ts';

const narrowest = 6;
const padding = 2;

/** A table that fits the terminal: the widest columns give way first, their text is wrapped and never cut. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], width: number): string {
  const cells = rows.map((row) => row.map(plain));
  const natural = head.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]?.length ?? 0)));
  const space = width - (head.length + 1) - padding * head.length;
  const drawn = new Table({
    head: [...head],
    colWidths: fit(natural, space).map((column) => column + padding),
    wordWrap: true,
    wrapOnWordBoundary: false,
    style: { head: [], border: [] },
  });
  drawn.push(...cells);
  return drawn.toString();
}

/** Takes from the widest column until all fit; below {@link narrowest} nobody can read, so there it ends. */
export function fit(natural: readonly number[], space: number): number[] {
  const widths = [...natural];
  let over = widths.reduce((sum, each) => sum + each, 0) - space;
  while (over > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    const column = widths[widest] ?? 0;
    if (column <= narrowest) break;
    widths[widest] = column - 1;
    over -= 1;
  }
  return widths;
}

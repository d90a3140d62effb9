import { styleText } from 'node:util';
import type { Measured, Report } from './section.ts';

/** Prints each figure as soon as it is there, one a line. */
export function openPrinter(): Report & { readonly over: number } {
  let over = 0;
  return {
    get over() {
      return over;
    },
    measured(line) {
      const within = line.value <= line.bound;
      if (!within) over += 1;
      const mark = within ? styleText('green', 'within') : styleText(['bold', 'red'], 'OVER');
      console.log(
        `  ${line.what.padEnd(62)} ${shown(line, line.value).padStart(11)}   ≤ ${shown(line, line.bound).padEnd(11)} ${mark}`,
      );
    },
    note(text) {
      console.log(styleText('dim', `    ${text}`));
    },
  };
}

function shown({ unit }: Measured, value: number): string {
  switch (unit) {
    case '×':
      return `${value.toFixed(2)} ×`;
    case 'ms':
      return `${value.toFixed(value < 100 ? 1 : 0)} ms`;
    default:
      return `${Math.round(value)} ${unit}`;
  }
}

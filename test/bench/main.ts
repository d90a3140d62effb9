import { styleText } from 'node:util';
import { copySection } from './copying.ts';
import { historySection } from './history.ts';
import { loadText, machineLines } from './machine.ts';
import { memorySection } from './memory.ts';
import { readOptions, usage, type Options } from './options.ts';
import { planSection } from './plan.ts';
import { openPrinter } from './printer.ts';
import { restoreSection } from './restore.ts';
import type { Section } from './section.ts';

/** `npm run bench`: the budgets, measured here and now. A budget that is not kept is marked; it is no error. */
const sections: readonly Section[] = [copySection, restoreSection, planSection, historySection, memorySection];

function options(): Options {
  const known = sections.map(({ name }) => name);
  try {
    const read = readOptions(process.argv.slice(2), known);
    if (!read.help) return read;
    process.stdout.write(usage(known));
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage(known)}`);
    process.exit(2);
  }
}

const { sections: wanted, sizes, quick } = options();
console.log(`${new Date().toISOString()}\n${machineLines().join('\n')}`);
if (quick) console.log('QUICK: small sizes, in which fixed costs count for most. The figures say nothing.');
const printer = openPrinter();
for (const name of wanted) {
  const section = sections.find((each) => each.name === name)!;
  console.log(`\n${styleText('bold', section.name)}: ${section.title}`);
  try {
    await section.run(printer, sizes);
  } catch (error) {
    console.log(`  ${styleText(['bold', 'red'], 'COULD NOT RUN')}`);
    console.error(error);
    process.exitCode = 1;
  }
}
console.log(`\nload     ${loadText()}`);
console.log(printer.over === 0 ? 'No figure is over its bound.' : `${printer.over} OVER the bound.`);
// Connections of a section that failed must not keep this process.
process.exit();

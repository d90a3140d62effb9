import { styleText } from 'node:util';
import { sayOnStderr } from '../../cluster/say.ts';
import { loadText, machineLines } from '../machine.ts';
import { openPrinter } from '../printer.ts';
import { openBenchSite } from './bench-site.ts';
import { eightSection } from './eight.ts';
import { readOptions, usage, type Options } from './options.ts';
import type { ClusterSection } from './section.ts';
import { seedSection } from './seed.ts';

/** `npm run bench:cluster`: what a restore takes on Kubernetes. A budget that is not kept is marked; it is no error. */
const sections: readonly ClusterSection[] = [seedSection, eightSection];

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

const read = options();
console.log(`${new Date().toISOString()}\n${machineLines().join('\n')}`);
const printer = openPrinter();
{
  await using site = await openBenchSite(sayOnStderr);
  for (const name of read.sections) {
    const section = sections.find((each) => each.name === name)!;
    console.log(`\n${styleText('bold', section.name)}: ${section.title}`);
    try {
      await section.run(printer, site, read);
    } catch (error) {
      console.log(`  ${styleText(['bold', 'red'], 'COULD NOT RUN')}`);
      console.error(error);
      process.exitCode = 1;
    }
  }
}
console.log(`\nload     ${loadText()}`);
console.log(printer.over === 0 ? 'No figure is over its bound.' : `${printer.over} OVER the bound.`);
// Connections of a section that failed must not keep this process.
process.exit();

import { styleText } from 'node:util';
import { loadText, machineLines } from './machine.ts';
import { openPrinter } from './printer.ts';
import type { Report } from './section.ts';

interface Named {
  readonly name: string;
  readonly title: string;
}

/** The options of a command line; help and wrong options end the process. */
export function optionsOr<T extends { readonly help: boolean }>(
  read: (args: readonly string[], known: readonly string[]) => T,
  usage: (known: readonly string[]) => string,
  known: readonly string[],
): T {
  try {
    const options = read(process.argv.slice(2), known);
    if (!options.help) return options;
    process.stdout.write(usage(known));
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage(known)}`);
    process.exit(2);
  }
}

export function printMachine(): void {
  console.log(`${new Date().toISOString()}\n${machineLines().join('\n')}`);
}

/** Runs the wanted sections in their order, each on its own: one that cannot run does not stop the others. */
export async function runSections<S extends Named>(
  sections: readonly S[],
  wanted: readonly string[],
  run: (section: S, report: Report) => Promise<void>,
): Promise<number> {
  const printer = openPrinter();
  for (const name of wanted) {
    const section = sections.find((each) => each.name === name)!;
    console.log(`\n${styleText('bold', section.name)}: ${section.title}`);
    try {
      await run(section, printer);
    } catch (error) {
      console.log(`  ${styleText(['bold', 'red'], 'COULD NOT RUN')}`);
      console.error(error);
      process.exitCode = 1;
    }
  }
  return printer.over;
}

/** Ends the process: connections of a section that failed must not keep it. */
export function end(over: number): never {
  console.log(`\nload     ${loadText()}`);
  console.log(over === 0 ? 'No figure is over its bound.' : `${over} OVER the bound.`);
  process.exit();
}

import { parseArgs } from 'node:util';
import type { Sizes } from './section.ts';

export interface Options {
  /** In the order asked for. */
  readonly sections: readonly string[];
  readonly sizes: Sizes;
  /** Small sizes. */
  readonly quick: boolean;
  readonly help: boolean;
}

const full: Sizes = { runs: 3, copyMegabytes: 2_048, restoreMegabytes: 256, plannedLogs: 10_080, databases: 1_000 };
/** Shows that every section works; what it measures says nothing about the budgets. */
const quick: Sizes = { runs: 1, copyMegabytes: 64, restoreMegabytes: 16, plannedLogs: 10_080, databases: 20 };

export function usage(known: readonly string[]): string {
  return `npm run bench -- [${known.join(' | ')}]… [--runs N] [--quick]

Measures the budgets of this project on this machine, as ratios and counts; all sections when none is named.
  --runs N   alternating runs of what is compared; their median counts (${full.runs})
  --quick    small sizes, to see that it works: the figures say nothing
`;
}

/** @throws Error for an option or a section that is not known */
export function readOptions(args: readonly string[], known: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      runs: { type: 'string' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`no section ${unknown}; there are ${known.join(', ')}`);
  const sizes = values.quick ? quick : full;
  const runs = values.runs === undefined ? sizes.runs : Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs must be a whole number from 1, not ${values.runs}`);
  return {
    sections: positionals.length > 0 ? positionals : known,
    sizes: { ...sizes, runs },
    quick: values.quick,
    help: values.help,
  };
}

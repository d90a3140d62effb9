import { parseArgs } from 'node:util';

export interface Options {
  readonly sections: readonly string[];
  readonly runs: number;
  /** Of each full backup as it lies in the store, in the comparison. */
  readonly megabytes: number;
  readonly help: boolean;
}

const runsByDefault = 3;
const megabytesByDefault = 8;

export function usage(known: readonly string[]): string {
  return `npm run bench:cluster -- [${known.join(' | ')}]… [--runs N] [--megabytes N]

Measures restores on a Kubernetes cluster of this machine (Linux, root): both charts, the worker as a Deployment, a simulated SQL Server.
  --runs N        runs of each, alternating where two are compared; their median counts (${runsByDefault})
  --megabytes N   of each full backup in the comparison with a script (${megabytesByDefault})
`;
}

/** @throws Error for an option or a section that is not known */
export function readOptions(args: readonly string[], known: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      runs: { type: 'string', default: String(runsByDefault) },
      megabytes: { type: 'string', default: String(megabytesByDefault) },
      help: { type: 'boolean', default: false },
    },
  });
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`no section ${unknown}; there are ${known.join(', ')}`);
  const number = (name: 'runs' | 'megabytes'): number => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value >= 1) return value;
    throw new Error(`--${name} must be a whole number from 1, not ${values[name]}`);
  };
  return {
    sections: positionals.length > 0 ? positionals : known,
    runs: number('runs'),
    megabytes: number('megabytes'),
    help: values.help,
  };
}

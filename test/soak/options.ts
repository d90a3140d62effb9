import { parseArgs } from 'node:util';

export interface SoakOptions {
  readonly minutes: number;
  readonly databases: number;
  readonly killEverySeconds: number;
  /** Decides at which second of the run the proof is made. */
  readonly seed: number;
}

export const usage = `Usage: npm run soak -- [--minutes 10] [--quick] [--databases 20] [--seed 1]
  --quick  a worker dies every 30 s instead of every minute: for a test of the soak itself`;

export function soakOptions(args: readonly string[]): SoakOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '10' },
      databases: { type: 'string', default: '20' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
      quick: { type: 'boolean', default: false },
    },
  });
  return {
    minutes: number('--minutes', values.minutes, 0.5),
    databases: number('--databases', values.databases, 1),
    seed: number('--seed', values.seed, 0),
    killEverySeconds: values.quick ? 30 : 60,
  };
}

function number(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= least) return value;
  throw new Error(`${name} must be a number from ${least}, not ${JSON.stringify(text)}\n${usage}`);
}

import type { LogLevel } from './environment.ts';

/** One thing that happened, as it is logged. */
export interface LogLine {
  readonly time: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly [fact: string]: unknown;
}

export type WriteLog = (line: LogLine) => void;

/** One JSON object a line on stdout: what log collectors read. */
export const writeJson: WriteLog = (line) => {
  process.stdout.write(`${JSON.stringify(line, plainValue)}\n`);
};

/** JSON knows neither big integers nor errors. */
function plainValue(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (!(value instanceof Error)) return value;
  return { name: value.name, message: value.message, stack: value.stack, cause: value.cause };
}

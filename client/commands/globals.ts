import type { Command } from 'commander';

/** Options of the program itself; they may stand before or after the command. */
export interface Globals {
  readonly config?: string;
  readonly json?: boolean;
}

export function globalsOf(command: Command): Globals {
  return command.optsWithGlobals<Globals>();
}

/** For options that may be given several times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

import type { Argument, Command, Option } from 'commander';

/** Names of arguments and options that stand for an instance. */
const instanceNames = new Set(['instance', 'instances', 'source', 'target']);

/**
 * What may come next on a command line, from the commands' own descriptions, so that it is never out of date.
 * @param words after the program's name; the last one is being written, and may be empty
 * @param instances of temporal.yaml
 */
export function candidates(root: Command, words: readonly string[], instances: () => readonly string[]): string[] {
  const { command, operands, open } = walk(root, words.slice(0, -1));
  const begun = words.at(-1) ?? '';
  const all =
    open === null ? next(root, command, operands, begun, instances) : valuesOf(open, open.attributeName(), instances);
  return [...new Set(all)].filter((each) => each.startsWith(begun)).sort();
}

interface Place {
  readonly command: Command;
  /** How many arguments of the command are written already. */
  readonly operands: number;
  /** An option that still wants its value. */
  readonly open: Option | null;
}

function walk(root: Command, words: readonly string[]): Place {
  let place: Place = { command: root, operands: 0, open: null };
  for (const word of words) {
    const { command, operands, open } = place;
    if (open !== null) place = { ...place, open: null };
    else if (word.startsWith('-')) place = { ...place, open: wantsValue(root, command, word) };
    else {
      const inner = operands === 0 ? command.commands.find((each) => each.name() === word) : undefined;
      place = inner === undefined ? { ...place, operands: operands + 1 } : { command: inner, operands: 0, open: null };
    }
  }
  return place;
}

/** `--kind=log` has its value with it. */
function wantsValue(root: Command, command: Command, word: string): Option | null {
  const option = [...command.options, ...root.options].find(({ long, short }) => long === word || short === word);
  return option !== undefined && (option.required || option.optional) ? option : null;
}

function next(
  root: Command,
  command: Command,
  operands: number,
  begun: string,
  instances: () => readonly string[],
): readonly string[] {
  if (begun.startsWith('-')) {
    const own = [...command.options, ...root.options].filter(({ hidden }) => !hidden);
    return [...own.map(({ long, short }) => long ?? short ?? ''), '--help'];
  }
  const commands = command.createHelp().visibleCommands(command);
  if (operands === 0 && commands.length > 0) return commands.map((each) => each.name());
  const { registeredArguments: known } = command;
  const argument = known[operands] ?? (known.at(-1)?.variadic ? known.at(-1) : undefined);
  return argument === undefined ? [] : valuesOf(argument, argument.name(), instances);
}

function valuesOf(
  { argChoices }: Pick<Option | Argument, 'argChoices'>,
  name: string,
  instances: () => readonly string[],
): readonly string[] {
  return argChoices ?? (instanceNames.has(name) ? instances() : []);
}

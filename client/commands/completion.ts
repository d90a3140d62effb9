import { Argument, Command } from 'commander';
import { globalsOf } from './globals.ts';

const examples = `
Examples:
  source <(mssql-pitr completion bash)      in ~/.bashrc
  source <(mssql-pitr completion zsh)       in ~/.zshrc, after compinit
  mssql-pitr completion fish > ~/.config/fish/completions/mssql-pitr.fish`;

/** @param root whose commands, options and arguments are offered */
export function completionCommand(root: () => Command): Command {
  const command = new Command('completion')
    .summary('completion of commands, options and instances for your shell')
    .description(
      'Prints a script for your shell, which then completes commands, options and the instances of temporal.yaml.',
    )
    .addHelpText('after', examples);
  for (const shell of ['bash', 'zsh', 'fish'] as const) {
    command
      .command(shell)
      .description(`the script for ${shell}`)
      .action(async () => {
        const { completionScripts } = await import('../completion/scripts.ts');
        process.stdout.write(completionScripts[shell]);
      });
  }
  command
    .command('candidates', { hidden: true })
    .addArgument(new Argument('[words...]'))
    .action(async (words: string[], _options: unknown, self: Command) => {
      const { candidates } = await import('../completion/candidates.ts');
      const { instancesHere } = await import('../completion/instances.ts');
      const found = candidates(root(), words, () => instancesHere(globalsOf(self).config));
      if (found.length > 0) process.stdout.write(`${found.join('\n')}\n`);
    });
  return command;
}

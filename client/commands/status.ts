import { Command, Option } from 'commander';
import { globalsOf } from './globals.ts';

const examples = `
Examples:
  mssql-pitr status
  mssql-pitr status backup/mssql-rt/log
  mssql-pitr status restore/mssql-rt-target/20260210T070000Z-5f2c --watch`;

export function statusCommand(): Command {
  return new Command('status')
    .summary('list runs, or show one')
    .description('Without an id: the newest runs. With one: its steps, what it is doing now, and its result.')
    .argument('[workflowId]', 'id that a command printed, or that the Temporal UI shows')
    .option('--watch', 'show progress until the run ends; the exit code then is the outcome')
    .addOption(new Option('--limit <n>', 'how many runs to list').default(20).argParser(Number))
    .addHelpText('after', examples)
    .action(async (workflowId: string | undefined, options: { watch?: boolean; limit: number }, command: Command) => {
      if (!(Number.isInteger(options.limit) && options.limit > 0))
        command.error('error: --limit must be a whole number');
      if (workflowId === undefined && options.watch) command.error('error: --watch needs the id of a run');
      const { list, show } = await import('../actions/status.ts');
      const globals = globalsOf(command);
      process.exitCode =
        workflowId === undefined
          ? await list(options.limit, globals)
          : await show(workflowId, { ...globals, watch: options.watch ?? false });
    });
}

import { Command } from 'commander';
import { globalsOf } from './globals.ts';

const examples = `
Example:
  mssql-pitr cancel restore/mssql-rt-target/20260210T070000Z-5f2c

The run stops the engine's work and cleans up; watch it with mssql-pitr status <workflowId> --watch.`;

export function cancelCommand(): Command {
  return new Command('cancel')
    .summary('cancel a run')
    .description('Ask a run to stop. It cleans up what it made (a restore with --keep does not).')
    .argument('<workflowId>', 'id that a command printed, or that the Temporal UI shows')
    .addHelpText('after', examples)
    .action(async (workflowId: string, _options: object, command: Command) => {
      const { cancel } = await import('../actions/cancel.ts');
      process.exitCode = await cancel(workflowId, globalsOf(command));
    });
}

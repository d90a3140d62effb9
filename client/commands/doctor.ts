import { Command } from 'commander';
import { globalsOf } from './globals.ts';

const examples = `
Looks at Temporal (version, namespace, search attributes, workers), and lets a worker look at each instance: login and rights,
version, clocks, store and volume, Kubernetes rights. Changes nothing. Exit code 1 when something has to be mended.

Examples:
  mssql-pitr doctor
  mssql-pitr doctor mssql-rt mssql-hr
  mssql-pitr doctor --json`;

export function doctorCommand(): Command {
  return new Command('doctor')
    .summary('look at everything that backups and restores need, and say how to mend what is wrong')
    .description('Checks what backups and restores need, and says how to mend what is wrong.')
    .argument('[instances...]', 'of temporal.yaml; all of them when none is named')
    .addHelpText('after', examples)
    .action(async (instances: string[], _options: unknown, command: Command) => {
      const { doctor } = await import('../actions/doctor.ts');
      process.exitCode = await doctor(instances, globalsOf(command));
    });
}

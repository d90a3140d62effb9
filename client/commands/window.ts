import { Command } from 'commander';
import { checkWindowRequest } from '../../workflows/domain/catalogue-request.ts';
import { refuseWrong } from '../request-problem.ts';
import { globalsOf } from './globals.ts';

interface WindowOptions {
  readonly html?: string;
}

const examples = `
Examples:
  mssql-pitr window
  mssql-pitr window mssql-rt
  mssql-pitr window mssql-rt db2 --json
  mssql-pitr window --html window.html

Every moment inside an interval can be given to restore --to. Exposure is now minus the latest restorable time: what would
be lost if the server were lost now. The answer comes from the backup store alone; the server need not be up.`;

export function windowCommand(): Command {
  return new Command('window')
    .summary('show which moments can be restored to, the holes, and the exposure')
    .description('Per database: the intervals that can be restored to, the holes and why, and the exposure now.')
    .argument('[instance]', 'name in temporal.yaml; all instances when left out')
    .argument('[database]', 'only this database, with all of its intervals and holes')
    .option('--html <file>', 'also write a page with timelines into this file')
    .addHelpText('after', examples)
    .action(
      async (instance: string | undefined, database: string | undefined, options: WindowOptions, command: Command) => {
        if (instance !== undefined)
          refuseWrong(checkWindowRequest({ instance, ...(database === undefined ? {} : { databases: [database] }) }));
        const { window } = await import('../actions/window.ts');
        process.exitCode = await window({ instance, database, htmlFile: options.html }, globalsOf(command));
      },
    );
}

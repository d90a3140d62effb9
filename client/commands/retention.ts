import { Command, Option } from 'commander';
import { checkRetentionRequest, type RetentionRequest } from '../../workflows/domain/retention-request.ts';
import { refuseWrong } from '../request-problem.ts';
import { collect, globalsOf } from './globals.ts';

interface RetentionOptions {
  readonly plan?: boolean;
  readonly database?: readonly string[];
  readonly detach?: boolean;
}

const examples = `
Examples:
  mssql-pitr retention mssql-rt --plan
  mssql-pitr retention mssql-rt
  mssql-pitr retention mssql-rt --plan --database db2 --json

How far back is kept is said by retention in temporal.yaml, e.g. { window: 14d, minFulls: 2 }; an instance without it keeps all
of its backups. What a running restore reads, what is held, and the newest chain of every database stay in any case.`;

export function retentionCommand(): Command {
  return new Command('retention')
    .summary('remove the backups that the recovery window does not need any more')
    .description('Remove backups of an instance which no moment inside its recovery window needs, and say why.')
    .argument('<instance>', 'name in temporal.yaml')
    .option('--plan', 'show what would be removed and what stays, and remove nothing')
    .option('--database <name>', 'only this database; may be given several times', collect)
    .option('--wait', 'show progress until the run ends (this is what happens anyway)')
    .addOption(new Option('--detach', 'return as soon as the run is started').conflicts(['wait', 'plan']))
    .addHelpText('after', examples)
    .action(async (instance: string, options: RetentionOptions, command: Command) => {
      const { plan, database, detach } = options;
      const request: RetentionRequest = {
        instance,
        ...(database && { databases: database }),
        ...(plan && { mode: 'plan' as const }),
      };
      refuseWrong(checkRetentionRequest(request));
      const { retention } = await import('../actions/retention.ts');
      process.exitCode = await retention(request, { ...globalsOf(command), detach: detach ?? false });
    });
}

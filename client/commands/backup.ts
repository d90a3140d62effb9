import { Command, Option } from 'commander';
import type { BackupKind } from '../../workflows/domain/backup-set.ts';
import { checkBackupRequest, type BackupRequest } from '../../workflows/domain/request.ts';
import { refuseWrong } from '../request-problem.ts';
import { collect, globalsOf } from './globals.ts';

interface BackupOptions {
  readonly kind: BackupKind;
  readonly database?: readonly string[];
  readonly detach?: boolean;
}

const examples = `
Examples:
  mssql-pitr backup mssql-rt --kind full
  mssql-pitr backup mssql-rt --kind log --database db1 --database db2
  mssql-pitr backup mssql-rt --kind log --detach --json

A database whose log chain is not whole gets the differential or full backup that mends it; the result says which and why.
While a run of this kind that a command started goes on for the instance, this one watches it and starts nothing. Runs of
schedules go on beside it: they wait for each other, database by database.`;

export function backupCommand(): Command {
  return new Command('backup')
    .summary('back up the databases of an instance')
    .description('Back up all user databases of an instance, or those named, and commit them to its backup store.')
    .argument('<instance>', 'name in temporal.yaml')
    .addOption(
      new Option('--kind <kind>', 'what to take').choices(['log', 'full', 'differential']).makeOptionMandatory(),
    )
    .option('--database <name>', 'only this database; may be given several times', collect)
    .option('--wait', 'show progress until the run ends (this is what happens anyway)')
    .addOption(new Option('--detach', 'return as soon as the run is started').conflicts('wait'))
    .addHelpText('after', examples)
    .action(async (instance: string, options: BackupOptions, command: Command) => {
      const { kind, database, detach } = options;
      const request: BackupRequest = { instance, kind, ...(database && { databases: database }) };
      refuseWrong(checkBackupRequest(request));
      const { backup } = await import('../actions/backup.ts');
      process.exitCode = await backup(request, { ...globalsOf(command), detach: detach ?? false });
    });
}

import { Command } from 'commander';
import { checkImportRequest, type ImportRequest } from '../../workflows/domain/import-request.ts';
import { refuseWrong } from '../request-problem.ts';
import { collect, globalsOf } from './globals.ts';

interface ImportOptions {
  readonly database?: readonly string[];
  readonly plan?: boolean;
  readonly detach?: boolean;
}

const examples = `
Examples:
  mssql-pitr catalogue import mssql-rt /var/opt/mssql/old-backups --plan
  mssql-pitr catalogue import mssql-rt /var/opt/mssql/old-backups
  mssql-pitr catalogue import mssql-rt /var/opt/mssql/old-backups --database db1

The folder lies on the instance's volume, since SQL Server itself reads the headers: copy the files of maintenance plans, of Ola
Hallengren's scripts or of dbatools there first, in any folders below it. The files are copied into the store and stay where they
are; they may be removed afterwards. Doing it again takes in what is new.`;

export function catalogueCommand(): Command {
  return new Command('catalogue').summary('take in backups that other tools made').addCommand(importCommand());
}

function importCommand(): Command {
  return new Command('import')
    .description('Read the headers of a folder of .bak, .trn and .dif files and take the backups into the store.')
    .argument('<instance>', 'instance of temporal.yaml that took them')
    .argument('<folder>', 'as SQL Server sees it, below /var/opt/mssql')
    .option('--database <name>', 'only backups of this database; may be given several times', collect)
    .option('--plan', 'show what would be taken in, and take nothing')
    .option('--detach', 'return as soon as the run is started')
    .addHelpText('after', examples)
    .action(async (instance: string, folder: string, options: ImportOptions, command: Command) => {
      const { database, plan, detach } = options;
      const request: ImportRequest = {
        instance,
        folder,
        ...(database && { databases: database }),
        ...(plan && { mode: 'plan' as const }),
      };
      refuseWrong(checkImportRequest(request));
      const { importBackups } = await import('../actions/import.ts');
      process.exitCode = await importBackups(request, { ...globalsOf(command), detach: detach ?? false });
    });
}

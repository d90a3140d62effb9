import { Command, Option } from 'commander';
import type { BackupKind } from '../../workflows/domain/backup-set.ts';
import { checkBackupsRequest, type BackupsRequest } from '../../workflows/domain/catalogue-request.ts';
import { refuseWrong } from '../request-problem.ts';
import { globalsOf } from './globals.ts';

interface BackupsOptions {
  readonly kind?: BackupKind;
  readonly since?: string;
  readonly limit: number;
}

const examples = `
Examples:
  mssql-pitr backups mssql-rt
  mssql-pitr backups mssql-rt db2 --kind full
  mssql-pitr backups mssql-rt --since 2026-02-10T00:00:00Z --limit 500 --json`;

export function backupsCommand(): Command {
  return new Command('backups')
    .summary('list the backup sets in the store')
    .description('The newest backup sets of an instance: kind, times, size, LSNs, fork, and which cannot be used.')
    .argument('<instance>', 'name in temporal.yaml')
    .argument('[database]', 'only this database')
    .addOption(new Option('--kind <kind>', 'only backups of this kind').choices(['log', 'full', 'differential']))
    .option('--since <time>', 'only those finished at or after it: ISO 8601 with a zone, e.g. 2026-02-10T06:54:34Z')
    .addOption(new Option('--limit <n>', 'how many to list').default(50).argParser(Number))
    .addHelpText('after', examples)
    .action(async (instance: string, database: string | undefined, options: BackupsOptions, command: Command) => {
      const { kind, since, limit } = options;
      const request: BackupsRequest = {
        instance,
        limit,
        ...(database === undefined ? {} : { databases: [database] }),
        ...(kind && { kind }),
        ...(since === undefined ? {} : { since }),
      };
      refuseWrong(checkBackupsRequest(request));
      const { backups } = await import('../actions/backups.ts');
      process.exitCode = await backups({ ...request, limit }, globalsOf(command));
    });
}

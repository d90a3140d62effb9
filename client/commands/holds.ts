import { Command, Option } from 'commander';
import { checkHoldRequest, instanceOfHold, type HoldRequest } from '../../workflows/domain/retention-request.ts';
import { wrongInput } from '../problem.ts';
import { refuseWrong } from '../request-problem.ts';
import { globalsOf } from './globals.ts';

interface HoldOptions {
  readonly at?: string;
  readonly set?: string;
  readonly reason: string;
}

const holdExamples = `
Examples:
  mssql-pitr hold mssql-rt db2 --at 2026-02-10T06:54:34Z --reason 'before the migration'
  mssql-pitr hold mssql-rt db2 --set 5D2A0F9E-8C1B-4E57-9F0A-2B6D3C4E5F60 --reason 'audit of 2026'

Everything that this restore point needs stays in the store until the hold is released. Ids of sets: mssql-pitr backups.`;

export function holdCommand(): Command {
  return new Command('hold')
    .summary('keep a restore point, whatever the recovery window is')
    .description('Keep all backups that one restore point of a database needs, until the hold is released.')
    .argument('<instance>', 'name in temporal.yaml')
    .argument('<database>', 'its exact name')
    .option('--at <time>', 'the moment: ISO 8601 with a zone, e.g. 2026-02-10T06:54:34Z')
    .addOption(new Option('--set <id>', 'a backup set, with all that it stands on').conflicts('at'))
    .requiredOption('--reason <text>', 'why, for those who find it later')
    .addHelpText('after', holdExamples)
    .action(async (instance: string, database: string, options: HoldOptions, command: Command) => {
      const { at, set, reason } = options;
      if (at === undefined && set === undefined) command.error('error: --at or --set must be given');
      const point = at === undefined ? { set: set ?? '' } : { at };
      const request: HoldRequest = { action: 'hold', instance, database, reason, ...point };
      refuseWrong(checkHoldRequest(request, Date.now()));
      const { hold } = await import('../actions/holds.ts');
      process.exitCode = await hold(request, globalsOf(command));
    });
}

const listExamples = `
Examples:
  mssql-pitr holds
  mssql-pitr holds mssql-rt --json`;

export function holdsCommand(): Command {
  return new Command('holds')
    .summary('list what is held')
    .description('List the restore points that are kept by hand, and how much they keep.')
    .argument('[instance]', 'name in temporal.yaml; all instances when left out')
    .addHelpText('after', listExamples)
    .action(async (instance: string | undefined, _options: object, command: Command) => {
      if (instance !== undefined) refuseWrong(checkHoldRequest({ action: 'list', instance }, Date.now()));
      const { listHolds } = await import('../actions/holds.ts');
      process.exitCode = await listHolds(instance, globalsOf(command));
    });
}

const releaseExamples = `
Example:
  mssql-pitr release mssql-rt.5f2c81aa

Nothing is removed at once: the next retention run removes what the recovery window does not need.`;

export function releaseCommand(): Command {
  return new Command('release')
    .summary('end a hold')
    .description('Let go of a restore point that is held.')
    .argument('<id>', 'id of the hold, as mssql-pitr holds shows it')
    .addHelpText('after', releaseExamples)
    .action(async (id: string, _options: object, command: Command) => {
      const instance = instanceOfHold(id);
      if (instance === null) {
        throw wrongInput(`${JSON.stringify(id)} is not the id of a hold.`, 'mssql-pitr holds shows them.');
      }
      const request: HoldRequest = { action: 'release', instance, id };
      refuseWrong(checkHoldRequest(request, Date.now()));
      const { release } = await import('../actions/holds.ts');
      process.exitCode = await release(request, globalsOf(command));
    });
}

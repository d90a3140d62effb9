import { Command, Option } from 'commander';
import { checkVerifyRequest, type VerifyRequest } from '../../workflows/domain/verify-request.ts';
import { refuseWrong } from '../request-problem.ts';
import { collect, globalsOf } from './globals.ts';

interface VerifyOptions {
  readonly database?: readonly string[];
  readonly detach?: boolean;
}

const examples = `
Examples:
  mssql-pitr verify mssql-rt
  mssql-pitr verify mssql-rt --database db2
  mssql-pitr verify

Every file is read and compared with its manifest. What is missing or damaged is not used any more until a later reading finds it
whole; the next backup run makes the chains whole again. Ends with 1 when anything is wrong. Foreign files are named and left alone.`;

export function verifyCommand(): Command {
  return new Command('verify')
    .summary('read the backups in the store again: missing, foreign and damaged files')
    .description(
      'Read all backups of an instance, check hashes, manifests and chains, and write a report into the store.',
    )
    .argument('[instance]', 'name in temporal.yaml; all instances, one after another, when left out')
    .option('--database <name>', 'only this database; may be given several times', collect)
    .option('--wait', 'show progress until the run ends (this is what happens anyway)')
    .addOption(new Option('--detach', 'return as soon as the run is started').conflicts('wait'))
    .addHelpText('after', examples)
    .action(async (instance: string | undefined, options: VerifyOptions, command: Command) => {
      const { database, detach } = options;
      if (instance === undefined && (database || detach))
        command.error('error: --database and --detach need an instance');
      const { verify, verifyAll } = await import('../actions/verify.ts');
      if (instance === undefined) {
        process.exitCode = await verifyAll(globalsOf(command));
        return;
      }
      const request: VerifyRequest = { instance, ...(database && { databases: database }) };
      refuseWrong(checkVerifyRequest(request));
      process.exitCode = await verify(request, { ...globalsOf(command), detach: detach ?? false });
    });
}

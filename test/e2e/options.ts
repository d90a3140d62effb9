import { resolve } from 'node:path';
import { Command } from 'commander';

export interface E2EOptions {
  /** Leave everything running to look at. */
  readonly keep: boolean;
  readonly rpoGoal: number;
  /** Two real servers instead of simulated ones. */
  readonly real: { readonly source: RealServer; readonly target: RealServer; readonly user: string } | null;
}

export interface RealServer {
  readonly host: string;
  readonly port: number;
  /** Host folder that it sees as /var/opt/mssql. */
  readonly dataRoot: string;
}

interface Flags {
  readonly keep: boolean;
  readonly rpoGoal: number;
  readonly source?: string;
  readonly sourceData?: string;
  readonly target?: string;
  readonly targetData?: string;
  readonly user: string;
}

export function readOptions(argv: readonly string[]): E2EOptions {
  const program = new Command('npm run e2e --')
    .description('Seed, back up, restore to a point in time on a new instance, measure, and decide GO or NO-GO.')
    .option('--keep', 'leave Temporal, the worker and both servers running to look at', false)
    .option('--rpo-goal <seconds>', 'largest RPO that is still GO', Number, 300)
    .option('--source <host:port>', 'a real SQL Server as the source (password in MSSQL_SA_PASSWORD)')
    .option('--source-data <folder>', 'host folder that the source sees as /var/opt/mssql')
    .option('--target <host:port>', 'a real, empty SQL Server as the target')
    .option('--target-data <folder>', 'host folder that the target sees as /var/opt/mssql')
    .option('--user <login>', 'SQL login of real servers', 'sa')
    .addHelpText('after', '\nExit code 0 on GO, 1 on NO-GO or failure, 130 when interrupted.');
  const flags = program.parse([...argv], { from: 'user' }).opts<Flags>();
  if (!(flags.rpoGoal > 0)) program.error('--rpo-goal must be a number of seconds');
  const { source, sourceData, target, targetData, user } = flags;
  if (!source && !sourceData && !target && !targetData) return { keep: flags.keep, rpoGoal: flags.rpoGoal, real: null };
  if (!source || !sourceData || !target || !targetData) {
    return program.error('real servers need all of --source, --source-data, --target and --target-data');
  }
  if (!process.env['MSSQL_SA_PASSWORD']) program.error('the password of real servers must be in MSSQL_SA_PASSWORD');
  const server = (address: string, dataRoot: string): RealServer => {
    const [, host, port] = /^(.+):(\d+)$/.exec(address) ?? program.error(`${address} is not host:port`);
    return { host: host ?? '', port: Number(port), dataRoot: resolve(dataRoot) };
  };
  const real = { source: server(source, sourceData), target: server(target, targetData), user };
  return { keep: flags.keep, rpoGoal: flags.rpoGoal, real };
}

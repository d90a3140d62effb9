#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { backupCommand } from './commands/backup.ts';
import { backupsCommand } from './commands/backups.ts';
import { catalogueCommand } from './commands/catalogue.ts';
import { cancelCommand } from './commands/cancel.ts';
import { completionCommand } from './commands/completion.ts';
import { doctorCommand } from './commands/doctor.ts';
import { holdCommand, holdsCommand, releaseCommand } from './commands/holds.ts';
import { restoreCommand } from './commands/restore.ts';
import { retentionCommand } from './commands/retention.ts';
import { schedulesCommand } from './commands/schedules.ts';
import { statusCommand } from './commands/status.ts';
import { verifyCommand } from './commands/verify.ts';
import { windowCommand } from './commands/window.ts';
import { exitCodes } from './exit-codes.ts';
import manifest from '../package.json' with { type: 'json' };

const help = `
Exit codes:
  0    done
  1    the run failed, was cancelled or was terminated; or doctor or verify found something wrong
  2    wrong usage, wrong input or a mistake in temporal.yaml: nothing was started; or a --check that found drift
  3    Temporal does not answer
  130  Ctrl-C: the command stopped watching; the run goes on

Where Temporal is: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and the other TEMPORAL_* variables, else the temporal.toml of the
temporal command, else localhost:7233. Results go to stdout, everything else to stderr.

Try it:
  npm run dev        (a server and a worker on this machine, in a terminal of its own)
  mssql-pitr backup mssql-rt --kind full
  mssql-pitr restore mssql-rt --target mssql-rt-2 --to latest --plan`;

function program(): Command {
  const root = new Command('mssql-pitr')
    .description('SQL Server backup chains and point-in-time restore, made durable with Temporal.')
    .version(manifest.version)
    .option('--config <file>', 'settings (default: MSSQL_PITR_CONFIG, else ./temporal.yaml)')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', help);
  const commands = [
    backupCommand(),
    restoreCommand(),
    statusCommand(),
    cancelCommand(),
    doctorCommand(),
    completionCommand(() => root),
    schedulesCommand(),
    windowCommand(),
    backupsCommand(),
    verifyCommand(),
    catalogueCommand(),
    retentionCommand(),
    holdCommand(),
    holdsCommand(),
    releaseCommand(),
  ];
  for (const command of [root, ...commands, ...commands.flatMap((each) => each.commands)]) {
    command
      .exitOverride()
      .showHelpAfterError('(--help shows what there is, with examples)')
      .configureHelp({ showGlobalOptions: true });
  }
  for (const command of commands) root.addCommand(command);
  return root;
}

// A reader that has seen enough (| head) ends the command; what it started goes on.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

try {
  await program().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.wrongInput;
  } else {
    const { report } = await import('./report.ts');
    process.exitCode = await report(error, process.argv.includes('--json'));
  }
}

import { Argument, Command } from 'commander';
import { scheduleKinds, type ScheduleKind } from '../../workflows/domain/schedule.ts';
import { globalsOf } from './globals.ts';

const examples = `
Examples:
  mssql-pitr schedules plan
  mssql-pitr schedules plan --check --json
  mssql-pitr schedules apply
  mssql-pitr schedules list mssql-rt
  mssql-pitr schedules pause mssql-rt log --note 'moving the volume, back at 14:00'
  mssql-pitr schedules resume mssql-rt log

Schedules are declared in temporal.yaml, for a group of instances or for one:

  groups:
    production:
      instances: all
      schedules:
        full: '0 1 * * 0'
        differential: { cron: '0 1 * * 1-6', timeZone: Europe/Berlin }
        log: every 1m
        retention: '30 3 * * *'
  instances:
    mssql-rt:
      schedules: { log: every 10s }

Each instance starts at moments of its own, so that not all start at once. "plan" shows which: "every 10s at +3s", or cron
with a field for the seconds in front ("32 7 1 * * 0" is Sunday 01:07:32).`;

const planHelp = `
Exit codes of plan --check:
  0    Temporal has what temporal.yaml declares
  2    it has not (or the file has a mistake): see what is different, then apply`;

const instance = (): Argument => new Argument('<instance>', 'name in temporal.yaml');
const kind = (): Argument => new Argument('[kind]', 'only this one of its schedules').choices([...scheduleKinds]);

/** What is done by the clock. Commands below it inherit nothing, so each is asked to behave as the others by main.ts. */
export function schedulesCommand(): Command {
  return new Command('schedules')
    .summary('plan, apply, list, pause and resume what runs by the clock')
    .description('Schedules of backups, retention and verification: declared in temporal.yaml, run by Temporal.')
    .addHelpText('after', examples)
    .addCommand(planCommand())
    .addCommand(applyCommand())
    .addCommand(listCommand())
    .addCommand(pauseCommand())
    .addCommand(resumeCommand())
    .addCommand(triggerCommand());
}

function planCommand(): Command {
  return new Command('plan')
    .description('Show what differs between temporal.yaml and Temporal, and change nothing.')
    .option('--check', 'end with exit code 2 when anything differs')
    .addHelpText('after', planHelp)
    .action(async (options: { check?: boolean }, command: Command) => {
      const { planSchedules } = await import('../actions/schedule-plan.ts');
      process.exitCode = await planSchedules({ ...globalsOf(command), check: options.check ?? false });
    });
}

function applyCommand(): Command {
  return new Command('apply')
    .description(
      'Make Temporal have what temporal.yaml declares. Pauses and notes stay; schedules of others are left alone.',
    )
    .action(async (_options: object, command: Command) => {
      const { applySchedules } = await import('../actions/schedule-plan.ts');
      process.exitCode = await applySchedules(globalsOf(command));
    });
}

function listCommand(): Command {
  return new Command('list')
    .description('Show when each schedule runs next, how its last run ended, and which are paused, with the note.')
    .argument('[instance]', 'only of this instance')
    .action(async (name: string | undefined, _options: object, command: Command) => {
      const { listSchedules } = await import('../actions/schedule-list.ts');
      process.exitCode = await listSchedules(name, globalsOf(command));
    });
}

function pauseCommand(): Command {
  return new Command('pause')
    .description('Pause the schedules of an instance, or one of them. An apply does not resume them.')
    .addArgument(instance())
    .addArgument(kind())
    .option('--note <text>', 'why; shown by list and in the Temporal UI')
    .action(async (name: string, of: ScheduleKind | undefined, options: { note?: string }, command: Command) => {
      const { pauseSchedules } = await import('../actions/schedule-control.ts');
      process.exitCode = await pauseSchedules({ instance: name, kind: of }, options.note, globalsOf(command));
    });
}

function resumeCommand(): Command {
  return new Command('resume')
    .description('Resume the schedules of an instance, or one of them.')
    .addArgument(instance())
    .addArgument(kind())
    .option('--note <text>', 'shown by list and in the Temporal UI')
    .action(async (name: string, of: ScheduleKind | undefined, options: { note?: string }, command: Command) => {
      const { resumeSchedules } = await import('../actions/schedule-control.ts');
      process.exitCode = await resumeSchedules({ instance: name, kind: of }, options.note, globalsOf(command));
    });
}

function triggerCommand(): Command {
  return new Command('trigger')
    .description('Start what a schedule would start, now; while a run of it goes on, as its overlap policy says.')
    .addArgument(instance())
    .addArgument(new Argument('<kind>', 'which of its schedules').choices([...scheduleKinds]))
    .action(async (name: string, of: ScheduleKind, _options: object, command: Command) => {
      const { triggerSchedules } = await import('../actions/schedule-control.ts');
      process.exitCode = await triggerSchedules({ instance: name, kind: of }, globalsOf(command));
    });
}

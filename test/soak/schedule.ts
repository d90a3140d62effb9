import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { runCli } from '../client/cli.ts';
import type { Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

export interface LogSchedule {
  /** No further run starts; returns when the last one has ended, with how the runs ended by state. */
  stop(): Promise<Readonly<Record<string, number>>>;
}

/** Log backups every 10 s, declared and applied as a user does. */
export async function scheduleLogs(stack: Stack): Promise<LogSchedule> {
  const settings = parse(await readFile(stack.configPath, 'utf8')) as { instances: { 'mssql-rt': object } };
  Object.assign(settings.instances['mssql-rt'], { schedules: { log: 'every 10s' } });
  const config = join(stack.folder, 'soak.yaml');
  await writeFile(config, stringify(settings));
  const cli = async (...args: string[]): Promise<void> => {
    const { code, stderr } = await runCli(['--config', config, 'schedules', ...args], {
      env: { TEMPORAL_ADDRESS: stack.temporal.address },
    });
    if (code !== 0) throw new Error(`schedules ${args.join(' ')} ended with ${code}: ${stderr}`);
  };
  await cli('apply');
  return {
    async stop() {
      await cli('pause', 'mssql-rt', 'log');
      const handle = stack.client.schedule.getHandle('mssql-pitr/mssql-rt/log');
      const taken = await until(
        'the end of the last scheduled run',
        async () => {
          const { info } = await handle.describe();
          // Each look makes the server ask the workflow that is behind the schedule.
          await pause(500);
          return info.runningActions.length === 0 && info.numActionsTaken;
        },
        120_000,
      );
      return until('every run in the list of runs', async () => {
        const states = await countStates(stack);
        const total = Object.values(states).reduce((sum, count) => sum + count, 0);
        return (states['RUNNING'] ?? 0) === 0 && total >= taken && states;
      });
    },
  };
}

async function countStates({ client }: Stack): Promise<Record<string, number>> {
  const states: Record<string, number> = {};
  const query = `WorkflowType = 'backupInstance' AND WorkflowId STARTS_WITH 'backup/mssql-rt/log-'`;
  for await (const { status } of client.workflow.list({ query })) {
    states[status.name] = (states[status.name] ?? 0) + 1;
  }
  return states;
}

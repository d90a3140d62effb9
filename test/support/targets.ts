import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readMade, type MadeInstance } from '../../activities/platform/local/made-instance.ts';
import { stopProcesses } from '../../activities/platform/local/processes.ts';
import { logFile } from '../../activities/platform/local/start-server.ts';
import { controlOf, type SqlServerControl } from './sqlserver-control.ts';
import { until } from './until.ts';

/** Instances that restores made below a folder. Their servers outlive the worker, so a test has to look after them. */
export async function madeInstances(folder: string): Promise<MadeInstance[]> {
  const names = await readdir(folder).catch(() => []);
  const made = await Promise.all(
    names.filter((name) => !name.includes('.')).map((name) => readMade(join(folder, name))),
  );
  return made.filter((each) => each !== null);
}

export async function stopMadeInstances(folder: string): Promise<void> {
  for (const made of await madeInstances(folder)) await stopProcesses({ token: made.token, patienceMs: 10_000 });
}

/** The control port of a made server: its ready line is in its log. */
export async function controlOfMade(
  folder: string,
  name: string,
): Promise<{ control: SqlServerControl; made: MadeInstance }> {
  return until(`the server ${name}`, async () => {
    const made = await readMade(join(folder, name)).catch(() => null);
    if (made === null) return null;
    const log = await readFile(logFile(made), 'utf8').catch(() => '');
    const ready = log.split('\n').findLast((line) => line.startsWith('{"ready"'));
    return ready === undefined
      ? null
      : { control: controlOf((JSON.parse(ready) as { controlPort: number }).controlPort), made };
  });
}

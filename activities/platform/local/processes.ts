import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { startTicks } from '../../executor/io/process.ts';

/** A process for good: a pid alone is used again. */
export interface ProcessRef {
  readonly pid: number;
  readonly startTicks: number;
}

/** Environment variable that marks every process of an instance that we started. */
export const tokenVariable = 'MSSQL_PITR_INSTANCE';

export async function isAlive(found: ProcessRef | null): Promise<boolean> {
  return found !== null && (await startTicks(found.pid)) === found.startTicks;
}

/** Processes that carry the token, parents first. Processes of other users cannot be looked into, and are not ours. */
export async function processesOf(token: string): Promise<readonly ProcessRef[]> {
  const marked = `${tokenVariable}=${token}`;
  const found: ProcessRef[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const environment = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '');
    if (!environment.split('\0').includes(marked)) continue;
    const ticks = await startTicks(Number(name));
    if (ticks !== null) found.push({ pid: Number(name), startTicks: ticks });
  }
  return found.sort((a, b) => a.startTicks - b.startTicks || a.pid - b.pid);
}

interface StopOptions {
  readonly token: string;
  /** How long the server may take to shut down by itself. */
  readonly patienceMs: number;
}

/** Ends an instance's processes: the first is asked to, and what is left after a while is killed. */
export async function stopProcesses({ token, patienceMs }: StopOptions): Promise<void> {
  const [first] = await processesOf(token);
  if (first !== undefined) {
    await signalTo(first, 'SIGTERM');
    const deadline = Date.now() + patienceMs;
    while ((await isAlive(first)) && Date.now() < deadline) await pause(50);
  }
  for (let left = await processesOf(token); left.length > 0; left = await processesOf(token)) {
    for (const one of left) await signalTo(one, 'SIGKILL');
    await pause(50);
  }
}

async function signalTo(target: ProcessRef, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (!(await isAlive(target))) return;
  try {
    process.kill(target.pid, signal);
  } catch (error) {
    if (await isAlive(target)) throw error;
  }
}

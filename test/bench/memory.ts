import { startBackup } from '../support/runs.ts';
import type { Stack } from '../support/stack.ts';
import type { Workload } from '../support/workload.ts';
import { eventCount } from '../workflows/support.ts';
import { watchMemory } from './resident-memory.ts';
import type { Section } from './section.ts';
import { withStack } from './with-stack.ts';

/** Garbage is collected late where memory is plenty: only after some runs does it grow no more. */
const logRuns = 6;

const megabytes = (bytes: number): number => bytes / 2 ** 20;

/** What the worker process holds resident while it backs up very many databases of one instance. */
export const memorySection: Section = {
  name: 'memory',
  title: 'memory of the worker process under a run over very many databases',
  async run({ measured, note }, { databases }) {
    await withStack(5e9, async (stack, source) => {
      const idle = await watchMemory(stack.worker.pid, () => createMany(source, databases));
      note(`idle: ${megabytes(idle.least).toFixed(0)} MB`);
      const run = async (kind: 'full' | 'log'): Promise<number> => {
        const { most, result } = await watchMemory(stack.worker.pid, () => runOver(stack, kind, databases));
        note(`${kind}: ${megabytes(most).toFixed(0)} MB, ${result}`);
        return megabytes(most);
      };
      measured({ what: `full run over ${databases} databases`, value: await run('full'), unit: 'MB', bound: 512 });
      const logs: number[] = [];
      for (let n = 1; n <= logRuns; n += 1) logs.push(await run('log'));
      const what = `${logRuns} log runs over ${databases} databases, one after the other`;
      measured({ what, value: Math.max(...logs), unit: 'MB', bound: 512 });
    });
  },
};

async function createMany(source: Workload, count: number): Promise<void> {
  for (let n = 1; n <= count; n += 1) await source.query(`CREATE DATABASE [many${n}]`);
}

async function runOver(stack: Stack, kind: 'full' | 'log', databases: number): Promise<string> {
  const began = performance.now();
  const run = await startBackup(stack, { kind });
  const { done } = await run.result();
  if (done !== databases) throw new Error(`only ${done} of ${databases} databases were backed up`);
  return `${((performance.now() - began) / 1000).toFixed(0)} s, ${await eventCount(run)} events`;
}

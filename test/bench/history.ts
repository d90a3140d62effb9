import { setTimeout as pause } from 'node:timers/promises';
import { backUp, startBackup, startRestore } from '../support/runs.ts';
import type { Stack } from '../support/stack.ts';
import type { Workload } from '../support/workload.ts';
import { eventCount } from '../workflows/support.ts';
import type { Section } from './section.ts';
import { withStack } from './with-stack.ts';

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `db${i + 1}`);
const logBackups = 20;

/** Events that real runs leave in Temporal. Counts: they are the same on every machine. */
export const historySection: Section = {
  name: 'history',
  title: 'events in the history of a run, counted on the real stack',
  async run({ measured, note }) {
    await withStack(1e9, async (stack, source) => {
      const one = await logRun(stack, source, names(1));
      const hundred = await logRun(stack, source, names(100));
      measured({ what: 'log run over 100 databases', value: hundred, unit: 'events', bound: 60 });
      note(`log run over 1 database: ${one} events`);
      measured({
        what: `restore of 3 databases, ${logBackups} logs each`,
        value: await restoreRun(stack, source),
        unit: 'events',
        bound: 250,
      });
    });
  },
};

async function logRun(stack: Stack, source: Workload, databases: readonly string[]): Promise<number> {
  const there = await source.query<{ name: string }>('SELECT name FROM sys.databases');
  const missing = databases.filter((database) => !there.some(({ name }) => name === database));
  for (const database of missing) {
    await source.create(database);
    await source.write(database, 'seed');
  }
  await backUp(stack, 'full', missing);
  const run = await startBackup(stack, { kind: 'log', databases });
  const { done } = await run.result();
  if (done !== databases.length) throw new Error(`only ${done} of ${databases.length} databases were backed up`);
  return eventCount(run);
}

async function restoreRun(stack: Stack, source: Workload): Promise<number> {
  const databases = ['restored1', 'restored2', 'restored3'];
  for (const database of databases) await source.create(database);
  await backUp(stack, 'full', databases);
  await pause(2_100);
  let to = '';
  for (let n = 1; n <= logBackups; n += 1) {
    for (const database of databases) await source.write(database, `note ${n}`);
    to = await source.now();
    // Headers carry whole seconds: a log of the same second does not prove that it covers the moment.
    if (n === logBackups) await pause(1_100);
    await backUp(stack, 'log', databases);
  }
  const run = await startRestore(stack, { target: 'target', to, databases });
  const result = await run.result();
  const applied = result.mode === 'restore' ? result.steps.map((step) => step.applied) : [];
  if (applied.length !== 3 || applied.some((steps) => steps !== 1 + logBackups))
    throw new Error(`not every backup was restored: ${applied.join(', ')}`);
  return eventCount(run);
}

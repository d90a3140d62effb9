import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { useBuiltBundle } from '../bench/built-bundle.ts';
import { backUp } from '../support/runs.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { assertNothingLost, readManifests } from '../support/store.ts';
import { openWorkload, type Workload } from '../support/workload.ts';
import { watchExposure } from './exposure.ts';
import { killWorkers, recoveries } from './kills.ts';
import { soakOptions, type SoakOptions } from './options.ts';
import { prove } from './proof.ts';
import { judge, reportText } from './report.ts';
import { scheduleLogs } from './schedule.ts';
import { startWriters } from './writers.ts';

const limitMs = 20_000;
const writeEveryMs = 250;
/** Away from both ends of the run, where there is nothing to be lost. */
const marginMs = 10_000;

async function soak(options: SoakOptions, stack: Stack, source: Workload): Promise<boolean> {
  const databases = Array.from({ length: options.databases }, (_, i) => `db${String(i + 1).padStart(2, '0')}`);
  for (const database of databases) await source.create(database);
  await backUp(stack, 'full');
  const schedule = await scheduleLogs(stack);
  const writers = startWriters(source, databases, writeEveryMs);
  const watch = watchExposure(join(stack.storePath, 'mssql-rt'), databases);
  const startMs = Date.now();
  const endMs = startMs + options.minutes * 60_000;
  say(
    `${databases.length} databases are written to and backed up every 10 s; a worker dies every ${options.killEverySeconds} s`,
  );

  const random = randomOf(options.seed);
  const everyMs = options.killEverySeconds * 1000;
  const kills = await killWorkers(stack, { everyMs, untilMs: endMs - everyMs / 2, random });
  await pause(Math.max(0, endMs - Date.now()));
  await writers.stop();
  await watch.stop();
  const stoppedMs = Date.now();
  say('The writers have stopped; the last backups …');
  const runs = await schedule.stop();
  await backUp(stack, 'log');
  const chains = await assertNothingLost(stack, source, databases).then(
    () => null,
    (error: Error) => error.message,
  );
  // A whole second, as people name them.
  const [fromMs, toMs] = [startMs + marginMs, stoppedMs - marginMs];
  const targetMs = Math.ceil((fromMs + random() * (toMs - fromMs)) / 1000) * 1000;
  say(`Restoring ${databases.length} databases to ${new Date(targetMs).toISOString()} …`);
  const proof = await prove(stack, targetMs, writers);
  const facts = {
    ...options,
    databases: databases.length,
    limitMs,
    startMs,
    rows: [...writers.commits.values()].reduce((sum, rows) => sum + rows.length, 0),
    runs,
    logs: (await readManifests(stack)).filter(({ kind }) => kind === 'log').length,
    samples: watch.samples,
    recoveries: recoveries(kills, watch.samples, limitMs, endMs),
    chains,
    proof,
  };
  const checks = judge(facts);
  console.log(reportText(facts, checks));
  return checks.every(({ ok }) => ok);
}

/** Numbers from 0 to 1: a linear congruential generator (Numerical Recipes) is enough to pick moments. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function say(line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}

const options = soakOptions(process.argv.slice(2));
const folder = await mkdtemp(join(tmpdir(), 'mssql-pitr-soak-'));
let stack: Stack | undefined;
let source: Workload | undefined;
try {
  await useBuiltBundle(folder);
  stack = await startStack({ folder });
  say(`Temporal UI: ${stack.temporal.uiUrl}`);
  source = await openWorkload(stack.source.port, stack.password);
  process.exitCode = (await soak(options, stack, source)) ? 0 : 1;
} finally {
  await source?.close();
  await stack?.stop();
  await rm(folder, { recursive: true, force: true });
}

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isAlive, tokenVariable } from '../../activities/platform/local/processes.ts';
import { logFile } from '../../activities/platform/local/start-server.ts';
import { takeAlong } from '../support/children.ts';
import { hold, type HoldRequest } from '../support/holds.ts';
import { backUp, restore, startRestore, type RestoreHandle } from '../support/runs.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { controlOfMade } from '../support/targets.ts';
import { until } from '../support/until.ts';
import { openWorkload, type Workload } from '../support/workload.ts';

/** Processes die, by SIGKILL, at exact places of a restore; it must go on from there and end at the very moment. */
const databases = ['db1', 'db2'];
const target = 'mssql-rt-target';
let stack: Stack;
let source: Workload;
let moment = '';

before(async () => {
  stack = await startStack();
  source = await openWorkload(stack.source.port, stack.password);
  for (const database of databases) {
    await source.create(database);
    await source.write(database, 'seed');
  }
  await backUp(stack, 'full');
  await pause(2_100);
  for (const wave of ['wave1', 'wave2']) {
    for (const database of databases) await source.write(database, wave);
    await backUp(stack, 'log');
  }
  await pause(20);
  moment = await source.now();
  await pause(20);
  for (const database of databases) await source.write(database, 'too late');
  // Headers carry whole seconds: a log of the same second does not prove that it covers the moment.
  await pause(1_100);
  await backUp(stack, 'log');
  // Makes the target instance, so that holds can be set on it before the restore that is interrupted.
  await restore(stack, { target, to: moment, rename: { db1: 'first1', db2: 'first2' } });
});
after(async () => {
  await source?.close();
  await stack?.stop();
});

async function killWorker(): Promise<void> {
  await stack.worker.kill();
  await stack.replaceWorker();
}

/** The target dies, and comes back on its data as an orchestrator would bring it back. */
async function killTarget(): Promise<void> {
  const { made, control } = await controlOfMade(stack.instancesFolder, target);
  const before = control.url;
  assert.ok(made.process);
  process.kill(made.process.pid, 'SIGKILL');
  await until('the end of the target', async () => !(await isAlive(made.process)));
  // Into its log, where its control port is looked up.
  const log = await open(logFile(made), 'a');
  const child = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('../sqlserver/main.ts', import.meta.url)),
      '--data-root',
      made.dataRoot,
      '--port',
      String(made.port),
      '--server-name',
      target,
      '--control-port',
      '0',
    ],
    {
      env: { ...process.env, MSSQL_SA_PASSWORD: stack.password, [tokenVariable]: made.token },
      stdio: ['ignore', log.fd, log.fd],
    },
  );
  takeAlong(child);
  await log.close();
  await until('the target to take logins again', async () => {
    if (child.exitCode !== null)
      throw new Error(`the target did not come back: ${await readFile(logFile(made), 'utf8')}`);
    return (await controlOfMade(stack.instancesFolder, target)).control.url !== before;
  });
}

const places: readonly (Omit<HoldRequest, 'database'> & { readonly place: string })[] = [
  { place: 'in the middle of RESTORE DATABASE', at: 'restore-database', atPercent: 30 },
  { place: 'in the middle of RESTORE LOG', at: 'restore-log', atPercent: 30 },
  { place: 'before the final recovery', at: 'recover' },
];

let round = 0;
for (const { place, ...at } of places) {
  test(`the worker dies ${place}`, () => interrupted(at, killWorker, true));
}
for (const { place, ...at } of places) {
  test(`SQL Server dies ${place}`, () => interrupted(at, killTarget, false));
}

async function interrupted(
  at: Omit<HoldRequest, 'database'>,
  kill: () => Promise<void>,
  release: boolean,
): Promise<void> {
  round += 1;
  const rename = Object.fromEntries(databases.map((database) => [database, `${database}_${round}`]));
  const { control } = await controlOfMade(stack.instancesFolder, target);
  const held = await hold(control, { ...at, database: `db2_${round}` });
  const run: RestoreHandle = await startRestore(stack, { target, to: moment, rename });
  await held.reached();
  await kill();
  if (release) await held.release();
  const result = await run.result();
  assert.equal(result.mode, 'restore');

  const { made } = await controlOfMade(stack.instancesFolder, target);
  const client = await openWorkload(made.port, stack.password);
  try {
    for (const database of databases)
      assert.deepEqual(await client.notes(rename[database] ?? ''), ['seed', 'wave1', 'wave2']);
    const rows = await client.query<{ name: string }>(`SELECT name FROM sys.databases WHERE state_desc <> 'ONLINE'`);
    assert.deepEqual(rows, []);
  } finally {
    await client.close();
  }
}

import assert from 'node:assert/strict';
import { rename, writeFile, rm } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { hold } from '../support/holds.ts';
import { backUp, restore, startBackup } from '../support/runs.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { assertNothingLost, filesBelow } from '../support/store.ts';
import { controlOfMade } from '../support/targets.ts';
import { until } from '../support/until.ts';
import { openWorkload, type Workload } from '../support/workload.ts';

/**
 * Processes die, by SIGKILL, at exact places of a backup run; each run must still end well, and the chain must have no
 * hole, no duplicate and no lost file. At the end a restore to the latest moment must hold every row ever committed.
 */
const databases = ['db1', 'db2', 'db3'];
const committed = new Map(databases.map((database) => [database, [] as string[]]));

let stack: Stack;
let source: Workload;

before(async () => {
  stack = await startStack();
  source = await openWorkload(stack.source.port, stack.password);
  for (const database of databases) await source.create(database);
  await write('seed');
  await backUp(stack, 'full');
});
after(async () => {
  await source?.close();
  await stack?.stop();
});

async function write(note: string): Promise<void> {
  for (const database of databases) {
    await source.write(database, note);
    committed.get(database)?.push(note);
  }
}

async function killWorker(): Promise<void> {
  await stack.worker.kill();
  await stack.replaceWorker();
}

async function killSource(): Promise<void> {
  await stack.source.kill();
  await source.close();
  await stack.restartSource();
  source = await openWorkload(stack.source.port, stack.password);
}

const victims = [
  { name: 'the worker', kill: killWorker },
  { name: 'SQL Server', kill: killSource },
];

for (const { name, kill } of victims) {
  test(`${name} dies in the middle of BACKUP LOG`, async () => {
    await write(`before ${name} dies in BACKUP LOG`);
    const held = await hold(stack.source.control, { at: 'backup-log', database: 'db2', atPercent: 1 });
    const run = await startBackup(stack, { kind: 'log' });
    await held.reached();
    await kill();
    if (name === 'the worker') await held.release();
    await run.result();
    await assertNothingLost(stack, source, databases);
  });

  test(`${name} dies after BACKUP LOG has finished and before anybody heard of it`, async () => {
    await write(`before ${name} dies after BACKUP LOG`);
    const held = await hold(stack.source.control, { at: 'after-history', database: 'db2' });
    const run = await startBackup(stack, { kind: 'log' });
    await held.reached();
    await kill();
    if (name === 'the worker') await held.release();
    const result = await run.result();
    assert.ok(result.adopted >= 1, 'the finished backup was not adopted');
    await assertNothingLost(stack, source, databases);
  });

  test(`${name} dies between BACKUP LOG and the copy`, async () => {
    await write(`before ${name} dies before the copy`);
    const held = await hold(stack.source.control, { at: 'after-history', database: 'db3' });
    const run = await startBackup(stack, { kind: 'log' });
    await held.reached();
    // The store is away, so that the copy cannot begin: a file stands where its folder was.
    await withoutStore(async () => {
      await held.release();
      await until('a copy that failed', async () => {
        const { pendingActivities } = (await run.describe()).raw;
        return pendingActivities?.some((each) => each.activityType?.name === 'commitStaged' && (each.attempt ?? 0) > 1);
      });
      await kill();
    });
    await run.result();
    await assertNothingLost(stack, source, databases);
  });

  test(`${name} dies in the middle of the copy`, async () => {
    await stack.source.control.request('POST', '/databases/db3/ballast/log', { megabytes: 256 });
    await write(`before ${name} dies in the copy`);
    const run = await startBackup(stack, { kind: 'log' });
    await until('a half copied file', async () =>
      (await filesBelow(stack.storePath)).some((path) => path.includes('.partial')),
    );
    await kill();
    await run.result();
    await assertNothingLost(stack, source, databases);
  });
}

test('after all this, the latest moment holds every row that was committed', async () => {
  await backUp(stack, 'log');
  await restore(stack, { target: 'target-1', to: 'latest' });
  const { made } = await controlOfMade(stack.instancesFolder, 'target-1');
  const target = await openWorkload(made.port, stack.password);
  try {
    for (const database of databases) assert.deepEqual(await target.notes(database), committed.get(database));
  } finally {
    await target.close();
  }
});

async function withoutStore(work: () => Promise<void>): Promise<void> {
  const aside = `${stack.storePath}.aside`;
  await rename(stack.storePath, aside);
  await writeFile(stack.storePath, 'not a folder');
  await work();
  await rm(stack.storePath);
  await rename(aside, stack.storePath);
}

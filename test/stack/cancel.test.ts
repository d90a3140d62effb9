import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WorkflowFailedError } from '@temporalio/client';
import { hold } from '../support/holds.ts';
import { backUp, restore, startBackup, startRestore } from '../support/runs.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { assertNothingLost, filesBelow } from '../support/store.ts';
import { controlOfMade, madeInstances } from '../support/targets.ts';
import { until } from '../support/until.ts';
import { openWorkload, type Workload } from '../support/workload.ts';

let stack: Stack;
let source: Workload;
before(async () => {
  stack = await startStack();
  source = await openWorkload(stack.source.port, stack.password);
  await source.create('db1');
  await source.write('db1', 'seed');
  await backUp(stack, 'full');
  await backUp(stack, 'log');
});
after(async () => {
  await source?.close();
  await stack?.stop();
});

async function assertCancelled(result: Promise<unknown>): Promise<void> {
  await assert.rejects(
    result,
    (error) => error instanceof WorkflowFailedError && error.cause?.name === 'CancelledFailure',
  );
}

test('a cancelled backup stops the BACKUP in the server, and the next run continues the chain', async () => {
  await source.write('db1', 'before the cancelled backup');
  const held = await hold(stack.source.control, { at: 'backup-log', database: 'db1' });
  const run = await startBackup(stack, { kind: 'log' });
  await held.reached();
  await run.cancel();
  await assertCancelled(run.result());
  await held.release();
  const running = await source.query(`SELECT command FROM sys.dm_exec_requests WHERE command LIKE 'BACKUP%'`);
  assert.deepEqual(running, []);
  await backUp(stack, 'log');
  await assertNothingLost(stack, source, ['db1']);
});

test('a cancelled restore removes the instance that it made', async () => {
  await restore(stack, { target: 'kept', to: 'latest' });
  const run = await startRestore(stack, { target: 'made-and-removed', to: 'latest', checkDb: true });
  const { made } = await controlOfMade(stack.instancesFolder, 'made-and-removed');
  await run.cancel();
  await assertCancelled(run.result());
  await until('the end of the instance', async () => (await filesBelow(made.dataRoot)).length === 0);
  assert.deepEqual(
    (await madeInstances(stack.instancesFolder)).map((each) => each.name),
    ['kept'],
  );
});

test('a cancelled restore to an instance that was there removes its databases and staged files, and nothing else', async () => {
  const { control, made } = await controlOfMade(stack.instancesFolder, 'kept');
  const held = await hold(control, { at: 'restore-log', database: 'db1_again' });
  const run = await startRestore(stack, { target: 'kept', to: 'latest', rename: { db1: 'db1_again' } });
  await held.reached();
  await run.cancel();
  await assertCancelled(run.result());
  await held.release();
  const target = await openWorkload(made.port, stack.password);
  try {
    const names = await target.query<{ name: string }>(
      `SELECT name FROM sys.databases WHERE name LIKE 'db%' ORDER BY name`,
    );
    assert.deepEqual(
      names.map((row) => row.name),
      ['db1'],
    );
    assert.deepEqual(await target.notes('db1'), await source.notes('db1'));
  } finally {
    await target.close();
  }
  const staged = (await filesBelow(`${made.dataRoot}/restore-staging`)).length;
  assert.equal(staged, 0, 'staged files are left');
});

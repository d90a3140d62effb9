import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { backUp, restore } from '../support/runs.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { controlOfMade } from '../support/targets.ts';
import { openWorkload, type Workload } from '../support/workload.ts';

const awkward = `we]ird 'naïve" ../db`;

let stack: Stack;
let source: Workload;
before(async () => {
  stack = await startStack();
  source = await openWorkload(stack.source.port, stack.password);
});
after(async () => {
  await source?.close();
  await stack?.stop();
});

test('three databases reach one moment: one through a differential, one with an awkward name, one made after the first full', async () => {
  const databases = ['with differential', awkward, 'late'];
  for (const database of databases.slice(0, 2)) {
    await source.create(database);
    await source.write(database, 'seed');
  }
  await backUp(stack, 'full');
  await source.create('late');
  await source.write('late', 'seed');
  await source.write('with differential', 'before the differential');
  await backUp(stack, 'differential', ['with differential']);

  const promoted = await backUp(stack, 'log');
  assert.deepEqual(
    promoted.changed.map(({ database, action }) => ({ database, action })),
    [{ database: 'late', action: 'full' }],
  );
  await pause(2_100);
  for (const database of databases) await source.write(database, 'before the moment');
  await backUp(stack, 'log');
  await pause(20);
  const moment = await source.now();
  await pause(20);
  for (const database of databases) await source.write(database, 'after the moment');
  // Headers carry whole seconds: a log of the same second does not prove that it covers the moment.
  await pause(1_100);
  await backUp(stack, 'log');

  const result = await restore(stack, { target: 'target-1', to: moment, checkDb: true });
  const plans = new Map(result.plan.databases.map((each) => [each.database, each]));
  assert.ok(plans.get('with differential')?.differential, 'the differential was not used');
  assert.equal(result.plan.targetTime, moment);
  assert.equal(new Set(result.certificate.databases.map((point) => point.database)).size, 3);

  const { made } = await controlOfMade(stack.instancesFolder, 'target-1');
  const target = await openWorkload(made.port, stack.password);
  try {
    assert.deepEqual(await target.notes('with differential'), ['seed', 'before the differential', 'before the moment']);
    assert.deepEqual(await target.notes(awkward), ['seed', 'before the moment']);
    assert.deepEqual(await target.notes('late'), ['seed', 'before the moment']);
  } finally {
    await target.close();
  }
});

test('an idle database is neither refused nor left RESTORING, and its exposure does not grow', async () => {
  await source.create('idle');
  await source.write('idle', 'only row');
  await backUp(stack, 'full', ['idle']);
  const exposures: number[] = [];
  for (let run = 0; run < 3; run++) {
    await pause(3_000);
    const result = await backUp(stack, 'log', ['idle', 'late']);
    exposures.push(result.exposure.find((each) => each.database === 'idle')?.exposureSeconds ?? Infinity);
  }
  assert.ok(Math.max(...exposures) < 3, `exposure after each run: ${exposures.join(', ')} s`);

  const [row] = await source.query<{ lag: number }>(
    `SELECT DATEDIFF(second, MAX(last_valid_restore_time), MAX(backup_start_date)) AS lag FROM msdb.dbo.backupset WHERE database_name = 'idle' AND type = 'L'`,
  );
  assert.ok(
    (row?.lag ?? 0) >= 3,
    `the server's own last_valid_restore_time lags only ${row?.lag} s: nothing was tested`,
  );
  await source.write('late', 'after the idle moment');

  const result = await restore(stack, { target: 'target-2', to: 'latest', databases: ['idle', 'late'] });
  const idle = result.certificate.databases.find((point) => point.database === 'idle');
  assert.equal(idle?.reach, 'nothing-between');
  const { made } = await controlOfMade(stack.instancesFolder, 'target-2');
  const target = await openWorkload(made.port, stack.password);
  try {
    assert.deepEqual(await target.notes('idle'), ['only row']);
  } finally {
    await target.close();
  }
});

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { appendFile, readdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { RetentionResult } from '../../workflows/apply-retention.ts';
import { durationText } from '../../workflows/domain/schedule-duration.ts';
import { runCli } from '../client/cli.ts';
import { assertWhole, daysOfBackups, endOf, unfinished } from '../executor/retention-store.ts';
import { fillStore } from '../executor/support.ts';
import { hold } from '../support/holds.ts';
import { backUp, restore, startRestore } from '../support/runs.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { readManifests } from '../support/store.ts';
import { controlOfMade } from '../support/targets.ts';
import { until } from '../support/until.ts';
import { openWorkload, type Workload } from '../support/workload.ts';

/** Retention beside restores that run, and with processes that die. The window is so short that all but the newest may go. */
const target = 'mssql-rt-target';
const windowMs = 1000;
let stack: Stack;
let source: Workload;
let moment = '';
let oldSets: string[] = [];

before(async () => {
  stack = await startStack();
  await appendFile(stack.configPath, `retention: { window: ${durationText(windowMs)}, minFulls: 1 }\n`);
  await stack.worker.kill();
  await stack.replaceWorker();
  source = await openWorkload(stack.source.port, stack.password);
  await source.create('db1');
  await source.write('db1', 'seed');
  await backUp(stack, 'full');
  await nextSeconds();
  await source.write('db1', 'wave1');
  moment = await source.now();
  await nextSeconds();
  await source.write('db1', 'too late');
  await backUp(stack, 'log');
  oldSets = (await readManifests(stack)).map(({ id }) => id);
  // Makes the target instance, so that holds can be set on it.
  await restore(stack, { target, to: moment, rename: { db1: 'first' } });
  await nextSeconds();
  await backUp(stack, 'full');
  await nextSeconds();
  await backUp(stack, 'log');
  // Only now is all of the first chain older than the window.
  await nextSeconds();
});
after(async () => {
  await source?.close();
  await stack?.stop();
});

/** Header times are whole seconds: until the clock is two seconds on. */
async function nextSeconds(): Promise<void> {
  const from = Date.parse(await source.now());
  await until('two seconds', async () => Date.parse(await source.now()) > from + 2_000);
}

async function startRetention(mode: 'plan' | 'apply' = 'apply') {
  return stack.client.workflow.start('applyRetention', {
    workflowId: `test-retention/${randomUUID()}`,
    taskQueue: stack.taskQueue,
    args: [{ instance: 'mssql-rt', mode }],
  });
}

async function retain(mode: 'plan' | 'apply' = 'apply'): Promise<RetentionResult> {
  return (await (await startRetention(mode)).result()) as RetentionResult;
}

async function oldSetsLeft(): Promise<number> {
  return (await readManifests(stack)).filter(({ id }) => oldSets.includes(id)).length;
}

async function leases(): Promise<string[]> {
  return readdir(join(stack.storePath, 'mssql-rt', '.leases')).catch(() => []);
}

test('what a restore reads stays while it runs, whatever the window; a terminated restore keeps nothing', async () => {
  assert.deepEqual(await leases(), [], 'the restore before has ended its lease');
  const { control } = await controlOfMade(stack.instancesFolder, target);
  const stands = await hold(control, { at: 'restore-log', database: 'second' });
  const running = await startRestore(stack, { target, to: moment, rename: { db1: 'second' } });
  await stands.reached();

  const beside = await retain();
  assert.equal(beside.leases.held, 1);
  assert.equal(await oldSetsLeft(), oldSets.length);
  assert.match(JSON.stringify(beside.databases), /the restore \S+ reads it/);
  await stands.release();
  const result = await running.result();
  assert.equal(result.mode, 'restore');
  assert.deepEqual(await leases(), []);

  const again = await hold(control, { at: 'restore-log', database: 'third' });
  const lost = await startRestore(stack, { target, to: moment, rename: { db1: 'third' } });
  await again.reached();
  assert.equal((await leases()).length, 1);
  await lost.terminate('lost');
  const afterwards = await retain();
  assert.equal(afterwards.leases.ended.length, 1, 'Temporal says that it runs no more');
  assert.deepEqual(await leases(), []);
  assert.equal(await oldSetsLeft(), 0);
  assert.equal(afterwards.removed.sets, oldSets.length);
  await again.release();
  assertWhole(stack.storePath, 'db1');
});

test('a restore that is cancelled ends its lease', async () => {
  const { control } = await controlOfMade(stack.instancesFolder, target);
  const stands = await hold(control, { at: 'restore-log', database: 'fourth' });
  const latest = (await readManifests(stack)).filter(({ kind }) => kind === 'log').at(-1);
  const running = await startRestore(stack, { target, to: latest?.startedAt ?? '', rename: { db1: 'fourth' } });
  await stands.reached();
  assert.equal((await leases()).length, 1);
  await running.cancel();
  await stands.release();
  await assert.rejects(running.result());
  assert.deepEqual(await leases(), []);
});

test('a worker that is killed in the middle of a removal leaves nothing half removed', async () => {
  fillStore(stack.storePath, daysOfBackups('old', 300));
  const running = await startRetention();
  const journals = join(stack.storePath, 'mssql-rt', '.retention');
  await until(
    'a journal',
    () => existsSync(journals) && unfinished(stack.storePath).some((name) => name.endsWith('.json')),
  );
  await stack.worker.kill();
  const inTheMiddle = unfinished(stack.storePath);
  await stack.replaceWorker();
  const result = (await running.result()) as RetentionResult;
  assert.ok(inTheMiddle.length > 0, 'it was in the middle');
  assert.deepEqual(unfinished(stack.storePath), []);
  assert.equal(
    assertWhole(stack.storePath, 'old').length,
    result.databases.find(({ database }) => database === 'old')?.kept.sets,
  );
  assert.ok(result.finished + result.removed.sets > 2_000);
});

test('the command line shows a plan, holds a point, lists and releases it', async () => {
  const env = { TEMPORAL_ADDRESS: stack.temporal.address, COLUMNS: '110' };
  const cli = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runCli(['--config', stack.configPath, ...args], { env });
    if (process.env['SHOW']) process.stderr.write(`$ mssql-pitr ${args.join(' ')}\n${stdout}${stderr}\n`);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  fillStore(stack.storePath, daysOfBackups('old db', 3));
  const point = new Date(endOf(1) + 5 * 3_600_000).toISOString();
  const planned = await cli('retention', 'mssql-rt', '--plan', '--database', 'old db');
  assert.match(planned, /window 1s \(since .*\), at least 1 full: 14 sets, .* would be removed; 7 sets, .* kept/);
  assert.match(planned, /Nothing was removed/);
  const held = await cli('hold', 'mssql-rt', 'old db', '--at', point, '--reason', 'audit');
  const [id = ''] = /mssql-rt\.[0-9a-f]{8}/.exec(held) ?? [];
  assert.match(await cli('holds'), new RegExp(`${id}.*old db`));
  assert.match(await cli('retention', 'mssql-rt', '--database', 'old db'), /: 11 sets, .* removed; 10 sets/);
  assert.match(await cli('release', id), /Released/);
  const last = JSON.parse(await cli('retention', 'mssql-rt', '--json')) as { result: RetentionResult };
  assert.equal(last.result.removed.sets, 3);
});

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { ScheduleDescription } from '@temporalio/client';
import { parse, stringify } from 'yaml';
import { updateSchedule } from '../../client/schedules/update.ts';
import { startDevServer, type DevServer } from '../../worker/dev/dev-server.ts';
import { temporalBinary } from '../../worker/dev/temporal-binary.ts';
import { runCli, type CliResult } from '../client/cli.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { readManifests } from '../support/store.ts';
import { until } from '../support/until.ts';
import { openWorkload, type Workload } from '../support/workload.ts';

const logId = 'mssql-pitr/mssql-rt/log';
const fullId = 'mssql-pitr/mssql-rt/full';

let stack: Stack;
let source: Workload;
let config = '';
let secondServer: DevServer | undefined;

before(async () => {
  stack = await startStack();
  config = join(stack.folder, 'schedules.yaml');
  source = await openWorkload(stack.source.port, stack.password);
  await source.create('db1');
});
after(async () => {
  await source?.close();
  await stack?.stop();
  await secondServer?.stop();
});

async function declare(schedules: object): Promise<void> {
  const settings = parse(await readFile(stack.configPath, 'utf8')) as { instances: { 'mssql-rt': object } };
  Object.assign(settings.instances['mssql-rt'], { schedules });
  await writeFile(config, stringify(settings));
}

function cli(...args: string[]): Promise<CliResult> {
  const env = { TEMPORAL_ADDRESS: stack.temporal.address, MSSQL_PITR_CONFIG: config, TZ: 'UTC', COLUMNS: '140' };
  return runCli(['schedules', ...args], { env });
}

async function ok(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await cli(...args);
  assert.equal(code, 0, stderr);
  return stdout;
}

function describe(id: string): Promise<ScheduleDescription> {
  return stack.client.schedule.getHandle(id).describe();
}

async function ids(): Promise<string[]> {
  const found: string[] = [];
  for await (const { scheduleId } of stack.client.schedule.list()) found.push(scheduleId);
  return found.toSorted();
}

/** The moments for which runs of a kind were started, from the ids that Temporal gave them. */
async function startsOf(kind: string): Promise<number[]> {
  const query = `WorkflowId STARTS_WITH 'backup/mssql-rt/${kind}-'`;
  const starts: number[] = [];
  for await (const { workflowId } of stack.client.workflow.list({ query })) {
    starts.push(Date.parse(workflowId.slice(`backup/mssql-rt/${kind}-`.length)));
  }
  return starts.toSorted((a, b) => a - b);
}

async function completed(kind: string): Promise<number> {
  const query = `WorkflowId STARTS_WITH 'backup/mssql-rt/${kind}-' AND ExecutionStatus = 'Completed'`;
  return (await stack.client.workflow.count(query)).count;
}

const passed = (ms: number): Promise<boolean> => until('that moment', () => Date.now() >= ms, 120_000);

/** As until, once a second: each look makes the server ask the workflow that is behind a schedule. */
function seldom<T>(what: string, probe: () => Promise<T | false>, withinMs = 120_000): Promise<T> {
  return until(
    what,
    async () => {
      const found = await probe();
      if (found === false) await pause(1_000);
      return found;
    },
    withinMs,
  );
}

test('before the first apply the plan shows what is missing, and --check ends with 2', async () => {
  await declare({ full: '0 1 * * 0', log: 'every 15m' });
  const plan = await cli('plan', '--check');
  assert.equal(plan.code, 2, plan.stderr);
  assert.match(plan.stdout, /mssql-pitr\/mssql-rt\/full.*create[^]*2 to create/);
  assert.deepEqual(await ids(), [], 'a plan made something');
});

test('an apply makes it so, and a second one changes nothing', async () => {
  assert.match(await ok('apply'), /2 created/);
  const first = await Promise.all([describe(logId), describe(fullId)]);
  assert.match(await ok('apply'), /2 unchanged/);
  const second = await Promise.all([describe(logId), describe(fullId)]);
  for (const [i, each] of second.entries()) {
    assert.equal(each.info.lastUpdatedAt, undefined, 'it was updated');
    assert.deepEqual(each.raw.conflictToken, first[i]?.raw.conflictToken);
  }
  await ok('plan', '--check');
});

test('a scheduled run finds its way: queue, input, search attributes, no time limits', async () => {
  const { action, policies } = await describe(logId);
  assert.equal(action.taskQueue, stack.taskQueue);
  assert.deepEqual(action.args, [{ instance: 'mssql-rt', kind: 'log' }]);
  assert.equal(action.workflowExecutionTimeout, undefined);
  assert.equal(policies.overlap, 'BUFFER_ONE');
  assert.equal(policies.catchupWindow, 15 * 60_000);
  assert.equal(policies.pauseOnFailure, false);
  const found: string[] = [];
  for await (const each of stack.client.schedule.list({ query: "SqlInstance = 'mssql-rt' AND BackupKind = 'log'" })) {
    found.push(each.scheduleId);
  }
  assert.deepEqual(found, [logId]);
});

test('a changed file is drift, an apply mends it, and the pause and note of a person survive', async () => {
  const note = 'the volume moves, back at 14:00';
  await ok('pause', 'mssql-rt', 'log', '--note', note);
  await ok('plan', '--check');
  await declare({ full: '0 1 * * 0', log: { every: '30m', overlap: 'skip' } });
  const plan = await cli('plan', '--check', '--json');
  assert.equal(plan.code, 2);
  const { changes } = JSON.parse(plan.stdout) as {
    changes: { action: string; byHand?: boolean; fields?: { field: string }[] }[];
  };
  const change = changes.find(({ action }) => action === 'change');
  assert.equal(change?.byHand, false);
  assert.ok(change.fields?.some(({ field }) => field === 'when'));
  assert.match(await ok('apply'), /1 changed, 1 unchanged/);
  const { state, spec, policies } = await describe(logId);
  assert.deepEqual({ paused: state.paused, note: state.note }, { paused: true, note });
  assert.equal(spec.intervals?.[0]?.every, 30 * 60_000);
  assert.equal(policies.overlap, 'SKIP');
  await ok('plan', '--check');
  const list = await ok('list');
  assert.match(list, /paused: the volume moves, back/);
});

test('what somebody changed by hand is drift too, and is said to be by hand', async () => {
  await stack.client.schedule.getHandle(fullId).update((before) => ({
    ...before,
    spec: { cronExpressions: ['0 5 * * *'] },
    policies: { ...before.policies, pauseOnFailure: true },
  }));
  const plan = await cli('plan', '--check');
  assert.equal(plan.code, 2);
  assert.match(plan.stdout, /\(changed by hand\)/);
  await ok('apply');
  assert.equal((await describe(fullId)).policies.pauseOnFailure, false);
  await ok('plan', '--check');
});

test('a pause that comes while an update is on its way is not undone', async () => {
  const handle = stack.client.schedule.getHandle(fullId);
  let looks = 0;
  await updateSchedule(stack.client, fullId, async (before) => {
    looks += 1;
    if (looks === 1) await handle.pause('by a person, just now');
    return { ...before, policies: { ...before.policies, catchupWindow: 60_000 } };
  });
  const { state, policies } = await describe(fullId);
  assert.deepEqual([looks, state.paused, state.note], [2, true, 'by a person, just now']);
  assert.equal(policies.catchupWindow, 60_000);
  await ok('apply');
  await ok('resume', 'mssql-rt', 'full');
});

test('schedules of others are left alone, and what is declared no more is removed', async () => {
  const foreign = 'nightly-report';
  await stack.client.schedule.create({
    scheduleId: foreign,
    spec: { intervals: [{ every: '1 day' }] },
    action: { type: 'startWorkflow', workflowType: 'report', taskQueue: stack.taskQueue, args: [] },
  });
  await seldom('all in the list', async () => (await ids()).length === 3);
  await declare({ log: 'every 30m', verify: '@daily' });
  // Under our very id, and not ours.
  await stack.client.schedule.create({
    scheduleId: 'mssql-pitr/mssql-rt/verify',
    spec: { intervals: [{ every: '1 day' }] },
    action: { type: 'startWorkflow', workflowType: 'other', taskQueue: 'other', args: [] },
  });
  const apply = await cli('apply');
  assert.equal(apply.code, 1);
  assert.match(apply.stdout, /1 changed, 1 removed, 1 blocked/);
  assert.match(apply.stderr, /ScheduleTaken[^]*mssql-pitr\/mssql-rt\/verify/);
  assert.equal((await describe('mssql-pitr/mssql-rt/verify')).action.workflowType, 'other');
  assert.equal((await describe(foreign)).info.lastUpdatedAt, undefined);
  await assert.rejects(describe(fullId), { name: 'ScheduleNotFoundError' });
  await stack.client.schedule.getHandle('mssql-pitr/mssql-rt/verify').delete();
});

test('log backups every 10 s really run', async () => {
  await declare({ log: 'every 10s' });
  await ok('apply');
  await ok('resume', 'mssql-rt', 'log');
  await seldom('three runs that completed', async () => (await completed('log')) >= 3);
  const starts = await startsOf('log');
  const gaps = starts.slice(1).map((start, i) => (start - (starts[i] as number)) / 1000);
  assert.ok(
    gaps.every((gap) => gap >= 8 && gap <= 12),
    `gaps of ${gaps.join(', ')} s`,
  );
  const kinds = (await readManifests(stack)).map(({ kind }) => kind).toSorted();
  assert.deepEqual(new Set(kinds), new Set(['full', 'log']), 'the first has nothing to stand on and becomes a full');
});

test('a worker that was away: of the runs of that time two are made up for, the one that waited and one more', async () => {
  await seldom('a moment between two runs', async () => {
    const { runningActions, nextActionTimes } = (await describe(logId)).info;
    return runningActions.length === 0 && (nextActionTimes[0]?.getTime() ?? 0) - Date.now() > 2_000;
  });
  await stack.worker.kill();
  const goneMs = Date.now();
  const skipped = (await describe(logId)).info.numActionsSkippedOverlap;
  await seldom('three starts that were left out', async () => {
    return (await describe(logId)).info.numActionsSkippedOverlap >= skipped + 3;
  });
  await stack.replaceWorker();
  const backMs = Date.now();
  const before = await completed('log');
  await seldom('the runs after it', async () => (await startsOf('log')).some((start) => start > backMs + 10_000));
  const made = (await startsOf('log')).filter((start) => start > goneMs && start < backMs);
  assert.equal(made.length, 2, `made up for: ${made.map((start) => new Date(start).toISOString()).join(', ')}`);
  await seldom('their end', async () => (await completed('log')) >= before + 3);
});

test('a Temporal server that was away: the last log backups make up for all that it missed, and a full is made up for once', async () => {
  await declare({ log: 'every 10s', full: { every: '1m', spread: '0s', jitter: '0s' } });
  await ok('apply');
  const dueMs = await seldom(
    'a full that is due soon, and the end of every run',
    async () => {
      const [full, log] = await Promise.all([describe(fullId), describe(logId)]);
      const next = full.info.nextActionTimes[0]?.getTime() ?? 0;
      const soon = next - Date.now() < 8_000 && next - Date.now() > 2_000;
      return soon && full.info.runningActions.length + log.info.runningActions.length === 0 && next;
    },
    90_000,
  );
  process.kill(stack.temporal.pid, 'SIGKILL');
  const goneMs = Date.now();
  await passed(Math.max(dueMs + 15_000, goneMs + 35_000));
  const { address } = stack.temporal;
  secondServer = await startDevServer({
    binary: await temporalBinary({ say: () => {} }),
    port: Number(address.split(':').at(-1)),
    dbFile: join(stack.folder, 'temporal.db'),
    logFile: join(stack.folder, 'temporal.log'),
  });
  const backMs = Date.now();
  const full = await seldom('the full that was missed', async () => {
    const starts = await startsOf('full').catch(() => []);
    return starts.filter((start) => start >= dueMs && start < backMs).length > 0 && starts;
  });
  await seldom('log backups as before', async () => (await startsOf('log')).some((start) => start > backMs + 10_000));
  const logs = (await startsOf('log')).filter((start) => start > goneMs && start < backMs);
  const missed = (await describe(logId)).info.numActionsMissedCatchupWindow;
  // With jitter, two starts can lie within the ten seconds of the catch-up window.
  assert.ok(logs.length >= 1 && logs.length <= 2, `made up for: ${logs.length}`);
  assert.ok(missed >= 1 && missed + logs.length >= 3, `${missed} missed, ${logs.length} made up for`);
  assert.equal(full.filter((start) => start > goneMs && start < backMs).length, 1);
  await seldom('the end of the missed full', async () => (await completed('full')) >= 1);
});

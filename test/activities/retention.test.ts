import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { ActivityDeps } from '../../activities/deps.ts';
import { takeLease } from '../../activities/executor/retention/lease.ts';
import { LocalPlatform } from '../../activities/platform/local/local-platform.ts';
import { createRetentionActivities } from '../../activities/retention/index.ts';
import type { RetentionInput } from '../../workflows/contracts.ts';
import type { LocalSettings } from '../../workflows/domain/settings.ts';
import { assertWhole, daysOfBackups, endOf, instance } from '../executor/retention-store.ts';
import { fillStore, makeRoots } from '../executor/support.ts';
import { recordingMeter } from './meter.ts';

const restoreId = 'r1';
const input: RetentionInput = { instance, run: 'run-1', mode: 'apply', endedLeases: [] };

function makeSite(t: TestContext, over: Partial<LocalSettings> = {}) {
  const roots = makeRoots(t);
  mkdirSync(roots.sql, { recursive: true });
  const settings: LocalSettings = {
    taskQueue: 'test',
    limits: { backupsAtOnce: 1, restoresAtOnce: 1, logsPerSlice: 10, mendsPerRun: 1 },
    stores: { main: { platform: 'local', path: roots.store } },
    instances: {
      [instance]: {
        platform: 'local',
        host: '127.0.0.1',
        port: 1,
        login: { user: 'sa', password: { env: 'NONE' } },
        tls: { encrypt: true, trustServerCertificate: false },
        dataRoot: roots.sql,
        store: 'main',
      },
    },
    retention: { [instance]: { windowMs: 48 * 3_600_000, minFulls: 1 } },
    ...over,
  };
  const meter = recordingMeter();
  const clock = { now: () => endOf(6) + 60_000 };
  const deps: ActivityDeps = { settings, platform: new LocalPlatform(settings), metrics: meter, clock };
  return { ...roots, meter, activities: createRetentionActivities(deps) };
}

function makeEnvironment(client?: Client): MockActivityEnvironment {
  return new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR'), ...(client && { client }) });
}

function perform<I, R>(activity: (input: I) => Promise<R>, input: I, environment = makeEnvironment()): Promise<R> {
  return environment.run<[I], R, (input: I) => Promise<R>>(activity, input);
}

interface Run {
  readonly runId: string;
  readonly firstRunId: string;
  readonly status: string;
}

/** What a Temporal server knows of the workflow `restore/x`; the last run is the latest. */
function clientOf(runs: readonly Run[] | Error): Client {
  const getHandle = (_: string, runId?: string) => ({
    describe: async () => {
      if (runs instanceof Error) throw runs;
      const run = runId === undefined ? runs.at(-1) : runs.find((each) => each.runId === runId);
      if (run === undefined) throw new WorkflowNotFoundError('not there', 'restore/x', runId);
      const { firstRunId, status } = run;
      return { runId: run.runId, status: { name: status }, raw: { workflowExecutionInfo: { firstRunId } } };
    },
  });
  const withAbortSignal = <T>(_signal: AbortSignal, work: () => Promise<T>): Promise<T> => work();
  return { workflow: { getHandle }, withAbortSignal } as unknown as Client;
}

const [first, second] = ['run-a', 'run-b'];
const cases: {
  readonly what: string;
  readonly runs: readonly Run[] | Error;
  readonly namespace?: string;
  readonly is: string;
}[] = [
  { what: 'runs', runs: [{ runId: first, firstRunId: first, status: 'RUNNING' }], is: 'held' },
  {
    what: 'has carried on as a new run',
    runs: [
      { runId: first, firstRunId: first, status: 'CONTINUED_AS_NEW' },
      { runId: second, firstRunId: first, status: 'RUNNING' },
    ],
    is: 'held',
  },
  {
    what: 'was begun anew before it took the lease, and has carried on since',
    runs: [
      { runId: first, firstRunId: 'run-0', status: 'CONTINUED_AS_NEW' },
      { runId: second, firstRunId: 'run-0', status: 'RUNNING' },
    ],
    is: 'held',
  },
  { what: 'has completed', runs: [{ runId: first, firstRunId: first, status: 'COMPLETED' }], is: 'ended' },
  { what: 'was terminated', runs: [{ runId: first, firstRunId: first, status: 'TERMINATED' }], is: 'ended' },
  {
    what: 'has ended, and another restore runs under its id',
    runs: [
      { runId: first, firstRunId: first, status: 'FAILED' },
      { runId: second, firstRunId: second, status: 'RUNNING' },
    ],
    is: 'ended',
  },
  { what: 'is not known to Temporal any more', runs: [], is: 'ended' },
  { what: 'cannot be asked about', runs: new Error('UNAVAILABLE'), is: 'unknown' },
  {
    what: 'is in another namespace',
    runs: [{ runId: first, firstRunId: first, status: 'COMPLETED' }],
    namespace: 'elsewhere',
    is: 'unknown',
  },
];

for (const { what, runs, namespace, is } of cases) {
  test(`the lease of a restore that ${what} is ${is}`, async (t) => {
    const { store, activities } = makeSite(t);
    const environment = makeEnvironment(clientOf(runs));
    const own = environment.context.info.workflowNamespace ?? environment.context.info.namespace;
    const holder = { namespace: namespace ?? own, workflowId: 'restore/x', runId: first };
    await takeLease({ store, instance, restoreId, holder, databases: null });
    const check = await perform(activities.checkLeases, { instance }, environment);
    assert.deepEqual(check, {
      ended: is === 'ended' ? [restoreId] : [],
      held: is === 'ended' ? 0 : 1,
      unknown: is === 'unknown' ? [restoreId] : [],
    });
  });
}

test('a worker without a connection of its own keeps every lease', async (t) => {
  const { store, activities } = makeSite(t);
  const holder = { namespace: 'default', workflowId: 'restore/x', runId: first };
  await takeLease({ store, instance, restoreId, holder, databases: null });
  const running = perform(activities.checkLeases, { instance });
  assert.deepEqual(await running, { ended: [], held: 1, unknown: [restoreId] });
});

test('what the policy of the instance lets go of is removed and counted', async (t) => {
  const { store, activities, meter } = makeSite(t);
  fillStore(store, daysOfBackups('db1', 6));
  const tags = { sql_instance: instance };
  const run = (mode: 'plan' | 'apply') => perform(activities.retainBackups, { ...input, mode });
  const planned = await run('plan');
  assert.equal(meter.valueOf('mssql_pitr_retention_removed_sets', tags), undefined);
  const outcome = await run('apply');
  assert.deepEqual(outcome.databases, planned.databases);
  assert.deepEqual(outcome.policy, { window: '2d', from: '2026-02-14T00:01:00.000Z', minFulls: 1 });
  assert.equal(assertWhole(store, 'db1').length, 14);
  assert.equal(meter.valueOf('mssql_pitr_retention_removed_sets', tags), 28);
});

test('an instance without a policy keeps everything, and says what to write', async (t) => {
  const { store, activities } = makeSite(t, { retention: {} });
  fillStore(store, daysOfBackups('db1', 6));
  const running = perform(activities.retainBackups, input);
  await assert.rejects(running, /no retention for mssql-rt.*retention: \{ window: 14d \}/);
  assert.equal(assertWhole(store, 'db1').length, 42);
});

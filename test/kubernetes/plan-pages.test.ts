import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planPages, firstPages } from '../../activities/executor/program/plan-pages.ts';
import type { PlanPage } from '../../activities/executor/program/tasks.ts';
import type { Tasks } from '../../activities/executor/tasks.ts';
import { openPlanPages } from '../../activities/platform/kubernetes/plan-pages.ts';
import { chainOfSets, fillStore, makeRoots, run, zeroTime } from '../executor/support.ts';
import { until } from '../support/until.ts';
import { onJob } from './fake/job-controller.ts';
import { seedCluster, testControl } from './support.ts';

const plan = { source: 'mssql-rt', planPath: 'mssql-rt/.restores/r/plan.json', planDigest: 'd1' };
const stepCount = 1_234;

/** Steps that are known by their number. */
function page(database: string, number: number): PlanPage {
  const steps = Array.from({ length: stepCount }, (_, i) => ({ set: { id: `${database}/${i}` }, stopAt: null }));
  return {
    database,
    page: number,
    slice: {
      targetTime: '2026-02-10T06:54:34.000Z',
      targetDatabase: database,
      stepCount,
      reach: 'stops-inside',
      steps: steps.slice(number * 500, number * 500 + 500) as never,
    },
  };
}

const ids = ({ steps }: Tasks['readPlan']['output']): string[] => steps.map(({ set }) => set.id);

describe('plans that a worker has read', () => {
  it('are read page by page, once, and cut as they are asked for', async () => {
    const asked: string[] = [];
    const pages = openPlanPages(async ({ database, page: number }) => {
      asked.push(`${database} ${number}`);
      return [page(database, number)];
    });
    const read = (from: number, to: number, database = 'db1') =>
      pages.read({ ...plan, database, from, to }, testControl());
    const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `db1/${from + i}`);
    for (const [from, to] of [
      [0, 1],
      [0, 500],
      [499, 501],
      [0, stepCount],
      [1_000, stepCount],
      [7, 7],
    ] as const) {
      assert.deepEqual(ids(await read(from, to)), numbers(from, to));
    }
    assert.deepEqual(asked, ['db1 0', 'db1 1', 'db1 2']);
    assert.equal((await read(0, 1)).stepCount, stepCount);
    for (const [from, to] of [
      [0, stepCount + 1],
      [5, 4],
      [-1, 1],
    ] as const) {
      await assert.rejects(read(from, to), { type: 'InvalidInput' });
    }
  });

  it('come along with others: of several databases, and of the plan itself', async () => {
    let fetched = 0;
    const pages = openPlanPages(async () => {
      fetched += 1;
      await new Promise(setImmediate);
      return ['db1', 'db2', 'db3'].map((database) => page(database, 0));
    });
    const read = (database: string) => pages.read({ ...plan, database, from: 0, to: 1 }, testControl());
    assert.deepEqual((await Promise.all(['db1', 'db2', 'db3'].map(read))).flatMap(ids), ['db1/0', 'db2/0', 'db3/0']);
    assert.equal(fetched, 1);
    pages.keep('d2', [page('db1', 0)]);
    await pages.read({ ...plan, planDigest: 'd2', database: 'db1', from: 0, to: 1 }, testControl());
    assert.equal(fetched, 1);
  });

  it('are read again by those who waited when the first was cancelled', async () => {
    let fetched = 0;
    const pages = openPlanPages(async ({ database }, { signal }) => {
      fetched += 1;
      if (fetched > 1) return [page(database, 0)];
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    });
    const first = testControl();
    const cancelled = pages.read({ ...plan, database: 'db1', from: 0, to: 1 }, first);
    const waiting = pages.read({ ...plan, database: 'db1', from: 0, to: 1 }, testControl());
    await until('the first', () => fetched === 1);
    first.abort(new Error('stopped'));
    await assert.rejects(cancelled, /stopped/);
    assert.deepEqual(ids(await waiting), ['db1/0']);
  });

  it('are forgotten when there are many', async () => {
    let fetched = 0;
    const pages = openPlanPages(async ({ database }) => {
      fetched += 1;
      return [page(database, 0)];
    });
    const read = (database: string) => pages.read({ ...plan, database, from: 0, to: 1 }, testControl());
    for (let i = 0; i < 100; i += 1) await read(`db${i}`);
    await read('db99');
    assert.equal(fetched, 100);
    await read('db0');
    assert.equal(fetched, 101);
  });
});

describe('a restore on Kubernetes', () => {
  it('needs no Job to read the plan that its worker has made', async (t) => {
    const { server, worker } = await seedCluster(t);
    const tasks: string[] = [];
    onJob(server, (job) => {
      job.pod();
      void job.task().then(({ task }) => {
        tasks.push(task);
        if (task === 'plan')
          job.finish({ planPath: 'p', planDigest: 'd1', databases: [] }, { pages: [page('db1', 0)] });
        else job.finish([page('db1', 0), page('db2', 0)]);
      });
    });
    const maker = worker();
    const request = { source: 'mssql-rt', target: 'b', to: 'latest' };
    const facts = {
      restoreId: 'r',
      requestedAt: '',
      logsPerSlice: 1,
      parallel: 1,
      targetDataPath: '',
      targetLogPath: '',
    };
    const { planPath, planDigest } = await maker.runOnStore('mssql-rt', 'plan', { request, ...facts }, testControl());
    const slice = { planPath, planDigest, database: 'db1', from: 0, to: 2 };
    assert.deepEqual(ids(await maker.runOnStore('mssql-rt', 'readPlan', slice, testControl())), ['db1/0', 'db1/1']);
    assert.deepEqual(tasks, ['plan']);

    const other = worker();
    for (const database of ['db1', 'db2']) {
      await other.runOnStore('mssql-rt', 'readPlan', { ...slice, database }, testControl());
    }
    assert.deepEqual(tasks, ['plan', 'planPages']);
  });
});

describe('pages of a plan in the store', () => {
  const input = (restoreId: string): Tasks['plan']['input'] => ({
    request: { source: 'mssql-rt', target: 'mssql-rt-target', to: 'latest' },
    restoreId,
    requestedAt: new Date(zeroTime + 86_400_000).toISOString(),
    logsPerSlice: 100,
    parallel: 4,
    targetDataPath: '/var/opt/mssql/data/',
    targetLogPath: '/var/opt/mssql/data/',
  });

  it('hold what readPlan would answer, for all databases together as far as they fit', async (t) => {
    const roots = makeRoots(t);
    for (const database of ['a', 'b']) fillStore(roots.store, chainOfSets(database, 520));
    const { planPath, planDigest } = await run('plan', input('r1'), roots);
    const reference = { planPath, planDigest };
    const expected = (database: string, from: number, to: number) =>
      run('readPlan', { ...reference, database, from, to }, roots);

    const first = await firstPages(roots.store, reference);
    assert.deepEqual(
      first.map(({ database, page: number }) => [database, number]),
      [
        ['a', 0],
        ['b', 0],
      ],
    );
    assert.deepEqual(first[0]?.slice, await expected('a', 0, 500));
    assert.deepEqual(first[1]?.slice, await expected('b', 0, 500));
    assert.deepEqual(await planPages({ ...reference, database: 'b', page: 0 }, roots), first.toReversed());
    const second = await planPages({ ...reference, database: 'a', page: 1 }, roots);
    assert.deepEqual(second, [{ database: 'a', page: 1, slice: await expected('a', 500, 521) }]);
    await assert.rejects(planPages({ ...reference, database: 'none', page: 0 }, roots), { type: 'InvalidInput' });
  });

  it('leave out databases that do not fit, and never the one that is asked for', async (t) => {
    const roots = makeRoots(t);
    for (let i = 0; i < 6; i += 1) fillStore(roots.store, chainOfSets(`db${i}`, 499));
    const { planPath, planDigest } = await run('plan', input('r1'), roots);
    const reference = { planPath, planDigest };
    const first = await firstPages(roots.store, reference);
    assert.ok(first.length > 0 && first.length < 6, `${first.length} of 6`);
    const [wanted, ...others] = await planPages({ ...reference, database: 'db5', page: 0 }, roots);
    assert.equal(wanted?.database, 'db5');
    assert.ok(others.length < 5);
  });
});

import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { stageSeveral } from '../../activities/executor/program/stage-several.ts';
import type { Tasks } from '../../activities/executor/tasks.ts';
import { openStagedAhead } from '../../activities/platform/kubernetes/staged-ahead.ts';
import type { RestorePlan } from '../../workflows/contracts.ts';
import { chainOfSets, fillStore, makeRoots, run, zeroTime } from '../executor/support.ts';
import { onJob } from './fake/job-controller.ts';
import { seedCluster, testControl } from './support.ts';

type Slice = Tasks['stage']['input'];
type Staged = Tasks['stage']['output'];

const megabyte = 1e6;
const staged = (database: string): Staged => ({ steps: [], bytes: 1, seconds: Number(/\d+$/.exec(database)?.[0]) });
const slice = (database: string, [from, to] = [0, 3], planDigest = 'd1'): Slice => ({
  planPath: 'p',
  planDigest,
  database,
  from: from ?? 0,
  to: to ?? 0,
  stagingPath: 'restore-staging/r',
});

/** A plan of databases with three steps each. */
function planOf(sizes: readonly number[], planDigest = 'd1'): Pick<RestorePlan, 'planDigest' | 'databases'> {
  const databases = sizes.map((totalBytes, i) => ({ database: `db${i + 1}`, slices: [[0, 3]], totalBytes }));
  return { planDigest, databases: databases as unknown as RestorePlan['databases'] };
}

interface Site {
  /** Databases of each Job, in order. */
  readonly jobs: string[][];
  stage(slice: Slice, target?: string): Promise<Staged>;
}

function site(sizes: readonly number[], outcome = (name: string): Staged | null => staged(name)): Site {
  const jobs: string[][] = [];
  const ahead = openStagedAhead(async (_, slices) => {
    const names = slices.map(({ database }) => database);
    jobs.push(names);
    await new Promise(setImmediate);
    return names.map((name, i) => (i === 0 ? staged(name) : outcome(name)));
  });
  ahead.expect(planOf(sizes));
  return {
    jobs,
    stage: (one, target = 'mssql-rt-target') => ahead.stage({ target, source: 'mssql-rt', slice: one }, testControl()),
  };
}

describe('small databases of a restore', () => {
  it('are staged by one Job, whether they ask while it works or when it has ended', async () => {
    const { jobs, stage } = site([megabyte, megabyte, megabyte]);
    const [one, two] = await Promise.all([stage(slice('db1')), stage(slice('db2'))]);
    const three = await stage(slice('db3'));
    assert.deepEqual([one, two, three], ['db1', 'db2', 'db3'].map(staged));
    assert.deepEqual(jobs, [['db1', 'db2', 'db3']]);
  });

  it('are staged together as far as that takes no longer than the start of a Job', async () => {
    const { jobs, stage } = site([60, 60, 60, 200, 1].map((each) => each * megabyte));
    await Promise.all(['db1', 'db2', 'db3', 'db4', 'db5'].map((name) => stage(slice(name))));
    assert.deepEqual(jobs, [['db1', 'db2', 'db5'], ['db3'], ['db4']]);
  });

  it('whose files could not be staged along with others get a Job of their own', async () => {
    const { jobs, stage } = site([1, 1], () => null);
    await stage(slice('db1'));
    assert.deepEqual(await stage(slice('db2')), staged('db2'));
    assert.deepEqual(jobs, [['db1', 'db2'], ['db2']]);
  });

  it('that ask a second time are staged again, as their files may have been used up', async () => {
    const { jobs, stage } = site([1, 1]);
    await stage(slice('db1'));
    for (let i = 0; i < 2; i += 1) await stage(slice('db2'));
    assert.deepEqual(jobs, [['db1', 'db2'], ['db2']]);
  });

  it('are not mixed up with another range, target or plan', async () => {
    const { jobs, stage } = site([1, 1]);
    await stage(slice('db1'));
    await stage(slice('db2', [1, 3]));
    await stage(slice('db2'), 'another-target');
    await stage(slice('db2', [0, 3], 'd2'));
    assert.deepEqual(jobs, [['db1', 'db2'], ['db2'], ['db2'], ['db2']]);
    await stage(slice('db2'));
    assert.equal(jobs.length, 4);
  });

  it('are staged on their own when the Job that had them along was cancelled', async () => {
    const jobs: string[][] = [];
    const ahead = openStagedAhead(async (_, slices, { signal }) => {
      jobs.push(slices.map(({ database }) => database));
      if (jobs.length > 1) return slices.map(({ database }) => staged(database));
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    });
    ahead.expect(planOf([1, 1]));
    const first = testControl();
    const order = (database: string) => ({ target: 't', source: 's', slice: slice(database) });
    const cancelled = ahead.stage(order('db1'), first);
    const waiting = ahead.stage(order('db2'), testControl());
    first.abort(new Error('stopped'));
    await assert.rejects(cancelled, /stopped/);
    assert.deepEqual(await waiting, staged('db2'));
    assert.deepEqual(jobs, [['db1', 'db2'], ['db2']]);
  });

  it('of a plan that this worker has not made have a Job each', async () => {
    const { jobs, stage } = site([]);
    await Promise.all(['db1', 'db2'].map((name) => stage(slice(name))));
    assert.deepEqual(jobs, [['db1'], ['db2']]);
  });
});

describe('a restore of small databases on Kubernetes', () => {
  it('has one Job that stages, on the target’s volume', async (t) => {
    const { server, worker } = await seedCluster(t);
    const tasks: [string, unknown][] = [];
    onJob(server, (job) => {
      job.pod();
      void job.task().then(({ task, input }) => {
        tasks.push([task, job.spec.template.metadata.labels['mssql-pitr/instance']]);
        if (task === 'plan') job.finish({ planPath: 'p', ...planOf([1, 1]) }, { pages: [] });
        else job.finish((input as { slices: Slice[] }).slices.map(({ database }) => staged(database)));
      });
    });
    const platform = worker();
    const facts = { restoreId: 'r', requestedAt: '', logsPerSlice: 1, parallel: 1 };
    const paths = { targetDataPath: '', targetLogPath: '' };
    const request = { source: 'mssql-rt', target: 'b', to: 'latest' };
    await platform.runOnStore('mssql-rt', 'plan', { request, ...facts, ...paths }, testControl());
    const stage = (name: string): Promise<Staged> => platform.run('mssql-rt', 'stage', slice(name), testControl());
    assert.deepEqual(await Promise.all(['db1', 'db2'].map(stage)), ['db1', 'db2'].map(staged));
    assert.deepEqual(tasks, [
      ['plan', 'mssql-rt'],
      ['stageSeveral', 'mssql-rt'],
    ]);
  });
});

describe('the executor that stages several databases', () => {
  async function planned(t: TestContext) {
    const roots = makeRoots(t);
    for (const database of ['a', 'b', 'c']) fillStore(roots.store, chainOfSets(database, 2));
    const { planPath, planDigest } = await run(
      'plan',
      {
        request: { source: 'mssql-rt', target: 'mssql-rt-target', to: 'latest' },
        restoreId: 'r1',
        requestedAt: new Date(zeroTime + 86_400_000).toISOString(),
        logsPerSlice: 100,
        parallel: 4,
        targetDataPath: '/var/opt/mssql/data/',
        targetLogPath: '/var/opt/mssql/data/',
      },
      roots,
    );
    const slices = ['a', 'b', 'c'].map((database) => ({ ...slice(database), planPath, planDigest }));
    return { roots, slices };
  }

  it('answers as for each alone', async (t) => {
    const { roots, slices } = await planned(t);
    const results = await stageSeveral({ slices }, roots, testControl());
    for (const [i, one] of slices.entries()) {
      const alone = await run('stage', one, roots);
      assert.deepEqual({ ...results[i], seconds: 0 }, { ...alone, seconds: 0 });
      for (const { files } of alone.steps) assert.ok(files.every((file) => existsSync(join(roots.sql, file))));
    }
  });

  it('tells the failure of the one that is asked for, and leaves out others that failed', async (t) => {
    const { roots, slices } = await planned(t);
    rmSync(join(roots.store, 'mssql-rt', 'b'), { recursive: true });
    const [a, b, c] = slices as [Slice, Slice, Slice];
    const results = await stageSeveral({ slices: [a, b, c] }, roots, testControl());
    assert.deepEqual(
      results.map((each) => each?.steps.length),
      [3, undefined, 3],
    );
    await assert.rejects(stageSeveral({ slices: [b, a] }, roots, testControl()), { type: 'FileMissing' });
  });

  it('stops when it is told to', async (t) => {
    const { roots, slices } = await planned(t);
    const control = testControl();
    control.abort(new Error('stopped'));
    await assert.rejects(stageSeveral({ slices }, roots, control), /stopped/);
  });
});

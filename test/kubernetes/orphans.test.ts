import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { CancelledFailure } from '@temporalio/common';
import type { Owner } from '../../activities/platform/kubernetes/job/owner.ts';
import type { KubernetesPlatform } from '../../activities/platform/kubernetes/kubernetes-platform.ts';
import { until } from '../support/until.ts';
import { onJob, type FakeJob } from './fake/job-controller.ts';
import { seedCluster, testControl, type Fixture } from './support.ts';

const restore: Owner = { workflowId: 'restore/a', runId: 'run-1', activityId: '5', activity: 'restoreSteps' };
const cleanUp: Owner = { ...restore, runId: 'run-2', activityId: '9', activity: 'discardRestore' };
const folder = 'restore-staging/r';
const slice = (database: string) => ({ planPath: 'p', planDigest: 'd', database, from: 0, to: 3, stagingPath: folder });
const staged = { steps: [], bytes: 1, seconds: 1 };

interface Scene extends Fixture {
  /** All that were started, in order. */
  readonly jobs: readonly FakeJob[];
  named(part: string): FakeJob[];
}

/** Jobs that stage work until a test ends them; all others are done at once. */
async function scene(t: TestContext): Promise<Scene> {
  const fixture = await seedCluster(t);
  const jobs: FakeJob[] = [];
  onJob(fixture.server, (job) => {
    jobs.push(job);
    const stages = job.name.startsWith('pitr-stage-');
    job.pod({ slow: stages });
    if (job.name.startsWith('pitr-plan-')) job.finish(plan, { pages: [] });
    else if (!stages) job.finish({});
  });
  return { ...fixture, jobs, named: (part) => jobs.filter(({ name }) => name.startsWith(`pitr-${part}-`)) };
}

const databases = ['db1', 'db2'].map((database) => ({ database, slices: [[0, 3]], totalBytes: 1 }));
const plan = { planPath: 'p', planDigest: 'd', databases };

/** A platform that has made the plan, and so stages both databases by one Job. */
async function planner({ worker }: Scene, owner: Owner = restore): Promise<KubernetesPlatform> {
  const platform = worker(owner);
  const request = { source: 'mssql-rt', target: 'mssql-rt', to: 'latest' };
  const facts = { restoreId: 'r', requestedAt: '', logsPerSlice: 1, parallel: 1 };
  const paths = { targetDataPath: '', targetLogPath: '' };
  await platform.runOnStore('mssql-rt', 'plan', { request, ...facts, ...paths }, testControl());
  return platform;
}

/** Starts a Job that stages, and then does no more than a worker that was killed: its Job is left as it is. */
async function stageAndDie({ server, jobs }: Scene, platform: KubernetesPlatform): Promise<FakeJob> {
  const control = testControl();
  const before = jobs.length;
  const attempt = platform.run('mssql-rt', 'stage', slice('db1'), control);
  const job = await until('the Job that stages', () => jobs[before]);
  server.fail('delete jobs', { status: 403, reason: 'Forbidden', message: 'the dead remove nothing' });
  control.abort(new CancelledFailure('CANCELLED'));
  await assert.rejects(attempt);
  return job;
}

const removeFolder = (platform: KubernetesPlatform, recursive = true): Promise<unknown> =>
  platform.run('mssql-rt', 'removeFolder', { path: folder, recursive }, testControl());

/** Its program has stopped, and its pod is taken away. */
function stop({ server }: Scene, job: FakeJob): void {
  job.end(143);
  server.remove('pods', `${job.name}-1`);
}

/** The clean-up looks at the pods again and again, and removes nothing. */
async function assertWaits({ server, named }: Scene): Promise<void> {
  const looks = (): number => server.asked.filter((asked) => asked === 'list pods').length;
  const before = looks();
  await until('two more looks at the pods', () => looks() > before + 1);
  assert.equal(named('remove-folder').length, 0);
}

describe('staged files that lie there after the clean-up of a restore', () => {
  it('do not come from the Job of a killed worker whose restore was cancelled before an attempt took it up', async (t) => {
    const stage = await scene(t);
    const { server, named, worker } = stage;
    const orphan = await stageAndDie(stage, await planner(stage));
    assert.deepEqual(named('stage-several'), [orphan]);

    const removal = removeFolder(worker(cleanUp));
    await until('the Job is on its way out', () => server.find('jobs', orphan.name).metadata.deletionTimestamp);
    await assertWaits(stage);
    stop(stage, orphan);
    await removal;
    assert.equal(named('remove-folder').length, 1);
    assert.deepEqual(server.all('jobs'), []);
  });

  it('do not come from it when the next attempt staged beside it', async (t) => {
    const stage = await scene(t);
    const { server, named, worker } = stage;
    const orphan = await stageAndDie(stage, await planner(stage));
    // Another worker: it has not made the plan.
    const again = worker(restore).run('mssql-rt', 'stage', slice('db1'), testControl());
    const own = await until('a Job of its own', () => named('stage').find(({ name }) => name !== orphan.name));
    own.finish(staged);
    assert.deepEqual(await again, staged);

    const removal = removeFolder(worker({ ...cleanUp, activity: 'cleanStaging' }));
    await until('the Job is on its way out', () => server.find('jobs', orphan.name).metadata.deletionTimestamp);
    await assertWaits(stage);
    stop(stage, orphan);
    await removal;
    assert.equal(named('remove-folder').length, 1);
  });

  it('do not come from a pod whose Job is gone while it still works', async (t) => {
    const stage = await scene(t);
    const { server, named, worker } = stage;
    const orphan = await stageAndDie(stage, worker(restore));
    server.remove('jobs', orphan.name);

    const removal = removeFolder(worker(cleanUp));
    await assertWaits(stage);
    orphan.end(143);
    await removal;
    assert.equal(named('remove-folder').length, 1);
  });
});

describe('the clean-up of a restore', () => {
  it('leaves alone what another workflow does, what works elsewhere, and what is done', async (t) => {
    const stage = await scene(t);
    const { server, named, worker } = stage;
    const other = await stageAndDie(stage, worker({ ...restore, workflowId: 'restore/b' }));
    const done = await stageAndDie(stage, worker({ ...restore, activityId: '6' }));
    done.finish(staged);
    const elsewhere = await stageAndDie(stage, worker({ ...restore, activityId: '7' }));
    const { metadata, ...rest } = server.find('jobs', elsewhere.name);
    const moved = { ...metadata, labels: { ...metadata.labels, 'mssql-pitr/instance': 'mssql-other' } };
    server.put('jobs', { ...rest, metadata: moved } as never);
    const pod = server.find('pods', `${elsewhere.name}-1`);
    server.put('pods', { ...pod, metadata: { ...pod.metadata, labels: moved.labels } } as never);

    await removeFolder(worker(cleanUp));
    assert.equal(named('remove-folder').length, 1);
    const left = server.all('jobs').map(({ metadata: { name } }) => name);
    assert.deepEqual(left, [other.name, done.name, elsewhere.name]);
  });

  it('stops waiting when it is told to', async (t) => {
    const stage = await scene(t);
    const orphan = await stageAndDie(stage, stage.worker(restore));
    const control = testControl();
    const removal = stage.worker(cleanUp).run('mssql-rt', 'removeFolder', { path: folder, recursive: true }, control);
    await until('it waits', () => stage.server.find('jobs', orphan.name).metadata.deletionTimestamp);
    control.abort(new CancelledFailure('WORKER_SHUTDOWN'));
    await assert.rejects(removal, { message: 'WORKER_SHUTDOWN' });
    assert.equal(stage.named('remove-folder').length, 0);
  });

  it('of a backup run, which removes an empty folder, waits for nobody', async (t) => {
    const stage = await scene(t);
    const orphan = await stageAndDie(stage, stage.worker(restore));
    await removeFolder(stage.worker(cleanUp), false);
    assert.equal(stage.server.find('jobs', orphan.name).metadata.deletionTimestamp, undefined);
  });
});

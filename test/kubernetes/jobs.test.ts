import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CancelledFailure } from '@temporalio/common';
import { taskFailure } from '../../activities/executor/program/output.ts';
import { failure } from '../../activities/failure.ts';
import { until } from '../support/until.ts';
import { onJob, type FakeJob } from './fake/job-controller.ts';
import { namespace } from './fake/release.ts';
import { owner, seedCluster, testControl } from './support.ts';

const staged = { path: 'backup-mssql' };
const commit = { instance: 'mssql-rt', sets: [] };
const files = { files: [{ path: 'backup-mssql/a.trn', sizeBytes: 1, modifiedAt: 2 }] };
const nothing = { committed: [], failed: [] };

describe('a task on Kubernetes', () => {
  it('runs in a Job whose result is read from the log, and which is removed then', async (t) => {
    const { server, worker } = await seedCluster(t);
    const tasks: unknown[] = [];
    onJob(server, (job) => {
      job.pod();
      void job.task().then((task) => {
        tasks.push(task);
        job.finish(files);
      });
    });
    assert.deepEqual(await worker().run('mssql-rt', 'listStaged', staged, testControl()), files);
    assert.deepEqual(tasks, [{ formatVersion: 1, task: 'listStaged', input: staged }]);
    assert.deepEqual(server.all('jobs'), []);
    assert.deepEqual(server.all('configmaps'), [], 'the input goes with its Job');
  });

  it('needs no more of the result than the log: the Job may still seem to run', async (t) => {
    const { server, worker } = await seedCluster(t);
    onJob(server, (job) => server.log(job.pod()).say({ kind: 'result', result: { output: files } }));
    assert.deepEqual(await worker().run('mssql-rt', 'listStaged', staged, testControl()), files);
  });

  it('gives the result of a thousand databases, and takes an input of a thousand sets', async (t) => {
    const { server, worker } = await seedCluster(t);
    const random = (length: number): string => Array.from({ length }, () => Math.random().toString(36)).join('');
    const chains = Array.from({ length: 1000 }, (_, i) => ({ database: `db${i}`, head: random(20) }));
    const sets = Array.from({ length: 1000 }, (_, i) => ({ stagedFiles: [`a/${i}`], set: { id: random(100) } }));
    const seen: unknown[] = [];
    onJob(server, (job) => {
      job.pod();
      void job.task().then(({ input }) => {
        seen.push(input);
        job.finish({ chains, problems: [] });
      });
    });
    const { chains: found } = await worker().run('mssql-rt', 'chains', { instance: 'mssql-rt' }, testControl());
    assert.deepEqual(found, chains);
    const large = { instance: 'mssql-rt', sets: sets as never };
    await worker().run('mssql-rt', 'commit', large, testControl());
    assert.deepEqual(seen[1], large);
  });

  it('tells its progress as the program writes it', async (t) => {
    const { server, worker } = await seedCluster(t);
    const control = testControl();
    onJob(server, (job) => {
      const pod = job.pod();
      server.log(pod).say({ kind: 'progress', progress: { file: 'a.bak', doneBytes: 5, totalBytes: 10 } });
      void until('progress', () => control.progressed.length > 0).then(() => job.finish(nothing));
    });
    await worker().run('mssql-rt', 'commit', commit, control);
    assert.deepEqual(control.progressed[0], { file: 'a.bak', doneBytes: 5, totalBytes: 10 });
  });

  it('fails as the executor did, with type, message and details', async (t) => {
    const { server, worker } = await seedCluster(t);
    const told = failure('FileDamaged', 'a.bak has another hash', { details: [{ file: 'a.bak' }] });
    onJob(server, (job) => {
      server.log(job.pod()).say({ kind: 'failure', failure: taskFailure(told) });
      job.end(10);
      job.condition('Failed', 'PodFailurePolicy');
    });
    await assert.rejects(worker().run('mssql-rt', 'commit', commit, testControl()), {
      name: 'ApplicationFailure',
      type: 'FileDamaged',
      nonRetryable: true,
      message: told.message,
      details: [{ file: 'a.bak' }],
    });
    assert.deepEqual(server.all('jobs'), []);
  });
});

describe('a retry', () => {
  it('takes up the Job that an attempt of the same activity left running', async (t) => {
    const { server, worker } = await seedCluster(t);
    const jobs: FakeJob[] = [];
    onJob(server, (job) => {
      jobs.push(job);
      job.pod();
    });
    const first = testControl();
    const dead = worker().run('mssql-rt', 'commit', commit, first);
    await until('the Job', () => jobs[0]);
    await server.watched('jobs');
    first.abort(new CancelledFailure('WORKER_SHUTDOWN'));
    await assert.rejects(dead, { message: 'WORKER_SHUTDOWN' });

    const again = worker().run('mssql-rt', 'commit', commit, testControl());
    await until('the Job is looked at', () => server.asked.includes('get jobs'));
    jobs[0]?.finish(nothing);
    assert.deepEqual(await again, nothing);
    assert.equal(jobs.length, 1);
    assert.deepEqual(server.all('jobs'), []);
  });

  it('reads the result that nobody came for', async (t) => {
    const { server, worker } = await seedCluster(t);
    const jobs: FakeJob[] = [];
    onJob(server, (job) => {
      jobs.push(job);
      job.pod();
    });
    const first = testControl();
    const dead = worker().run('mssql-rt', 'commit', commit, first);
    await until('the Job', () => jobs[0]);
    first.abort(new CancelledFailure('WORKER_SHUTDOWN'));
    await assert.rejects(dead);
    jobs[0]?.finish(nothing);
    assert.deepEqual(await worker().run('mssql-rt', 'commit', commit, testControl()), nothing);
    assert.equal(jobs.length, 1);
  });

  it('starts a new one when the last one failed, or was of another activity', async (t) => {
    const { server, worker } = await seedCluster(t);
    const jobs: FakeJob[] = [];
    onJob(server, (job) => {
      jobs.push(job);
      job.pod();
      if (jobs.length > 1) setImmediate(() => job.finish(nothing));
    });
    const first = testControl();
    const dead = worker().run('mssql-rt', 'commit', commit, first);
    await until('the Job', () => jobs[0]);
    first.abort(new CancelledFailure('WORKER_SHUTDOWN'));
    await assert.rejects(dead);

    await worker({ ...owner, runId: 'run-2' }).run('mssql-rt', 'commit', commit, testControl());
    assert.notEqual(jobs[1]?.name, jobs[0]?.name);
    jobs[0]?.end(137);
    jobs[0]?.condition('Failed', 'BackoffLimitExceeded');
    await worker().run('mssql-rt', 'commit', commit, testControl());
    assert.equal(jobs.length, 3);
    assert.equal(jobs[2]?.name, jobs[0]?.name);
    assert.notEqual(jobs[2]?.uid, jobs[0]?.uid);
  });

  it('never takes what a question was answered before', async (t) => {
    const { server, worker } = await seedCluster(t);
    const names = new Set<string>();
    onJob(server, (job) => {
      names.add(job.name);
      job.pod();
      setImmediate(() => job.finish({ chains: [], problems: [] }));
    });
    const platform = worker();
    await platform.run('mssql-rt', 'chains', { instance: 'mssql-rt' }, testControl());
    await platform.run('mssql-rt', 'chains', { instance: 'mssql-rt' }, testControl());
    assert.equal(names.size, 2);
  });

  it('does not read a Job again that is kept for people', async (t) => {
    const { server, worker } = await seedCluster(t, keeping);
    let jobs = 0;
    onJob(server, (job) => {
      jobs += 1;
      job.pod();
      setImmediate(() => job.finish(nothing));
    });
    await worker().run('mssql-rt', 'commit', commit, testControl());
    assert.equal(server.all('jobs').length, 1);
    await worker().run('mssql-rt', 'commit', commit, testControl());
    assert.equal(jobs, 2);
  });
});

const keeping = `stores:
  main: { platform: kubernetes, namespace: dbaas-mssql-rt, claim: mssql-rt-mssql-helm-instance-backup-store }
instances:
  mssql-rt:
    platform: kubernetes
    namespace: dbaas-mssql-rt
    login: { user: backup, password: { env: PW } }
    store: main
kubernetes: { executorImage: 'mssql-pitr:1', keepJobsSeconds: 600 }
`;

describe('a Job that meets trouble', () => {
  it('is started again when somebody takes it away', async (t) => {
    const { server, worker } = await seedCluster(t);
    const jobs: FakeJob[] = [];
    onJob(server, (job) => {
      jobs.push(job);
      job.pod();
      if (jobs.length === 2) setImmediate(() => job.finish(nothing));
    });
    const result = worker().run('mssql-rt', 'commit', commit, testControl());
    await until('the Job', () => jobs[0]);
    await server.watched('jobs');
    server.remove('jobs', jobs[0]!.name);
    assert.deepEqual(await result, nothing);
    assert.equal(jobs.length, 2);
  });

  it('is given up when it is taken away again and again', async (t) => {
    const { server, worker } = await seedCluster(t);
    onJob(server, (job) => setImmediate(() => server.remove('jobs', job.name)));
    await assert.rejects(worker().run('mssql-rt', 'commit', commit, testControl()), {
      type: 'JobFailed',
      message: /taken away 5 times/,
    });
  });

  it('goes on with the pod that the Job controller puts in place of one that died', async (t) => {
    const { server, worker } = await seedCluster(t);
    onJob(server, (job) => {
      job.pod();
      setImmediate(() => {
        job.end(137);
        job.pod();
        job.finish(nothing);
      });
    });
    assert.deepEqual(await worker().run('mssql-rt', 'commit', commit, testControl()), nothing);
  });

  it('is still followed when every stream breaks, and when the server has forgotten where the watch began', async (t) => {
    const { server, worker } = await seedCluster(t);
    const control = testControl();
    const jobs: FakeJob[] = [];
    onJob(server, (job) => jobs.push(job));
    const result = worker().run('mssql-rt', 'commit', commit, control);
    await server.watched('pods');
    server.breakStreams();
    await server.watched('pods');
    server.expireWatches();
    const [job] = jobs;
    const pod = job!.pod();
    server.log(pod).say({ kind: 'progress', progress: { doneBytes: 1, totalBytes: 10 } });
    await until('progress', () => control.progressed.length > 0);
    server.breakStreams();
    server.log(pod).say({ kind: 'progress', progress: { doneBytes: 2, totalBytes: 10 } });
    await until('progress after the break', () => control.progressed.some(({ doneBytes }) => doneBytes === 2));
    job!.finish(nothing);
    assert.deepEqual(await result, nothing);
  });

  it('outlives an API server that answers with errors for a while', async (t) => {
    const { server, worker } = await seedCluster(t);
    onJob(server, (job) => {
      job.pod();
      setImmediate(() => job.finish(nothing));
    });
    server.fail('create jobs', { status: 503, message: 'etcd leader changed', times: 2 });
    server.fail('create configmaps', { status: 429, message: 'slow down', retryAfter: '0', times: 2 });
    server.fail('list pods', { status: 500, message: 'oops', times: 1 });
    server.fail('get pods/log', { status: 500, message: 'kubelet is away', times: 1 });
    assert.deepEqual(await worker().run('mssql-rt', 'commit', commit, testControl()), nothing);
  });

  const ends: readonly { name: string; play: (job: FakeJob) => void; type: string; says: RegExp; final: boolean }[] = [
    {
      name: 'a pod that crashed too often',
      play: (job) => {
        job.pod();
        job.end(139, 'Error');
        job.condition('Failed', 'BackoffLimitExceeded', 'Job has reached the specified backoff limit');
      },
      type: 'JobFailed',
      says: /ended with exit code 139 \(Error\).*Last lines of its log:\n.* begins/s,
      final: false,
    },
    {
      name: 'an evicted pod',
      play: (job) => {
        job.pod({ status: { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory' } });
        job.condition('Failed', 'BackoffLimitExceeded');
      },
      type: 'JobFailed',
      says: /its pod was Evicted \(The node was low on resource: memory\)/,
      final: false,
    },
    {
      name: 'a deadline',
      play: (job) => {
        job.pod();
        job.condition('Failed', 'DeadlineExceeded', 'Job was active longer than specified deadline');
      },
      type: 'DeadlineExceeded',
      says: /took longer than it may.*jobDeadlineSeconds/s,
      final: true,
    },
    {
      name: 'a container that used too much memory',
      play: (job) => {
        job.pod();
        job.end(137, 'OOMKilled');
      },
      type: 'OutOfMemory',
      says: /more memory than its limit.*resources\.limits\.memory/s,
      final: true,
    },
    {
      name: 'an image that is not there',
      play: (job) => {
        const message = 'failed to pull and unpack image: mssql-pitr:1: not found';
        const waiting = { reason: 'ErrImagePull', message };
        job.pod({ status: { phase: 'Pending', containerStatuses: [{ image: 'mssql-pitr:1', state: { waiting } }] } });
      },
      type: 'ImageUnavailable',
      says: /mssql-pitr:1: failed to pull.*not found/,
      final: true,
    },
    {
      name: 'a pod that no node can have',
      play: (job) => {
        const message = '0/2 nodes are available: 1 node(s) had volume node affinity conflict.';
        const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }];
        job.pod({ node: '', status: { phase: 'Pending', conditions } });
      },
      type: 'Unschedulable',
      says: /finds no node: 0\/2 nodes are available: 1 node\(s\) had volume node affinity conflict; it must run on node-1, where a pod uses a ReadWriteOnce volume that it needs\./,
      final: true,
    },
    {
      name: 'a fault of the executor',
      play: (job) => {
        server(job, {
          kind: 'failure',
          failure: { type: null, message: 'TypeError: x is not a function', details: [] },
        });
        job.end(70);
        job.condition('Failed', 'PodFailurePolicy');
      },
      type: 'JobFailed',
      says: /has a fault: TypeError: x is not a function/,
      final: false,
    },
    {
      name: 'a log that lacks the result',
      play: (job) => {
        job.pod();
        job.end(0);
        job.condition('Complete');
      },
      type: 'JobFailed',
      says: /its log does not hold the whole result/,
      final: false,
    },
  ];
  let say: ((pod: string, line: object) => void) | null = null;
  function server(job: FakeJob, line: object): void {
    say?.(job.pod(), line);
  }

  for (const { name, play, type, says, final } of ends) {
    it(`fails as ${type} because of ${name}, and tells the events`, async (t) => {
      const { server: fake, worker } = await seedCluster(t);
      say = (pod, line) => fake.log(pod).say(line);
      onJob(fake, (job) => {
        fake.put('events', {
          metadata: { name: 'e1', namespace },
          involvedObject: { name: job.name },
          reason: 'SomethingHappened',
          message: 'as told',
          lastTimestamp: '2026-02-10T06:54:34Z',
        });
        play(job);
      });
      await assert.rejects(
        worker().run('mssql-rt', 'commit', commit, testControl()),
        (error: Error & { type: string; nonRetryable: boolean }) => {
          assert.equal(error.type, type);
          assert.match(error.message, says);
          assert.equal(error.nonRetryable, final);
          if (name !== 'a fault of the executor') assert.match(error.message, /SomethingHappened: as told/);
          return true;
        },
      );
      assert.deepEqual(fake.all('jobs'), [], 'a failed Job is removed too');
    });
  }

  it('says why the API refuses its pod', async (t) => {
    const { server: fake, worker } = await seedCluster(t);
    onJob(fake, (job) => {
      fake.put('events', {
        metadata: { name: 'e1', namespace },
        involvedObject: { name: job.name },
        reason: 'FailedCreate',
        message: 'pods "x" is forbidden: exceeded quota: small',
      });
    });
    await assert.rejects(worker().run('mssql-rt', 'commit', commit, testControl()), {
      type: 'ClusterRefused',
      message: /gets no pod: pods "x" is forbidden: exceeded quota: small/,
    });
  });

  it('says which right the worker lacks', async (t) => {
    const { server: fake, worker } = await seedCluster(t);
    const message = 'jobs.batch is forbidden: User "w" cannot create resource "jobs" in API group "batch"';
    fake.fail('create jobs', { status: 403, reason: 'Forbidden', message });
    await assert.rejects(worker().run('mssql-rt', 'commit', commit, testControl()), {
      type: 'PermissionDenied',
      message: /no right to create jobs pitr-commit-mssql-rt-\w+ in the namespace dbaas-mssql-rt/,
    });
  });
});

describe('a task that is cancelled', () => {
  it('removes its Job and waits for the end of its pod', async (t) => {
    const { server, worker } = await seedCluster(t);
    const control = testControl();
    const pods: string[] = [];
    onJob(server, (job) => pods.push(job.pod({ slow: true })));
    const result = worker().run('mssql-rt', 'commit', commit, control);
    await until('the pod', () => pods[0]);
    await server.watched('pods');
    let ended = false;
    const settled = result.catch((error: unknown) => error).finally(() => (ended = true));
    control.abort(new CancelledFailure('CANCELLED'));
    await until('the Job is gone', () => server.all('jobs').length === 0);
    await until('the pods are looked at', () => server.asked.at(-1) === 'list pods');
    assert.equal(ended, false);
    server.setStatus('pods', pods[0]!, { phase: 'Failed' });
    assert.equal(((await settled) as Error).message, 'CANCELLED');
  });

  it('leaves the Job to the next attempt when only the worker stops, but not a quick one', async (t) => {
    const { server, worker } = await seedCluster(t);
    onJob(server, (job) => job.pod());
    for (const [task, input, left] of [
      ['commit', commit, 1],
      ['listStaged', staged, 1],
    ] as const) {
      const control = testControl();
      const result = worker().run('mssql-rt', task, input, control);
      const before = server.all('jobs').length;
      await until('the Job', () => server.all('jobs').length > before);
      control.abort(new CancelledFailure('WORKER_SHUTDOWN'));
      await assert.rejects(result, { message: 'WORKER_SHUTDOWN' });
      assert.equal(server.all('jobs').length, left, task);
    }
  });
});

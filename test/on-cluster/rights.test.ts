import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { rights } from '../../activities/platform/kubernetes/api/rights.ts';
import { CommandFailed } from '../cluster/host/command.ts';
import { backUp, restore, startBackup, startRestore } from '../support/runs.ts';
import { assertNothingLost } from '../support/store.ts';
import { until } from '../support/until.ts';
import { nextExecutor } from './support/executors.ts';
import { assertCancelled, failureOf } from './support/failure-of.ts';
import { Ledger } from './support/ledger.ts';
import { askedText, grantedTexts, rightText, type RulesReview } from './support/may.ts';
import { cannot } from './support/own-cluster.ts';
import { namespace, startSite, type Site } from './support/site.ts';

/** The whole flow with the chart's own Role, and what the API server's audit log says about it. */
describe('on a cluster, the worker’s Role', { skip: cannot }, () => {
  const ledger = new Ledger(['db1']);
  let site: Site;

  before(async () => {
    site = await startSite();
    await withSource((sql) => ledger.create(sql));
    await write('seed');
  });
  after(() => site?.stop());

  async function withSource<T>(work: (sql: Awaited<ReturnType<Site['sql']>>) => Promise<T>): Promise<T> {
    const sql = await site.sql();
    try {
      return await work(sql);
    } finally {
      await sql.close();
    }
  }
  const write = (note: string): Promise<void> => withSource((sql) => ledger.write(sql, note));

  it('is enough for backups and a restore to a new instance', async () => {
    await backUp(site, 'full');
    await write('after the full backup');
    await backUp(site, 'log');
    await restore(site, { target: 'mssql-rt-target', to: 'latest' });
    const target = await site.sql('mssql-rt-target');
    await ledger.assertIn(target);
    await target.close();
  });

  it('a plan makes nothing but the Job that reads the catalogue', async () => {
    const before = (await site.audit()).length;
    const run = await startRestore(site, { target: 'planned', to: 'latest', mode: 'plan' });
    assert.equal((await run.result()).mode, 'plan');
    const asked = (await site.audit()).slice(before);
    const made = asked.filter(({ verb }) => verb === 'create');
    assert.deepEqual(made.map(askedText), ['create batch/jobs']);
    assert.match(made[0]?.uri ?? '', new RegExp(`^/apis/batch/v1/namespaces/${namespace}/jobs$`));
    const changed = asked.filter(({ verb }) => !['create', 'get', 'list', 'watch'].includes(verb));
    assert.deepEqual(changed.map(askedText), ['delete batch/jobs']);
    assert.match(changed[0]?.name ?? '', /^pitr-plan-/);
  });

  it('is enough for an input that does not fit into a pod', async () => {
    // What cannot be compressed: an annotation holds a quarter of a megabyte, and a ConfigMap a whole one.
    const query = `SELECT 1 /* ${randomBytes(150_000).toString('base64')} */`;
    const before = (await site.audit()).length;
    const validations = [{ database: 'db1', query, expect: 1 }];
    await (await startRestore(site, { target: 'planned', to: 'latest', mode: 'plan', validations })).result();
    const made = (await site.audit()).slice(before).filter(({ verb }) => verb === 'create');
    assert.deepEqual(made.map(askedText).sort(), ['create /configmaps', 'create batch/jobs']);
    await until(
      'the end of the ConfigMap, whose owner is the Job',
      async () => !(await site.kubectl('get', 'configmaps', '-o', 'name')).includes('pitr-plan-'),
    );
  });

  it('is enough to remove what a cancelled restore made', async () => {
    const run = await startRestore(site, { target: 'cancelled', to: 'latest' });
    await until('its pod', async () =>
      (await site.pods.list('mssql-pitr/instance=cancelled')).some(({ spec }) => spec.nodeName !== undefined),
    );
    await run.cancel();
    await assertCancelled(run.result());
    const left = await site.kubectl('get', 'statefulsets,services,pvc,pods,jobs,configmaps', '-o', 'name');
    assert.ok(!left.includes('cancelled'), left);
  });

  it('is enough to say why a Job gets no node', async () => {
    const nodes = site.own.nodes.map(({ name }) => name);
    await site.cluster.kubectl(['cordon', ...nodes]);
    try {
      const { type, message } = await failureOf((await startBackup(site, { kind: 'log' })).result());
      assert.equal(type, 'Unschedulable');
      assert.match(message, /1 node\(s\) were unschedulable; it must run on node-\d, where/);
    } finally {
      await site.cluster.kubectl(['uncordon', ...nodes]);
    }
  });

  it('is enough to take up the Job of a worker that died', async () => {
    await write('before the worker dies');
    const begins = nextExecutor(site.own, 'commit');
    const run = await startBackup(site, { kind: 'log' });
    const executor = await begins;
    const [worker] = await site.pods.workers();
    assert.ok(worker);
    await site.pods.kill(worker);
    await until('an attempt that meets the Job', async () =>
      (await site.audit()).some(({ verb, name }) => verb === 'get' && name === executor.job),
    );
    executor.go();
    await run.result();
    const made = (await site.audit()).filter(({ verb, name }) => verb === 'create' && name === executor.job);
    assert.deepEqual(
      made.map(({ code }) => code),
      [201, 409],
    );
    await withSource(async (sql) => assertNothingLost(await site.folders(), sql, ledger.databases));
  });

  it('has no verb that was not used, and no request was refused', async () => {
    // Whether one may do something, everybody may ask of himself.
    const asked = (await site.audit()).filter(
      ({ resource, apiGroup }) => resource !== null && apiGroup !== 'authorization.k8s.io',
    );
    assert.deepEqual(
      asked.filter(({ allowed, code }) => !allowed || code === 403),
      [],
    );
    assert.deepEqual([...new Set(asked.map(askedText))].sort(), rights.map(rightText).sort());
    assert.deepEqual([...new Set(asked.map((entry) => entry.namespace))], [namespace]);
  });

  it('grants nothing else, here or elsewhere', async () => {
    const secret = 'mssql-rt-mssql-helm-db';
    const wanted = rights.map((right) =>
      right.resource === 'secrets' ? `${rightText(right)} ${secret}` : rightText(right),
    );
    assert.deepEqual(grantedTexts(await rulesIn(namespace)), wanted.sort());
    for (const elsewhere of ['default', 'kube-system']) {
      assert.deepEqual(grantedTexts(await rulesIn(elsewhere)), [], elsewhere);
    }
  });

  const token = async (): Promise<string> => (await site.kubectl('create', 'token', 'mssql-pitr')).trim();

  async function rulesIn(where: string): Promise<RulesReview> {
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectRulesReview',
      spec: { namespace: where },
    };
    const path = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews';
    const args = ['--token', await token(), 'create', '--raw', path, '-f', '-'];
    const rules = JSON.parse(await site.cluster.kubectl(args, JSON.stringify(review))) as RulesReview;
    assert.equal(rules.status.incomplete, false);
    return rules;
  }

  it('lets nothing else through when it is asked for', async () => {
    const [worker] = await site.pods.workers();
    const as = ['--token', await token(), '--namespace', namespace];
    // That the token works, and what it may.
    await site.cluster.kubectl([...as, 'get', 'pods']);
    await site.cluster.kubectl([...as, 'get', 'secret', 'mssql-rt-mssql-helm-db']);
    const refused: readonly (readonly string[])[] = [
      [...as, 'get', 'secrets'],
      [...as, 'get', 'secret', 'sh.helm.release.v1.mssql-rt.v1'],
      [...as, 'get', 'configmaps'],
      [...as, 'delete', 'pod', worker?.metadata.name ?? ''],
      [...as, 'exec', worker?.metadata.name ?? '', '--', 'true'],
      [...as, 'scale', 'statefulset/mssql-rt-mssql-helm-db', '--replicas=0'],
      [...as, 'create', 'role', 'more', '--verb=*', '--resource=*'],
      [...as, 'get', 'nodes'],
      [...as, 'get', 'persistentvolumes'],
      [...as, 'get', 'pods', '--namespace', 'kube-system'],
      [...as, 'get', 'pods', '--all-namespaces'],
    ];
    for (const args of refused) {
      await assert.rejects(
        site.cluster.kubectl(args),
        (error) => error instanceof CommandFailed && /forbidden/i.test(error.stderr),
        args.slice(4).join(' '),
      );
    }
  });
});

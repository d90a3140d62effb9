import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ClusterNode } from '../cluster/cluster.ts';
import { backUp, restore, startBackup } from '../support/runs.ts';
import { assertNothingLost } from '../support/store.ts';
import { triedAgain } from './support/attempts.ts';
import { namespace, podName, startSite, type Site } from './support/site.ts';
import { failureOf } from './support/failure-of.ts';
import { Ledger } from './support/ledger.ts';
import { cannot } from './support/own-cluster.ts';
import { install, sqlValues } from './support/releases.ts';

/** Volumes are disks of one node, ReadWriteOnce, and can be mounted nowhere else. */
describe('on a cluster of two nodes', { skip: cannot }, () => {
  const ledger = new Ledger(['db1']);
  const home = 'node-2';
  const other = 'node-1';
  let site: Site;
  let lost: ClusterNode | undefined;

  before(async () => {
    const nodeSelector = { 'kubernetes.io/hostname': home };
    const instance = (name: string) => ({
      platform: 'kubernetes',
      namespace,
      login: { user: 'sa', password: { secret: { name: `${name}-mssql-helm-db`, key: 'MSSQL_SA_PASSWORD' } } },
      tls: { trustServerCertificate: true },
      store: 'main',
    });
    site = await startSite({
      sql: { nodeSelector },
      pitr: { nodeSelector },
      // Finished Jobs stay, so that it can be seen where they ran.
      config: {
        kubernetes: { keepJobsSeconds: 3_600 },
        instances: { 'mssql-rt': instance('mssql-rt'), far: instance('far') },
      },
    });
    const far = sqlValues(site.images, {
      nodeSelector: { 'kubernetes.io/hostname': other },
      backupStore: { enabled: false },
    });
    await install(site.cluster, namespace, 'mssql-helm', 'far', far);
    const sql = await site.sql();
    await ledger.create(sql);
    await sql.close();
  });
  after(async () => {
    try {
      await lost?.start();
    } finally {
      await site?.stop();
    }
  });

  /** Backs up, restores to a new instance, and looks at both. */
  async function comesAndGoes(target: string): Promise<void> {
    const sql = await site.sql();
    try {
      await ledger.write(sql, `before ${target}`);
      await backUp(site, 'full');
      await ledger.write(sql, `after the full backup before ${target}`);
      await backUp(site, 'log');
      await assertNothingLost(await site.folders(), sql, ledger.databases);
    } finally {
      await sql.close();
    }
    await restore(site, { target, to: 'latest' });
    const restored = await site.sql(target);
    await ledger.assertIn(restored);
    await restored.close();
  }

  it('Jobs and targets are where the volumes are', async () => {
    await comesAndGoes('mssql-rt-target');
    const executors = await site.pods.list('app.kubernetes.io/component=executor');
    assert.ok(executors.length >= 10, `only ${executors.length} Jobs`);
    assert.deepEqual([...new Set(executors.map(({ spec }) => spec.nodeName))], [home]);
    const target = await site.pods.ready(podName('mssql-rt-target'));
    assert.equal(target.spec.nodeName, home);
  });

  it('a backup whose volumes are on two nodes is refused, with the scheduler’s reason', async () => {
    await site.pods.ready(podName('far'));
    const run = await site.client.workflow.start('backupInstance', {
      workflowId: `test-backup/far-${Date.now()}`,
      taskQueue: site.taskQueue,
      args: [{ instance: 'far', kind: 'full' }],
    });
    const { type, message } = await failureOf(run.result());
    assert.equal(type, 'Unschedulable');
    assert.match(message, /finds no node: .*didn't match PersistentVolume's node affinity/);
    assert.match(message, new RegExp(`must run on ${other}, where`));
    const { startTime, closeTime } = await run.describe();
    const seconds = (Number(closeTime) - Number(startTime)) / 1_000;
    assert.ok(seconds < 30, `refused after ${seconds} s only`);
  });

  it('a run is refused in words while the node of its volumes takes no pods, and the next one is not', async () => {
    await site.cluster.kubectl(['cordon', home]);
    try {
      const { type, message } = await failureOf((await startBackup(site, { kind: 'log' })).result());
      assert.equal(type, 'Unschedulable');
      assert.match(message, /unschedulable/);
      assert.match(message, /Mend what keeps the pod from a node/);
    } finally {
      await site.cluster.kubectl(['uncordon', home]);
    }
    await backUp(site, 'log');
  });

  it('the loss of the other node is not noticed', async () => {
    lost = site.own.nodes.find(({ name }) => name === other);
    await lost?.kill();
    await comesAndGoes('mssql-rt-second');
    for await (const { workflowId, runId } of site.client.workflow.list()) {
      assert.deepEqual(await triedAgain(site.client, workflowId, runId), [], workflowId);
    }
  });
});

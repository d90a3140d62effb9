import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { quoteString } from '../../workflows/domain/quoting.ts';
import { backUp, restore, startBackup, startRestore } from '../support/runs.ts';
import type { Workload } from '../support/workload.ts';
import { nextExecutor } from './support/executors.ts';
import { failureOf } from './support/failure-of.ts';
import { cannot } from './support/own-cluster.ts';
import { podProcesses, readIfThere } from './support/pod-processes.ts';
import { podName, startSite, type Site } from './support/site.ts';
import { filesOf, historiesOf, logsOf, objectsOf, type Told } from './support/told.ts';

const target = 'mssql-rt-target';

describe('on a cluster, root and passwords', { skip: cannot }, () => {
  let site: Site;
  let sql: Workload;
  /** Of sa for a while, though the worker tries the first one. */
  const other = 'An0ther-password-of-sa!';

  before(async () => {
    // Finished Jobs stay, with their logs.
    site = await startSite({ config: { kubernetes: { keepJobsSeconds: 3_600 } } });
    sql = await site.sql();
    await sql.create('db1');
    await sql.write('db1', 'seed');
  });
  after(async () => {
    await sql?.close();
    await site?.stop();
  });

  /** Every process of every pod, while an executor stands still. */
  function assertNobodyIsRoot(executor: number): void {
    const processes = podProcesses(site.own);
    assert.ok(processes.some(({ id }) => id.pid === executor));
    for (const part of ['worker/main.ts', 'test/sqlserver/main.ts']) {
      assert.ok(
        processes.some(({ command }) => command.includes(part)),
        part,
      );
    }
    assert.deepEqual(
      processes.filter(({ uid }) => uid !== 10_001),
      [],
    );
  }

  function assertKnowsNoPassword(executor: number): void {
    const known = readIfThere(`/proc/${executor}/environ`) + readIfThere(`/proc/${executor}/cmdline`);
    assert.ok(known.includes('PATH='));
    assert.ok(!known.includes(site.password));
  }

  it('no process of any pod is root while a backup is copied, nor while a restore is staged', async () => {
    const copying = nextExecutor(site.own, 'commit');
    const backup = await startBackup(site, { kind: 'full' });
    const copier = await copying;
    assertNobodyIsRoot(copier.pid);
    assertKnowsNoPassword(copier.pid);
    copier.go();
    await backup.result();

    await backUp(site, 'log');
    const staging = nextExecutor(site.own, 'stage', 'stageSeveral');
    const restoring = await startRestore(site, { target, to: 'latest' });
    const stager = await staging;
    assertNobodyIsRoot(stager.pid);
    assertKnowsNoPassword(stager.pid);
    stager.go();
    await restoring.result();
    for (const pod of [podName('mssql-rt'), podName(target)]) {
      assert.equal(await site.kubectl('exec', pod, '--', 'id', '-u'), '10001\n');
    }
  });

  it('a login that fails is told without the password that was tried', async () => {
    await sql.query(`ALTER LOGIN sa WITH PASSWORD = ${quoteString(other)}`);
    const { type, message } = await failureOf((await startBackup(site, { kind: 'log' })).result());
    assert.equal(type, 'LoginFailed');
    assert.ok(!message.includes(site.password));
    await sql.query(`ALTER LOGIN sa WITH PASSWORD = ${quoteString(site.password)}`);
    await restore(site, { target, to: 'latest', rename: { db1: 'again' } });
  });

  it('no password is in a specification, an event, a log, a history, the metrics or the store', async () => {
    const [worker] = await site.pods.workers();
    const metrics = await (await fetch(`http://${worker?.status.podIP}:9464/metrics`)).text();
    const { storePath } = await site.folders();
    const places: Readonly<Record<string, readonly Told[]>> = {
      objects: await objectsOf(site),
      logs: await logsOf(site),
      'the cluster’s logs': await filesOf(site.own.logs),
      histories: await historiesOf(site.client),
      metrics: [{ where: 'metrics', text: metrics }],
      store: await filesOf(storePath, (path) => !/\.(bak|trn)$/.test(path)),
    };
    const secrets = [site.password, other].flatMap((password) => [
      password,
      Buffer.from(password).toString('base64').replace(/=+$/, ''),
      JSON.stringify(password).slice(1, -1),
      encodeURIComponent(password),
    ]);
    for (const [place, texts] of Object.entries(places)) {
      // That it was looked for where something is, and in plain text.
      assert.ok(
        texts.some(({ text }) => text.includes('mssql-rt')),
        `${place}: nothing is there`,
      );
      const found = texts.filter(({ text }) => secrets.some((secret) => text.includes(secret)));
      assert.deepEqual(
        found.map(({ where }) => where),
        [],
        place,
      );
    }
  });
});

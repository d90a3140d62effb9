import assert from 'node:assert/strict';
import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { hold } from '../support/holds.ts';
import { backUp, restore, startBackup, startRestore, type BackupHandle } from '../support/runs.ts';
import { assertNothingLost, filesBelow } from '../support/store.ts';
import { triedAgain } from './support/attempts.ts';
import { nextExecutor, type Executor } from './support/executors.ts';
import { Ledger } from './support/ledger.ts';
import { cannot } from './support/own-cluster.ts';
import { namespace, podName, startSite, type Site } from './support/site.ts';

/**
 * Parts die at exact places of a run, on a real cluster: each run ends well all the same, the chain has no hole and no
 * duplicate, and a restore to the latest moment has every row that was ever committed.
 */
describe('on a cluster, when something dies', { skip: cannot }, () => {
  const ledger = new Ledger(['db1', 'db2']);
  const target = 'mssql-rt-target';
  let site: Site;

  before(async () => {
    site = await startSite();
    await withSource((sql) => ledger.create(sql));
    await write('seed');
    await backUp(site, 'full');
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
  const fillLog = (megabytes: number): Promise<unknown> =>
    site.withControl('mssql-rt', (control) => control.request('POST', '/databases/db2/ballast/log', { megabytes }));

  const nothingIsLost = (): Promise<void> =>
    withSource(async (sql) => assertNothingLost(await site.folders(), sql, ledger.databases));

  async function killWorker(): Promise<void> {
    const [worker] = await site.pods.workers();
    assert.ok(worker);
    await site.pods.kill(worker);
  }

  async function killServer(instance: string): Promise<void> {
    const pod = await site.pods.ready(podName(instance));
    await site.pods.kill(pod);
    await site.pods.ready(podName(instance), pod.metadata.uid);
  }

  const partials = async (): Promise<string[]> => {
    const { storePath } = await site.folders();
    return filesBelow(join(storePath, 'mssql-rt', '.partial'));
  };

  /** A log backup whose executor stands still in the middle of its copy. */
  async function inTheCopy(note: string): Promise<{ readonly run: BackupHandle; readonly executor: Executor }> {
    await fillLog(64);
    await write(note);
    const before = new Set(await partials());
    const begins = nextExecutor(site.own, 'commit');
    const run = await startBackup(site, { kind: 'log' });
    const executor = await begins;
    await executor.stepUntil('a half copied file', async () =>
      (await partials()).some((path) => !before.has(path) && path.includes('db2')),
    );
    return { run, executor };
  }

  it('a backup survives its worker pod in the middle of BACKUP LOG', async () => {
    await write('before the worker dies in BACKUP LOG');
    await site.withControl('mssql-rt', async (control) => {
      const held = await hold(control, { at: 'backup-log', database: 'db2', atPercent: 1 });
      const run = await startBackup(site, { kind: 'log' });
      await held.reached();
      await killWorker();
      await held.release();
      await run.result();
      assert.deepEqual(await triedAgain(site.client, run.workflowId), ['backUpDatabases']);
    });
    await nothingIsLost();
  });

  it('a backup survives SQL Server’s pod in the middle of BACKUP LOG', async () => {
    await write('before SQL Server dies in BACKUP LOG');
    const run = await site.withControl('mssql-rt', async (control) => {
      const held = await hold(control, { at: 'backup-log', database: 'db2', atPercent: 1 });
      const started = await startBackup(site, { kind: 'log' });
      await held.reached();
      await killServer('mssql-rt');
      return started;
    });
    // By a second attempt of the activity, or within the first, when the server is back soon.
    await run.result();
    await nothingIsLost();
  });

  it('a copy survives SQL Server’s pod', async () => {
    const { run, executor } = await inTheCopy('before SQL Server dies in the copy');
    const killed = killServer('mssql-rt');
    executor.go();
    await killed;
    await run.result();
    await nothingIsLost();
  });

  it('a copy survives the kubelet of its node, which is started again after the copy has ended', async () => {
    const { run, executor } = await inTheCopy('before the kubelet dies');
    const node = site.own.nodes.find(({ name }) => name === executor.node);
    assert.ok(node);
    await node.kubelet.kill();
    try {
      executor.go();
      await executor.ended();
    } finally {
      await node.kubelet.start();
    }
    await run.result();
    await nothingIsLost();
  });

  it('a copy survives that somebody deletes its Job', async () => {
    const { run, executor } = await inTheCopy('before the Job is deleted');
    await site.kubectl('delete', 'job', executor.job, '--wait=false');
    executor.go();
    await run.result();
    await nothingIsLost();
  });

  it('a copy survives the executor’s pod; what that left half copied goes with a later run', async () => {
    const { run, executor } = await inTheCopy('before the executor dies');
    await site.own.killContainers(namespace, executor.pod);
    await executor.ended();
    await run.result();
    // Of a process in another pod nobody can tell whether it lives: its file is removed when it is old.
    const left = await partials();
    const old = new Date(Date.now() - 11 * 60_000);
    for (const path of left) await utimes(path, old, old);
    await write('after the executor died');
    await backUp(site, 'log');
    await nothingIsLost();
  });

  it('a restore makes its target, which has every row that was committed', async () => {
    await restore(site, { target, to: 'latest' });
    const sql = await site.sql(target);
    await ledger.assertIn(sql);
    await sql.close();
  });

  const cases = [
    { name: 'its worker pod in the middle of RESTORE LOG', at: 'restore-log', kill: killWorker, lives: true },
    {
      name: 'the pod of the target’s SQL Server in the middle of RESTORE DATABASE',
      at: 'restore-database',
      kill: () => killServer(target),
      lives: false,
    },
  ] as const;
  for (const { name, at, kill, lives } of cases) {
    it(`a restore survives ${name}`, async () => {
      const nameOf = (database: string): string => `${database} ${at}`;
      const rename = Object.fromEntries(ledger.databases.map((database) => [database, nameOf(database)]));
      const run = await site.withControl(target, async (control) => {
        const held = await hold(control, { at, atPercent: 30, database: nameOf('db2') });
        const started = await startRestore(site, { target, to: 'latest', rename });
        await held.reached();
        await kill();
        if (lives) await held.release();
        return started;
      });
      await run.result();
      assert.ok((await triedAgain(site.client, run.workflowId)).includes('restoreSteps'));
      const sql = await site.sql(target);
      await ledger.assertIn(sql, nameOf);
      await sql.close();
    });
  }

  it('the worker was never refused anything by its Role', async () => {
    assert.deepEqual(
      (await site.audit()).filter(({ allowed, code }) => !allowed || code === 403),
      [],
    );
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { backUp, restore, startBackup } from '../support/runs.ts';
import { assertNothingLost } from '../support/store.ts';
import type { Workload } from '../support/workload.ts';
import { Ledger } from './support/ledger.ts';
import { cannot } from './support/own-cluster.ts';
import { randomOf } from './support/random.ts';
import { startSite, type Site } from './support/site.ts';

const runs = 10;
/** About as long as a run takes that nobody disturbs. */
const longestWaitMs = 6_000;

describe('on a cluster, two replicas of the worker', { skip: cannot }, () => {
  const ledger = new Ledger(['db1', 'db2']);
  let site: Site;
  let sql: Workload;

  before(async () => {
    site = await startSite({ pitr: { replicas: 2 } });
    sql = await site.sql();
    await ledger.create(sql);
    await ledger.write(sql, 'seed');
    await backUp(site, 'full');
  });
  after(async () => {
    await sql?.close();
    await site?.stop();
  });

  it(`lose nothing when one is killed at a random moment of each of ${runs} runs`, async (t) => {
    const seed = Number(process.env['ON_CLUSTER_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
    t.diagnostic(`ON_CLUSTER_SEED=${seed}`);
    const random = randomOf(seed);
    for (let n = 1; n <= runs; n += 1) {
      await ledger.write(sql, `before run ${n}`);
      const run = await startBackup(site, { kind: 'log' });
      await pause(random() * longestWaitMs);
      const running = (await site.pods.workers()).filter(({ status }) => status.phase === 'Running');
      const victim = running[Math.floor(random() * running.length)];
      assert.ok(victim, 'no worker runs');
      await site.pods.kill(victim);
      await ledger.write(sql, `in run ${n}`);
      await run.result();
    }
    await assertNothingLost(await site.folders(), sql, ledger.databases);
  });

  it('and a restore to the latest moment has every row that was committed', async () => {
    await backUp(site, 'log');
    await restore(site, { target: 'mssql-rt-target', to: 'latest' });
    const target = await site.sql('mssql-rt-target');
    await ledger.assertIn(target);
    await target.close();
  });
});

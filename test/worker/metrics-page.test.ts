import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { Runtime } from '@temporalio/worker';
import { openFleet } from '../../activities/fleet/fleet.ts';
import { announceCounters, openMetrics } from '../../activities/metrics.ts';
import { createPlatform } from '../../activities/platform/index.ts';
import { parseSettings } from '../../client/config.ts';
import { readEnvironment } from '../../worker/environment.ts';
import { openMetricsPage, type MetricsPage } from '../../worker/metrics/page.ts';
import { serveMetrics } from '../../worker/metrics/serve.ts';
import { installRuntime } from '../../worker/runtime.ts';
import { metricsRead } from '../deploy/monitoring/dashboard.ts';
import { scrape } from '../support/scrape.ts';

const settings = parseSettings(
  `stores: { main: { path: store } }
instances:
  a: { host: h, login: { user: u, password: { env: P } }, dataRoot: data, store: main }
`,
  '/srv/temporal.yaml',
);
const fleet = openFleet(10);
let page: MetricsPage;
let metrics: ReturnType<typeof openMetrics>;
before(async () => {
  page = await openMetricsPage({ host: '127.0.0.1', port: 0 }, { fleet, settings });
  const runtime = installRuntime(readEnvironment({ MSSQL_PITR_LOG_LEVEL: 'ERROR' }), page.exporter, () => undefined);
  const meter = runtime.metricMeter;
  announceCounters(meter);
  metrics = openMetrics({ settings, platform: createPlatform(settings), metrics: meter, fleet });
});
after(async () => {
  await page.close();
  // It would keep the process.
  await Runtime.instance().shutdown();
});

describe('the page that Prometheus reads', () => {
  it('has every counter at zero before anything happened', async () => {
    const { values } = await scrape(page.address);
    for (const name of ['backup_failures', 'retention_removed_sets', 'store_problems', 'restores', 'mending_backups']) {
      assert.deepEqual(values(`mssql_pitr_${name}_total`), [0], name);
    }
  });

  it('counts what activities report, under the names of docs/metrics.md', async () => {
    metrics.committed('a', [
      { kind: 'log', sizeBytes: 10 },
      { kind: 'log', sizeBytes: 5 },
      { kind: 'full', sizeBytes: 100 },
    ]);
    metrics.mended('a', 'first-backup', 2);
    metrics.retained('a', { sets: 3, bytes: 30 });
    metrics.verified('a', { sets: 7, bytes: 70, problems: { damaged: 1 } });
    metrics.restored('a', { rpoSeconds: 20, rtoSeconds: 90, bytes: 500, databases: 3 });
    metrics.discarded('a');
    metrics.backupRun({ instance: 'a', kind: 'log', seconds: 4, failed: [{ type: 'AccessDenied' }], broken: 1 });
    const { values } = await scrape(page.address);
    const of = (name: string, labels: Record<string, string> = {}) =>
      values(`mssql_pitr_${name}`, { sql_instance: 'a', ...labels });
    assert.deepEqual(of('committed_bytes_total', { kind: 'log' }), [15]);
    assert.deepEqual(of('committed_sets_total', { kind: 'full' }), [1]);
    assert.deepEqual(of('mending_backups_total', { reason: 'first-backup' }), [2]);
    assert.deepEqual(of('retention_removed_bytes_total'), [30]);
    assert.deepEqual(of('store_problems_total', { problem: 'damaged' }), [1]);
    assert.deepEqual(of('restores_total', { outcome: 'discarded' }), [1]);
    assert.deepEqual(of('backup_runs_total', { kind: 'log', outcome: 'incomplete' }), [1]);
    assert.deepEqual(of('backup_failures_total', { type: 'AccessDenied' }), [1]);
    assert.deepEqual(values('mssql_pitr_restore_rto_seconds_bucket', { le: '60' }), [0]);
    assert.deepEqual(values('mssql_pitr_restore_rto_seconds_bucket', { le: '120' }), [1]);
  });

  it('has every metric of ours that the rules and the dashboard read, and no label of a scrape target', async () => {
    fleet.put({
      instance: 'a',
      observedMs: 2_000,
      databases: [{ database: 'db1', latestRestorableMs: 1_000 }],
      counts: { whole: 1, broken: 0, 'no-log-backup': 0, simple: 0, 'no-backup': 0 },
      earliestLatestMs: 1_000,
      run: { kind: 'full', finishedMs: 2_000, seconds: 1, complete: true },
    });
    const { names, text } = await scrape(page.address);
    const ours = [...metricsRead()].filter((name) => name.startsWith('mssql_pitr_'));
    // Counted by the worker's interceptor; test/stack/operating.test.ts looks at a whole worker.
    const elsewhere = new Set(['mssql_pitr_activity_failures_total']);
    assert.deepEqual(
      ours.filter((name) => !names.has(name) && !elsewhere.has(name)),
      [],
    );
    assert.doesNotMatch(text, /[{,](instance|job)="/);
  });

  it('is one that Prometheus takes: every line is a comment or a series', async () => {
    const { text } = await scrape(page.address);
    const wrong = text
      .split('\n')
      .filter((line) => line !== '' && !/^(# (HELP|TYPE) \w+ .+|\w+(\{.*\})? [-+.\deE]+(Inf)?)$/.test(line));
    assert.deepEqual(wrong, []);
    const described = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    assert.equal(new Set(described).size, described.length, 'no metric is described twice');
  });

  it('is refused as a whole while the part of the SDK is not there, which Prometheus takes for down', async () => {
    const nobody = createServer().listen(0, '127.0.0.1');
    await once(nobody, 'listening');
    const { port } = nobody.address() as AddressInfo;
    nobody.close();
    await once(nobody, 'close');
    const server = await serveMetrics({ host: '127.0.0.1', port: 0 }, { own: () => 'x 1\n', sdk: `127.0.0.1:${port}` });
    try {
      assert.equal((await fetch(`http://${server.address}/metrics`)).status, 503);
      assert.equal((await fetch(`http://${server.address}/`)).status, 404);
    } finally {
      await server.close();
    }
  });
});

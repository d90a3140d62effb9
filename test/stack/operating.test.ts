import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../worker/free-port.ts';
import { metricsRead } from '../deploy/monitoring/dashboard.ts';
import { runCli, type CliResult } from '../client/cli.ts';
import { backUp, restore } from '../support/runs.ts';
import { scrape, type Page } from '../support/scrape.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { openWorkload, type Workload } from '../support/workload.ts';

let stack: Stack;
let source: Workload;
let metrics = '';
before(async () => {
  metrics = `127.0.0.1:${await freePort()}`;
  stack = await startStack({ workerEnv: { MSSQL_PITR_METRICS_ADDRESS: metrics } });
  source = await openWorkload(stack.source.port, stack.password);
  for (const database of ['db1', 'db2']) {
    await source.create(database);
    await source.write(database, 'seed');
  }
  await backUp(stack, 'full');
  // Headers carry whole seconds: a log of the full's own second proves no moment yet.
  await pause(1_100);
  await backUp(stack, 'log');
});
after(async () => {
  await source?.close();
  await stack?.stop();
});

const latest = 'mssql_pitr_latest_restorable_timestamp_seconds';
const instance = { sql_instance: 'mssql-rt' };

function doctor(...args: string[]): Promise<CliResult> {
  return runCli(['doctor', '--config', stack.configPath, ...args], {
    env: { TEMPORAL_ADDRESS: stack.temporal.address, COLUMNS: '100', TZ: 'UTC' },
  });
}

function assertShown(page: Page, database: string): number {
  const [value] = page.values(latest, { ...instance, database });
  assert.ok(value !== undefined, `${database} has no series`);
  assert.ok(Math.abs(Date.now() / 1000 - value) < 600, `${value}`);
  return value;
}

test('a worker shows how far each database can be brought back, beside the metrics of the SDK', async () => {
  const page = await scrape(metrics);
  const oldest = Math.min(assertShown(page, 'db1'), assertShown(page, 'db2'));
  assert.deepEqual(page.values('mssql_pitr_instance_latest_restorable_timestamp_seconds', instance), [oldest]);
  assert.deepEqual(page.values('mssql_pitr_databases', { ...instance, standing: 'whole' }), [2]);
  assert.deepEqual(page.values('mssql_pitr_backup_runs_total', { kind: 'full', outcome: 'complete' }), [1]);
  assert.deepEqual(page.values('mssql_pitr_committed_sets_total', { ...instance, kind: 'log' }), [2]);
  assert.ok((page.values('mssql_pitr_committed_bytes_total', { ...instance, kind: 'full' })[0] ?? 0) > 0);
  assert.equal(page.values('mssql_pitr_backup_run_duration_seconds_count', { kind: 'log' })[0], 1);
  assert.ok(page.names.has('temporal_num_pollers'), 'the SDK is on the same page');
});

test('what one worker knew, the next one shows before any run: it is read from the runs that ended', async () => {
  const before = await scrape(metrics);
  await stack.worker.kill();
  await stack.replaceWorker();
  const after = await until('the series are back', async () => {
    const page = await scrape(metrics).catch(() => null);
    return page !== null && page.values(latest, instance).length === 2 && page;
  });
  for (const database of ['db1', 'db2']) {
    assert.equal(assertShown(after, database), assertShown(before, database));
  }
  await until('the last full run', async () => {
    const page = await scrape(metrics);
    return page.values('mssql_pitr_last_complete_run_timestamp_seconds', { ...instance, kind: 'full' }).length === 1;
  });
});

test('a database that was dropped has no series after the next run', async () => {
  await source.query('DROP DATABASE db2');
  await backUp(stack, 'log');
  const page = await scrape(metrics);
  assertShown(page, 'db1');
  assert.deepEqual(page.values(latest, { ...instance, database: 'db2' }), []);
});

test('every metric that the rules and the dashboard read is on the page of a worker that did its work', async () => {
  await restore(stack, { target: 'mssql-rt-copy', to: 'latest' });
  const { names } = await scrape(metrics);
  assert.deepEqual(
    [...metricsRead()].filter((name) => !names.has(name)),
    [],
  );
});

test('doctor finds nothing to mend here, and says what it would rather have', async () => {
  const { code, stdout, stderr } = await doctor();
  assert.equal(code, 0, stdout + stderr);
  for (const said of [
    /All 4 search attributes are registered/,
    /On task queue mssql-pitr: \S+/,
    /mssql-rt takes the login sa/,
    /sa may back up all 1 databases/,
    /SQL Server's clock, against the worker's, agrees/,
    /The worker's clock, against Temporal's, agrees/,
    /Temporal's clock, against this machine's, agrees/,
    /The backup store can be written/,
    /! sa is sysadmin: more than is needed\n +→ Make a login of its own with docs\/grants\.sql/,
  ]) {
    assert.match(stdout, said);
  }
});

test('doctor says in JSON what failed, and how to mend it, and ends with 1', async () => {
  await stack.source.stop();
  try {
    const { code, stdout } = await doctor('--json');
    const { ok, sections } = JSON.parse(stdout) as {
      ok: boolean;
      sections: { title: string; findings: { check: string; level: string; fix?: string }[] }[];
    };
    assert.deepEqual([code, ok], [1, false]);
    const failed = sections.flatMap(({ title, findings }) =>
      findings.filter(({ level }) => level === 'fail').map(({ check, fix }) => [title, check, fix]),
    );
    assert.deepEqual(failed, [
      ['mssql-rt', 'sql.login', 'SQL Server does not answer; the run waits and goes on when it does.'],
    ]);
  } finally {
    await stack.restartSource();
  }
});

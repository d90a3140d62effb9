import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { freePort } from '../../worker/dev/ports.ts';
import { runCli } from '../client/cli.ts';
import { takeAlong } from '../support/children.ts';
import { startTemporal, type TemporalServer } from '../support/temporal.ts';
import { until } from '../support/until.ts';
import { startWorkerProcess, workerMain, type LogLine } from '../support/worker.ts';

const settings = `taskQueue: worker-test
stores:
  main: { path: store }
instances:
  mssql-rt:
    host: 127.0.0.1
    port: 1
    login: { user: sa, password: { env: PW } }
    dataRoot: data
    store: main
`;

let folder = '';
let config = '';
let temporal: TemporalServer;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pitr-worker-'));
  config = join(folder, 'temporal.yaml');
  writeFileSync(config, settings);
  temporal = await startTemporal({ bare: true });
});
after(async () => {
  await temporal.stop();
  rmSync(folder, { recursive: true });
});

/** Runs a worker that is expected to end by itself. */
async function endedWorker(env: Record<string, string>, args: string[] = ['--config', config]) {
  const child = spawn(process.execPath, [workerMain, ...args], { env: { ...process.env, ...env } });
  takeAlong(child);
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const [code] = (await once(child, 'close')) as [number | null];
  const log = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as LogLine);
  return { code, log };
}

describe('the worker process', () => {
  it('registers its search attributes, says when it is ready, serves health and metrics, and ends by SIGTERM', async () => {
    const metrics = `127.0.0.1:${await freePort()}`;
    const worker = await startWorkerProcess({
      config,
      env: {
        TEMPORAL_ADDRESS: temporal.address,
        MSSQL_PITR_HEALTH_ADDRESS: '127.0.0.1:0',
        MSSQL_PITR_METRICS_ADDRESS: metrics,
      },
    });
    const { address, namespace, taskQueue, health } = worker.ready;
    assert.deepEqual([address, namespace, taskQueue], [temporal.address, 'default', 'worker-test']);
    const added = worker.log.find(({ message }) => message === 'search attributes added')?.['added'];
    assert.deepEqual(added, ['SqlInstance', 'SqlDatabase', 'BackupKind', 'RestorePoint']);

    const ready = await fetch(`http://${String(health)}/readyz`);
    assert.equal(ready.status, 200, await ready.text());
    const text = await (await fetch(`http://${metrics}/metrics`)).text();
    assert.match(text, /temporal_num_pollers/);

    // What the worker has registered can be used at once: a start carries them.
    const started = await runCli(['backup', 'mssql-rt', '--kind', 'log', '--detach', '--config', config], {
      env: { TEMPORAL_ADDRESS: temporal.address },
    });
    assert.equal(started.code, 0, started.stderr);
    assert.doesNotMatch(started.stderr, /No worker listens/);

    assert.deepEqual(await worker.stop(), { code: 0, signal: null });
    assert.equal(worker.log.at(-1)?.message, 'worker stopped');
    for (const line of worker.log) assert.notEqual(line.level, 'TEXT', line.message);
  });

  it('ends by SIGTERM in the middle of an activity, which another worker then takes up', async () => {
    const reached = Promise.withResolvers<void>();
    // A SQL Server that takes connections and says nothing.
    const sockets: Socket[] = [];
    const mute = createServer((socket) => {
      sockets.push(socket);
      reached.resolve();
    }).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { port } = mute.address() as AddressInfo;
    const hanging = join(folder, 'hanging.yaml');
    writeFileSync(hanging, settings.replace('port: 1', `port: ${port}`).replace('worker-test', 'hanging-test'));
    const env = { TEMPORAL_ADDRESS: temporal.address, PW: 'x' };
    const worker = await startWorkerProcess({ config: hanging, env });
    const connection = await Connection.connect({ address: temporal.address });
    try {
      await runCli(['backup', 'mssql-rt', '--kind', 'full', '--detach', '--config', hanging], { env });
      await reached.promise;
      const stopped = worker.stop();
      await until('the worker drains', () => worker.log.some((line) => line['state'] === 'DRAINING'));
      for (const socket of sockets) socket.destroy();
      assert.deepEqual(await stopped, { code: 0, signal: null });
      const { status, raw } = await new Client({ connection }).workflow.getHandle('backup/mssql-rt/full').describe();
      assert.equal(status.name, 'RUNNING');
      assert.equal(raw.pendingActivities?.[0]?.activityType?.name, 'openBackupRun');
    } finally {
      await connection.close();
      mute.close();
    }
  });

  it('takes workflows that were bundled before', async () => {
    const bundle = join(folder, 'bundle.js');
    const build = spawn(process.execPath, [workerMain.replace('main.ts', 'build-bundle.ts'), bundle]);
    takeAlong(build);
    assert.deepEqual(await once(build, 'exit'), [0, null]);
    const worker = await startWorkerProcess({
      config,
      env: { TEMPORAL_ADDRESS: temporal.address, MSSQL_PITR_WORKFLOW_BUNDLE: bundle },
    });
    assert.deepEqual(await worker.stop(), { code: 0, signal: null });
  });

  it('does not bundle by itself when the bundle it was given is not there', async () => {
    const env = { TEMPORAL_ADDRESS: temporal.address, MSSQL_PITR_WORKFLOW_BUNDLE: join(folder, 'gone.js') };
    const { code, log } = await endedWorker(env);
    assert.equal(code, 1);
    assert.match(log.at(-1)?.message ?? '', /^worker failed: .*gone\.js/);
  });

  it('gives up with clear words when Temporal does not answer', async () => {
    const { code, log } = await endedWorker({ TEMPORAL_ADDRESS: '127.0.0.1:1', MSSQL_PITR_CONNECT_ATTEMPTS: '2' });
    assert.equal(code, 1);
    assert.deepEqual(
      log.map(({ level }) => level),
      ['WARN', 'ERROR'],
    );
    assert.match(log[1]?.message ?? '', /^worker failed: Temporal does not answer at 127\.0\.0\.1:1 after 2 attempts/);
  });

  it('ends at once by SIGTERM while it waits for Temporal', async () => {
    const child = spawn(process.execPath, [workerMain, '--config', config], {
      env: { ...process.env, TEMPORAL_ADDRESS: '127.0.0.1:1', MSSQL_PITR_CONNECT_ATTEMPTS: '1000' },
    });
    takeAlong(child);
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });

  it('refuses wrong settings with every mistake, in one line of its log', async () => {
    const bad = join(folder, 'bad.yaml');
    writeFileSync(bad, settings.replace('port: 1', 'prt: 1').replace('store: main', 'store: other'));
    const { code, log } = await endedWorker({}, ['--config', bad]);
    assert.equal(code, 1);
    assert.equal(log.length, 1);
    assert.match(
      log[0]?.message ?? '',
      /2 mistakes:\n {2}line 7: instances\.mssql-rt\.prt.*\n {2}line 10: instances\.mssql-rt\.store/,
    );
  });

  it('refuses a wrong environment by the name of the variable', async () => {
    const { code, log } = await endedWorker({ MSSQL_PITR_METRICS_ADDRESS: 'everywhere' });
    assert.equal(code, 1);
    assert.match(log[0]?.message ?? '', /MSSQL_PITR_METRICS_ADDRESS must be an address and a port/);
  });
});

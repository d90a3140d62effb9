import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Context } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { failureText } from '../../workflows/domain/failures.ts';
import type { Activities } from '../../workflows/contracts.ts';
import { SqlDatabase, SqlInstance } from '../../workflows/search-attributes.ts';
import { workflowsPath } from '../../worker/options.ts';
import { startTemporal, type TemporalServer } from '../support/temporal.ts';
import { fakeActivities } from '../workflows/fake-activities.ts';
import { runCli, type CliOptions, type CliResult } from './cli.ts';

const settings = `taskQueue: cli-test
stores:
  main: { path: store }
instances:
  mssql-rt:
    host: 127.0.0.1
    login: { user: sa, password: { env: PW } }
    dataRoot: data
    store: main
    newInstance: { command: [run, '{port}', '{dataRoot}'], dataRoot: 'new/{name}', ports: 14400-14499 }
  lonely:
    host: 127.0.0.2
    login: { user: sa, password: { env: PW } }
    dataRoot: data2
    store: main
`;

let folder = '';
let temporal: TemporalServer;
let client: Client;
let native: NativeConnection;
let workflowBundle: { code: string };

const cli = (args: string[], options: CliOptions = {}): Promise<CliResult> =>
  runCli(args, {
    ...options,
    env: {
      TEMPORAL_ADDRESS: temporal.address,
      MSSQL_PITR_CONFIG: join(folder, 'temporal.yaml'),
      TZ: 'UTC',
      ...options.env,
    },
  });

/** Runs `work` while a worker with these activities listens on the task queue of the settings. */
async function withWorker<T>(over: Partial<Activities>, work: () => Promise<T>): Promise<T> {
  const worker = await Worker.create({
    connection: native,
    workflowBundle,
    activities: fakeActivities(['db1', 'db2'], over),
    taskQueue: 'cli-test',
    shutdownGraceTime: '1 second',
    maxHeartbeatThrottleInterval: '500 ms',
  });
  return worker.runUntil(work);
}

/** An activity that goes on until it is cancelled, or until `release` is called. */
function hanging(heartbeat: unknown): { run: () => Promise<never>; begun: Promise<void> } {
  const begun = Promise.withResolvers<void>();
  return {
    begun: begun.promise,
    run: async () => {
      const { cancelled, heartbeat: beat } = Context.current();
      const ticker = setInterval(() => beat(heartbeat), 200);
      beat(heartbeat);
      begun.resolve();
      return cancelled.finally(() => clearInterval(ticker));
    },
  };
}

before(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  folder = mkdtempSync(join(tmpdir(), 'pitr-cli-'));
  writeFileSync(join(folder, 'temporal.yaml'), settings);
  temporal = await startTemporal();
  client = new Client({ connection: await Connection.connect({ address: temporal.address }) });
  native = await NativeConnection.connect({ address: temporal.address });
  workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
});

after(async () => {
  await client.connection.close();
  await native.close();
  await temporal.stop();
  rmSync(folder, { recursive: true });
});

const noStack = ({ stdout, stderr }: CliResult): void => assert.doesNotMatch(stdout + stderr, /^\s+at .*:\d+:\d+/m);

describe('backup', () => {
  it('shows the steps while it waits, then the result, and ends with 0', async () => {
    const sets = [{ database: 'db1', kind: 'log' as const, manifest: 'mssql-rt/db1/x.json', sizeBytes: 2_500_000 }];
    const commitStaged = async () => ({ count: 1, sizeBytes: 2_500_000, sets, torn: 0, failed: [] });
    const result = await withWorker({ commitStaged }, () => cli(['backup', 'mssql-rt', '--kind', 'log']));
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stderr, /Started backup\/mssql-rt\/log/);
    assert.match(result.stderr, /✔ Back up: 2 databases/);
    assert.match(result.stdout, /log backup of mssql-rt: 2 databases done/);
    assert.match(result.stdout, /db1.*2\.5 MB.*mssql-rt\/db1\/x\.json/);
    const longest = Math.max(...result.stdout.split('\n').map((line) => line.length));
    assert.ok(longest <= 120, `a line is ${longest} wide`);
  });

  it('is found by instance and database, and says what it is in one line', async () => {
    await withWorker({}, () =>
      cli(['backup', 'mssql-rt', '--kind', 'full', '--database', 'db 1', '--database', 'db2']),
    );
    const run = await client.workflow.getHandle('backup/mssql-rt/full').describe();
    assert.equal(await run.staticSummary(), 'full backup of mssql-rt');
    assert.equal(run.typedSearchAttributes.get(SqlInstance), 'mssql-rt');
    assert.deepEqual(run.typedSearchAttributes.get(SqlDatabase), ['db 1', 'db2']);
  });

  it('with --json writes one JSON document to stdout and nothing else', async () => {
    const { code, stdout } = await withWorker({}, () => cli(['backup', 'mssql-rt', '--kind', 'log', '--json']));
    assert.equal(code, 0);
    const document = JSON.parse(stdout) as { workflowId: string; state: string; result: { done: number } };
    assert.deepEqual(
      [document.workflowId, document.state, document.result.done],
      ['backup/mssql-rt/log', 'COMPLETED', 2],
    );
  });

  it('that fails shows its type, what happened and what to do, with what was done beside it, and ends with 1', async () => {
    const failed = [{ database: 'db2', type: 'StorageFull' as const, message: 'No space left.' }];
    const backUpDatabases = async () => ({ done: 1, adopted: 0, failed });
    const result = await withWorker({ backUpDatabases }, () => cli(['backup', 'mssql-rt', '--kind', 'log']));
    assert.equal(result.code, 1);
    assert.match(result.stderr, /✘ BackupIncomplete\n {2}1 database failed\. db2: No space left\./);
    assert.match(result.stderr, /What to do: The databases named above have no new backup/);
    assert.match(result.stdout, /Failed:[\s\S]*db2.*StorageFull/);
    noStack(result);
  });

  it('that fails says so as JSON when asked', async () => {
    const openBackupRun = async () => {
      throw ApplicationFailure.create({
        type: 'LoginFailed',
        message: failureText('LoginFailed', 'Login failed for user sa'),
        nonRetryable: true,
      });
    };
    const result = await withWorker({ openBackupRun }, () => cli(['backup', 'mssql-rt', '--kind', 'log', '--json']));
    assert.equal(result.code, 1);
    assert.deepEqual((JSON.parse(result.stdout) as { failure: unknown }).failure, {
      type: 'LoginFailed',
      message: 'Login failed for user sa.',
      hint: 'Check the login and the secret that temporal.yaml refers to.',
    });
  });

  it('while one is going on watches that one and says so', async () => {
    const { begun, run } = hanging({ done: 1, of: 2, running: { db2: '42 %' } });
    await withWorker({ backUpDatabases: run }, async () => {
      const first = await cli(['backup', 'mssql-rt', '--kind', 'log', '--detach', '--json']);
      assert.equal(first.code, 0);
      await begun;
      const before = await client.workflow.getHandle('backup/mssql-rt/log').describe();
      const second = await cli(['backup', 'mssql-rt', '--kind', 'log', '--database', 'db1', '--detach']);
      assert.equal(second.code, 0);
      assert.match(second.stderr, /is going on already as backup\/mssql-rt\/log; nothing new was started/);
      const now = await client.workflow.getHandle('backup/mssql-rt/log').describe();
      assert.equal(now.runId, before.runId);
      await client.workflow.getHandle('backup/mssql-rt/log').cancel();
      await assert.rejects(client.workflow.getHandle('backup/mssql-rt/log').result());
    });
  });
});

describe('watching', () => {
  it('ends by Ctrl-C with 130, says how to go on, and leaves the run alone; cancel ends the run', async () => {
    const { run } = hanging({ done: 0, of: 2, running: { db1: '42 %' } });
    await withWorker({ backUpDatabases: run }, async () => {
      const watched = await cli(['backup', 'mssql-rt', '--kind', 'log'], { interruptOn: /▶ Back up/ });
      assert.equal(watched.code, 130);
      assert.match(
        watched.stderr,
        /The run goes on by itself\.\n.*status backup\/mssql-rt\/log --watch\n.*cancel backup\/mssql-rt\/log/,
      );

      const status = await cli(['status', 'backup/mssql-rt/log']);
      assert.equal(status.code, 0);
      assert.match(status.stdout, /backup\/mssql-rt\/log: running/);
      assert.match(status.stdout, /▶ Back up/);
      assert.match(status.stdout, /backUpDatabases, 0 of 2, db1 42 %/);

      const cancelled = await cli(['cancel', 'backup/mssql-rt/log']);
      assert.equal(cancelled.code, 0);
      assert.match(cancelled.stdout, /Asked backup\/mssql-rt\/log to stop/);
      const end = await cli(['status', 'backup/mssql-rt/log', '--watch']);
      assert.equal(end.code, 1);
      assert.match(end.stderr, /✘ Cancelled/);
      const again = await cli(['cancel', 'backup/mssql-rt/log']);
      assert.match(again.stdout, /has ended already \(CANCELLED\)/);
      assert.equal(again.code, 0);
    });
  });

  it('says at once that no worker listens', async () => {
    const started = await cli(['backup', 'mssql-rt', '--kind', 'differential', '--detach'], {
      env: { MSSQL_PITR_CONFIG: configWithQueue('nobody-listens') },
    });
    assert.equal(started.code, 0);
    assert.match(started.stderr, /No worker listens on task queue nobody-listens: the run waits for one/);
    const status = await cli(['status', 'backup/mssql-rt/differential']);
    assert.match(status.stdout, /no worker answers just now/);
    await client.workflow.getHandle('backup/mssql-rt/differential').terminate();
    const end = await cli(['status', 'backup/mssql-rt/differential']);
    assert.match(end.stdout, /✘ Terminated/);
  });
});

describe('restore', () => {
  const base = ['restore', 'mssql-rt', '--target', 'mssql-rt-2'];

  it('shows the certificate: where each database stopped, RPO and RTO', async () => {
    const result = await withWorker({}, () => cli([...base, '--to', '2026-02-10T06:54:34Z']));
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stdout, /Restored to 2026-02-10 06:54:34 UTC, on a new instance/);
    assert.match(result.stdout, /db2.*39000000172000001.*inside a log/);
    assert.match(result.stdout, /RPO 1 min 39 s, RTO 31\.0 s/);
  });

  it('with --plan shows the plan and that nothing was made', async () => {
    const result = await withWorker({}, () => cli([...base, '--to', 'latest', '--plan']));
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stdout, /Plan for 2026-02-10 06:54:34 UTC: 42 files/);
    assert.match(result.stdout, /Nothing was made or changed/);
  });

  it('is a new run every time', async () => {
    const ids = await withWorker({}, async () => {
      const run = async (): Promise<string> => {
        const { stdout } = await cli([...base, '--to', 'latest', '--plan', '--json']);
        return (JSON.parse(stdout) as { workflowId: string }).workflowId;
      };
      return [await run(), await run()];
    });
    assert.match(ids[0] ?? '', /^restore\/mssql-rt-2\/\d{8}T\d{6}Z-[0-9a-f]{6}$/);
    assert.notEqual(ids[0], ids[1]);
  });

  it('passes on what was asked for', async () => {
    const seen = Promise.withResolvers<unknown>();
    const planRestore: Activities['planRestore'] = async (input) => {
      seen.resolve(input.request);
      throw ApplicationFailure.nonRetryable('no', 'TargetTimeNotReachable');
    };
    const args = ['--to', '2026-02-10T07:54:34+01:00', '--database', 'db2', '--rename', 'db2=db2_before', '--check-db'];
    const more = ['--validate', 'db2: SELECT COUNT(*) FROM dbo.orders => 42', '--repair-users', '--keep'];
    const result = await withWorker({ planRestore }, () => cli([...base, ...args, ...more]));
    assert.equal(result.code, 1);
    assert.match(result.stderr, /✘ TargetTimeNotReachable/);
    assert.deepEqual(await seen.promise, {
      source: 'mssql-rt',
      target: 'mssql-rt-2',
      to: '2026-02-10T07:54:34+01:00',
      databases: ['db2'],
      rename: { db2: 'db2_before' },
      checkDb: true,
      validations: [{ database: 'db2', query: 'SELECT COUNT(*) FROM dbo.orders', expect: 42 }],
      repairUsers: true,
      keep: true,
    });
  });
});

describe('wrong input ends with 2 before anybody is asked', () => {
  const nobody = { env: { TEMPORAL_ADDRESS: '127.0.0.1:1' } };
  const cases: [string, string[], RegExp][] = [
    [
      'an unknown instance',
      ['backup', 'nope', '--kind', 'log', '--config', '{bounded}'],
      /no instance "nope".*\n.*Declared are: mssql-rt, lonely/,
    ],
    ['an unknown kind', ['backup', 'mssql-rt', '--kind', 'tail'], /Allowed choices are log, full, differential/],
    ['no kind', ['backup', 'mssql-rt'], /required option '--kind/],
    ['an unknown option', ['backup', 'mssql-rt', '--kind', 'log', '--fast'], /unknown option '--fast'/],
    ['an unknown command', ['restor'], /unknown command 'restor'[\s\S]*Did you mean restore/],
    [
      'a time without a zone',
      ['restore', 'mssql-rt', '--target', 't', '--to', '2026-02-10T06:54:34'],
      /has no time zone/,
    ],
    ['a time in the future', ['restore', 'mssql-rt', '--target', 't', '--to', '2999-01-01T00:00:00Z'], /in the future/],
    ['the source as target', ['restore', 'mssql-rt', '--target', 'mssql-rt', '--to', 'latest'], /never done in place/],
    [
      'a target that cannot be made',
      ['restore', 'lonely', '--target', 't', '--to', 'latest'],
      /lonely has no newInstance/,
    ],
    [
      'a rename of another form',
      ['restore', 'mssql-rt', '--target', 't', '--to', 'latest', '--rename', 'a'],
      /not of the form from=to/,
    ],
    [
      'two renames of one database',
      ['restore', 'mssql-rt', '--target', 't', '--to', 'latest', '--rename', 'a=b', '--rename', 'a=c'],
      /gives a two names/,
    ],
    [
      'a check of another form',
      ['restore', 'mssql-rt', '--target', 't', '--to', 'latest', '--validate', 'SELECT 1'],
      /not of the form 'database: query => expected'/,
    ],
    ['--detach with --wait', ['backup', 'mssql-rt', '--kind', 'log', '--detach', '--wait'], /cannot be used with/],
    ['--watch without an id', ['status', '--watch'], /needs the id of a run/],
    ['a limit that is no number', ['status', '--limit', 'x'], /--limit must be a whole number/],
  ];
  for (const [name, args, says] of cases) {
    it(name, async () => {
      const bounded = join(folder, 'bounded.yaml');
      writeFileSync(bounded, settings.replace(/ {4}newInstance: .*\n/, ''));
      const result = await cli(
        args.map((arg) => arg.replace('{bounded}', bounded)),
        nobody,
      );
      assert.equal(result.code, 2, result.stderr);
      assert.match(result.stderr, says);
      noStack(result);
    });
  }

  it('but an instance that a restore may have made is left to the worker', async () => {
    const result = await cli(['backup', 'made-by-a-restore', '--kind', 'log', '--detach', '--json']);
    assert.equal(result.code, 0, result.stderr);
    await client.workflow.getHandle('backup/made-by-a-restore/log').terminate();
  });

  it('mistakes in temporal.yaml, all of them, also as JSON', async () => {
    const path = join(folder, 'bad.yaml');
    writeFileSync(path, settings.replace('store: main', 'stor: main'));
    const text = await cli(['backup', 'mssql-rt', '--kind', 'log', '--config', path], nobody);
    assert.equal(text.code, 2);
    assert.match(text.stderr, /bad\.yaml has 2 mistakes:\n\s+line 5: .*\n\s+line 9: /);
    const json = await cli(['--config', path, 'backup', 'mssql-rt', '--kind', 'log', '--json'], nobody);
    assert.equal(json.code, 2);
    const { error } = JSON.parse(json.stdout) as { error: { type: string; issues: unknown[] } };
    assert.deepEqual([error.type, error.issues.length], ['InvalidInput', 2]);
  });

  it('a run that does not exist', async () => {
    for (const command of ['status', 'cancel']) {
      const result = await cli([command, 'backup/never/log']);
      assert.equal(result.code, 2, result.stderr);
      assert.match(result.stderr, /There is no run "backup\/never\/log"/);
    }
  });
});

describe('the command line', () => {
  it('ends with 3 and says what to do when Temporal does not answer', async () => {
    const result = await cli(['status'], { env: { TEMPORAL_ADDRESS: '127.0.0.1:1' } });
    assert.equal(result.code, 3);
    assert.match(result.stderr, /Temporal does not answer at 127\.0\.0\.1:1.*\n.*Start it with npm run dev/);
    noStack(result);
  });

  it('says which search attributes a server lacks and how to add them', async () => {
    const bare = await startTemporal({ bare: true });
    try {
      const result = await cli(['backup', 'mssql-rt', '--kind', 'log'], { env: { TEMPORAL_ADDRESS: bare.address } });
      assert.equal(result.code, 1);
      assert.match(result.stderr, /✘ SearchAttributesMissing/);
      assert.match(result.stderr, /temporal operator search-attribute create .*--name SqlInstance --type Keyword/);
    } finally {
      await bare.stop();
    }
  });

  it('names a namespace that does not exist', async () => {
    const result = await cli(['backup', 'mssql-rt', '--kind', 'log'], { env: { TEMPORAL_NAMESPACE: 'nope' } });
    assert.equal(result.code, 2, result.stderr);
    assert.match(result.stderr, /no namespace "nope"/);
  });

  it('lists the newest runs', async () => {
    await withWorker({}, () => cli(['backup', 'mssql-rt', '--kind', 'log']));
    const deadline = Date.now() + 20_000;
    let text = '';
    while (!text.includes('backup/mssql-rt/log') && Date.now() < deadline) {
      text = (await cli(['status', '--limit', '3'])).stdout;
    }
    assert.match(text, /backup\/mssql-rt\/log.*(completed|failed|cancelled)/);
  });

  it('needs no temporal.yaml where runs are only started', async () => {
    const result = await runCli(['backup', 'mssql-rt', '--kind', 'log', '--detach', '--json'], {
      cwd: folder.replace(/[^/]+$/, ''),
      env: { TEMPORAL_ADDRESS: temporal.address, MSSQL_PITR_CONFIG: '' },
    });
    assert.equal(result.code, 0, result.stderr);
    const run = await client.workflow.getHandle('backup/mssql-rt/log').describe();
    assert.equal(run.taskQueue, 'mssql-pitr');
    await client.workflow.getHandle('backup/mssql-rt/log').terminate();
  });

  it('loads neither the Temporal client nor YAML to show its help', async () => {
    const report = `process.on('exit', () => console.error(Object.keys(require('node:module')._cache).join('\\n')))`;
    const path = join(folder, 'report.cjs');
    writeFileSync(path, report);
    const { code, stdout, stderr } = await runCli(['restore', '--help'], { nodeFlags: ['--require', path] });
    assert.equal(code, 0);
    assert.match(stdout, /Examples:\n {2}mssql-pitr restore/);
    assert.match(stderr, /report\.cjs/);
    assert.doesNotMatch(stderr, /@temporalio|node_modules\/yaml/);
  });
});

function configWithQueue(taskQueue: string): string {
  const path = join(folder, `${taskQueue}.yaml`);
  writeFileSync(path, settings.replace('cli-test', taskQueue));
  return path;
}

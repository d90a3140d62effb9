import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { failureText } from '../../workflows/domain/failures.ts';
import type { BackupsPage, DatabaseWindow, ListedBackup, WindowPage } from '../../workflows/contracts.ts';
import type { BackupsRequest, WindowRequest } from '../../workflows/domain/catalogue-request.ts';
import { workflowsPath } from '../../worker/options.ts';
import { startTemporal, type TemporalServer } from '../support/temporal.ts';
import { runCli, type CliResult } from './cli.ts';

const settings = `taskQueue: cli-catalogue
stores: { main: { path: store } }
instances:
  one: { host: 127.0.0.1, login: { user: sa, password: { env: PW } }, dataRoot: one, store: main }
  two: { host: 127.0.0.2, login: { user: sa, password: { env: PW } }, dataRoot: two, store: main }
`;

let folder = '';
let temporal: TemporalServer;
let native: NativeConnection;
let workflowBundle: { code: string };

before(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  folder = mkdtempSync(join(tmpdir(), 'pitr-cli-catalogue-'));
  writeFileSync(join(folder, 'temporal.yaml'), settings);
  temporal = await startTemporal();
  native = await NativeConnection.connect({ address: temporal.address });
  workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
});
after(async () => {
  await native.close();
  await temporal.stop();
  rmSync(folder, { recursive: true });
});

/** One command, while a worker with these activities listens. */
async function cli(activities: object, ...args: string[]): Promise<CliResult> {
  const env = {
    TEMPORAL_ADDRESS: temporal.address,
    MSSQL_PITR_CONFIG: join(folder, 'temporal.yaml'),
    TZ: 'UTC',
    COLUMNS: '130',
  };
  const worker = await Worker.create({
    connection: native,
    workflowBundle,
    activities,
    taskQueue: 'cli-catalogue',
    shutdownGraceTime: '1 second',
  });
  return worker.runUntil(runCli(args, { env }));
}

const asOf = '2026-02-11T00:00:00.000Z';

function window(database: string): DatabaseWindow {
  return {
    database,
    intervals: [{ from: '2026-02-10T00:00:00.000Z', to: '2026-02-10T23:59:00.000Z' }],
    holes: [],
    olderIntervals: 0,
    latestRestorable: '2026-02-10T23:59:00.000Z',
    exposureSeconds: 60,
    newestBackup: { kind: 'log', finishedAt: '2026-02-10T23:59:00.000Z' },
    sets: 3,
    sizeBytes: 1_000_000,
    notes: [],
  };
}

const names = Array.from({ length: 1000 }, (_, i) => `db${String(i).padStart(4, '0')}`);
const none = { unprotected: [], unprotectedCount: 0, serverProblem: null, problems: [] };

async function readWindow({ instance, after: last = '' }: WindowRequest): Promise<WindowPage> {
  const left = names.filter((name) => name > last);
  const next = left.length > 400 ? (left[399] ?? null) : null;
  return { instance, asOf, databases: left.slice(0, 400).map(window), next, ...none };
}

describe('window', () => {
  it('puts the pages of a thousand databases together, of every instance', async () => {
    const file = join(folder, 'window.html');
    const { code, stdout, stderr } = await cli({ readWindow }, 'window', '--json', '--html', file);
    assert.equal(code, 0, stderr);
    const { instances } = JSON.parse(stdout) as { instances: WindowPage[] };
    assert.deepEqual(
      instances.map(({ instance, databases }) => [instance, databases.map(({ database }) => database)]),
      [
        ['one', names],
        ['two', names],
      ],
    );
    assert.equal(readFileSync(file, 'utf8').match(/<article>/g)?.length, 2000);
  });

  it('shows the other instances when one cannot be read, and ends with 1', async () => {
    const broken = async (request: WindowRequest): Promise<WindowPage> => {
      if (request.instance === 'two') return readWindow(request);
      const message = failureText('UnknownInstance', 'No such instance.');
      throw ApplicationFailure.create({ type: 'UnknownInstance', message, nonRetryable: true });
    };
    const { code, stdout } = await cli({ readWindow: broken }, 'window');
    assert.equal(code, 1);
    assert.match(stdout, /one: its window cannot be read\n✘ UnknownInstance/);
    assert.match(stdout, /two at .*: 1000 databases/);
    assert.match(stdout, /and 970 more, which are less exposed/);
    for (const line of stdout.split('\n')) assert.ok(line.length <= 130, line);
  });

  it('refuses a page that cannot be written, and a wrong name, with 2', async () => {
    const { code, stderr } = await cli({ readWindow }, 'window', 'one', '--html', '/nowhere/at/all.html');
    assert.equal(code, 2);
    assert.match(stderr, /Cannot write \/nowhere\/at\/all\.html: ENOENT/);
    assert.equal((await cli({}, 'window', 'UPPER')).code, 2);
    assert.equal((await cli({}, 'window', 'three')).code, 2);
  });
});

describe('backups', () => {
  it('asks for page after page until there are as many as wanted', async () => {
    const all = Array.from({ length: 120 }, (_, i): ListedBackup => ({
      database: 'db1',
      id: `id-${i}`,
      kind: 'log',
      copyOnly: i === 0,
      startedAt: asOf,
      finishedAt: asOf,
      sizeBytes: 1000,
      files: 1,
      firstLsn: '39000000172000001',
      lastLsn: '39000000192000001',
      recoveryForkId: 'ff4290a0-0000-4000-8000-000000000001',
      manifest: `m${String(i).padStart(3, '0')}`,
      unusable: i === 1 ? 'its file is gone' : null,
      held: i === 2,
    }));
    const asked: BackupsRequest[] = [];
    const readBackups = async (request: BackupsRequest): Promise<BackupsPage> => {
      asked.push(request);
      const left = all.filter(({ manifest }) => manifest > (request.after?.manifest ?? ''));
      const backups = left.slice(0, Math.min(40, request.limit ?? 100));
      const last = backups.at(-1);
      const next = last && left.length > backups.length ? { startedAt: last.startedAt, manifest: last.manifest } : null;
      return { instance: request.instance, backups, count: 120, sizeBytes: 120_000, next, problems: [] };
    };
    const { code, stdout, stderr } = await cli({ readBackups }, 'backups', 'one', '--limit', '90', '--json');
    assert.equal(code, 0, stderr);
    assert.equal((JSON.parse(stdout) as BackupsPage).backups.length, 90);
    assert.deepEqual(
      asked.map(({ limit }) => limit),
      [90, 50, 10],
    );

    const shown = await cli({ readBackups }, 'backups', 'one', '--limit', '3');
    for (const part of [/copy-only/, /held/, /NOT USABLE/, /and 117 older/]) assert.match(shown.stdout, part);
  });
});

const slice = { sets: 1, bytes: 2_000_000, healed: 0, counts: {}, next: null, seconds: 1 };
const verifying = {
  openVerify: async () => ({ databases: 1, sets: 1, bytes: 2_000_000 }),
  verifySlice: async () => slice,
};

describe('verify', () => {
  it('ends with 0 when all is as it should be, and says how fast it was read', async () => {
    const closeVerify = async () => ({ ...slice, report: 'one/.verify/r/report.json', findings: [], holes: 2 });
    const { code, stdout, stderr } = await cli({ ...verifying, closeVerify }, 'verify', 'one');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /one: 1 set read, 2\.0 MB in 1\.0 s, 2\.0 MB\/s; every file is what its manifest says/);
    assert.match(stdout, /2 holes between restorable intervals; the command window says why/);
  });

  it('ends with 1 when something is wrong, with the findings beside it; of all instances, too', async () => {
    const findings = [{ kind: 'missing', path: 'one/db/x.trn', what: 'is gone' }];
    const closeVerify = async () => ({ ...slice, counts: { missing: 1 }, report: 'r.json', findings, holes: 0 });
    const { code, stdout, stderr } = await cli({ ...verifying, closeVerify }, 'verify', 'one');
    assert.equal(code, 1);
    assert.match(stdout, /missing[\s\S]*one\/db\/x\.trn[\s\S]*is gone[\s\S]*Report in the store: r\.json/);
    assert.match(stderr, /✘ StoreDamaged/);
    const all = await cli({ ...verifying, closeVerify }, 'verify', '--json');
    assert.equal(all.code, 1);
    assert.equal((JSON.parse(all.stdout) as { instances: object[] }).instances.length, 2);
  });
});

describe('catalogue import', () => {
  it('shows what would be taken in and what is left out, and refuses a folder that SQL Server cannot see', async () => {
    const found = [
      {
        database: 'db1',
        kind: 'full',
        copyOnly: false,
        finishedAt: asOf,
        file: 'old/db1.bak',
        position: 1,
        stripes: 2,
      },
    ];
    const skipped = [
      { file: 'old/a.bak', position: null, database: null, reason: 'media-incomplete', why: 'of which 2 is not here' },
    ];
    const planImport = async () => ({
      path: 'p',
      digest: 'd',
      count: 1,
      sizeBytes: 5e6,
      slices: [[0, 1]],
      found,
      skipped,
      skippedCounts: { 'media-incomplete': 1 },
    });
    const shown = await cli({ planImport }, 'catalogue', 'import', 'one', '/var/opt/mssql/old', '--plan');
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, /1 set would be taken into the store of one, 5\.0 MB/);
    assert.match(shown.stdout, /2 stripes[\s\S]*Not taken in, and to be looked at:[\s\S]*of which 2 is not here/);
    const refused = await cli({}, 'catalogue', 'import', 'one', '/backup-store/old');
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /must be a folder below \/var\/opt\/mssql\//);
  });
});

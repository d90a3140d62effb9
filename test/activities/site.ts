import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { Info } from '@temporalio/activity';
import { DefaultLogger } from '@temporalio/worker';
import { openFleet, type Fleet } from '../../activities/fleet/fleet.ts';
import { createActivities } from '../../activities/index.ts';
import { createPlatform } from '../../activities/platform/index.ts';
import type { Activities, RunRef } from '../../workflows/contracts.ts';
import type { BackupKind } from '../../workflows/domain/backup-set.ts';
import type { InstanceSettings, Settings } from '../../workflows/domain/settings.ts';
import { startSqlServer, type SqlServerProcess } from '../support/sqlserver.ts';
import { openWorkload, type Workload } from '../support/workload.ts';
import { until } from '../support/until.ts';
import { recordingMeter, type RecordingMeter } from './meter.ts';

export interface SiteOptions {
  readonly timeZone?: string;
  /** A second server, `copy`, that receives restores. */
  readonly target?: boolean;
  readonly limits?: Partial<Settings['limits']>;
}

/** A server with a store beside it, and the activities that work on them as they do in production. */
export interface Site {
  readonly folder: string;
  /** The server `live`; {@link restart} changes it. */
  server: SqlServerProcess;
  /** The server `copy`. */
  target: SqlServerProcess | null;
  readonly settings: Settings;
  readonly workload: Workload;
  readonly meter: RecordingMeter;
  /** What runs said of how databases stand. */
  readonly fleet: Fleet;
  /** Runs one activity as a worker does. */
  run<A extends keyof Activities>(name: A, input: Parameters<Activities[A]>[0], attempt?: number): Running<A>;
  /** Ends a server as by a power cut, and starts it again on its port. */
  restart(name?: 'live' | 'copy'): Promise<void>;
  /** The same site, worked on by other activities. */
  as(activities: Activities): Site;
}

export interface Running<A extends keyof Activities> {
  readonly result: ReturnType<Activities[A]>;
  readonly heartbeats: unknown[];
  cancel(): void;
}

export async function openSite(t: TestContext, options: SiteOptions = {}): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'mssql-pitr-site-'));
  const servers: SqlServerProcess[] = [];
  t.after(async () => {
    await Promise.all(servers.map((server) => server.kill()));
    await rm(folder, { recursive: true, force: true });
  });
  const start = async (name: string, port?: number, password?: string): Promise<SqlServerProcess> => {
    const dataRoot = join(folder, name);
    await mkdir(dataRoot, { recursive: true });
    const server = await startSqlServer({
      dataRoot,
      serverName: name,
      ...(port === undefined ? {} : { port }),
      ...(password === undefined ? {} : { password }),
      ...(options.timeZone === undefined ? {} : { timeZone: options.timeZone }),
    });
    servers.push(server);
    return server;
  };
  const server = await start('live');
  const target = options.target ? await start('copy') : null;
  const settings = await settingsOf(folder, { live: server, ...(target ? { copy: target } : {}) }, options);
  const workload = await openWorkload(server.port, server.password);
  t.after(() => workload.close());
  const meter = recordingMeter();
  const fleet = openFleet(100);
  const site: Site = {
    folder,
    server,
    target,
    settings,
    workload,
    meter,
    fleet,
    run: runnerOf(createActivities({ settings, platform: createPlatform(settings), metrics: meter, fleet })),
    async restart(name = 'live') {
      const old = name === 'live' ? site.server : site.target;
      if (old === null) throw new Error(`there is no server ${name}`);
      await old.kill();
      const again = await start(name, old.port, old.password);
      if (name === 'live') site.server = again;
      else site.target = again;
    },
    as: (activities) => ({ ...site, run: runnerOf(activities) }),
  };
  return site;
}

function runnerOf(activities: Activities): Site['run'] {
  return (name, input, attempt = 1) => runActivity(activities, name, input, attempt);
}

function runActivity<A extends keyof Activities>(
  activities: Activities,
  name: A,
  input: Parameters<Activities[A]>[0],
  attempt: number,
): Running<A> {
  const info: Partial<Info> = { attempt, activityType: name };
  const environment = new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR') });
  const heartbeats: unknown[] = [];
  environment.on('heartbeat', (details) => heartbeats.push(details));
  const activity = activities[name] as (input: unknown) => Promise<unknown>;
  const running: Promise<unknown> = environment.run(activity, input);
  // Whoever starts it looks at it when it suits the test.
  running.catch(() => undefined);
  const result = running as ReturnType<Activities[A]>;
  return { result, heartbeats, cancel: () => environment.cancel('CANCELLED') };
}

export function runRef(kind: BackupKind, n = 1): RunRef {
  return {
    instance: 'live',
    run: `20260210T0654${String(n).padStart(2, '0')}Z-${kind}-test`,
    workflowId: `w-${n}`,
    runId: `r-${n}`,
  };
}

/** Waits until the server's clock shows another second, and returns its beginning: backup headers carry whole seconds. */
export async function nextSecond(workload: Workload): Promise<string> {
  const next = new Date(Math.ceil((Date.parse(await workload.now()) + 1) / 1000) * 1000).toISOString();
  await until('the next second', async () => (await workload.now()) > next);
  return next;
}

/** A whole backup run, as the workflow goes through it. */
export async function backUp(
  site: Site,
  kind: BackupKind,
  n = 1,
): Promise<{ readonly run: RunRef; readonly committed: Awaited<ReturnType<Activities['commitStaged']>> }> {
  const run = runRef(kind, n);
  const request = { instance: 'live', kind };
  const startedAt = new Date().toISOString();
  await site.run('openBackupRun', { ...run, request }).result;
  await site.run('commitStaged', run).result;
  const { work } = await site.run('inspectInstance', { ...run, request }).result;
  const { failed } = await site.run('backUpDatabases', { ...run, work }).result;
  const committed = await site.run('commitStaged', run).result;
  const databases = work.map((item) => item.database);
  await site.run('recordRun', { ...run, kind, startedAt, databases, failed }).result;
  await site.run('closeBackupRun', run).result;
  return { run, committed };
}

async function settingsOf(
  folder: string,
  servers: Readonly<Record<string, SqlServerProcess>>,
  { limits }: SiteOptions,
): Promise<Settings> {
  const store = join(folder, 'store');
  await mkdir(store, { recursive: true });
  const instances: Record<string, InstanceSettings> = {};
  for (const [name, server] of Object.entries(servers)) {
    const secret = join(folder, `${name}.password`);
    await writeFile(secret, server.password);
    instances[name] = {
      platform: 'local',
      host: server.host,
      port: server.port,
      login: { user: 'sa', password: { file: secret } },
      tls: { encrypt: true, trustServerCertificate: true },
      dataRoot: join(folder, name),
      store: 'main',
    };
  }
  return {
    taskQueue: 'test',
    limits: { backupsAtOnce: 4, restoresAtOnce: 4, logsPerSlice: 50, mendsPerRun: 20, ...limits },
    stores: { main: { platform: 'local', path: store } },
    instances,
  };
}

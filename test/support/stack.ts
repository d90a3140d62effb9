import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServices, type Services } from './services.ts';
import { startSqlServer, type SqlServerProcess } from './sqlserver.ts';

export interface StackOptions {
  /** Folder for everything; a temporary one that stop() removes when absent. */
  readonly folder?: string;
  readonly limits?: {
    readonly backupsAtOnce?: number;
    readonly restoresAtOnce?: number;
    readonly logsPerSlice?: number;
    readonly mendsPerRun?: number;
  };
  /** Time zone of the source's clock, e.g. Asia/Bangkok. */
  readonly timeZone?: string;
  /** Of the worker, beside what it needs anyway. */
  readonly workerEnv?: Readonly<Record<string, string>>;
}

/** Everything that a run needs, on one host, with a simulated SQL Server as the source `mssql-rt`. */
export interface Stack extends Services {
  /** The current one; {@link restartSource} changes it. */
  source: SqlServerProcess;
  readonly password: string;
  /** Host folder that the source sees as /var/opt/mssql. */
  readonly sourceFolder: string;
  /** Starts the source again on its port and its data, after it was killed. */
  restartSource(): Promise<void>;
}

const simulator = fileURLToPath(new URL('../sqlserver/main.ts', import.meta.url));

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'mssql-pitr-')));
  const password = `Pw-${randomBytes(12).toString('base64url')}!1`;
  const sourceFolder = join(folder, 'mssql-rt');
  await mkdir(sourceFolder, { recursive: true });
  const startSource = (port?: number): Promise<SqlServerProcess> =>
    startSqlServer({
      dataRoot: sourceFolder,
      serverName: 'mssql-rt',
      password,
      ...(port === undefined ? {} : { port }),
      ...(options.timeZone === undefined ? {} : { timeZone: options.timeZone }),
    });
  const source = await startSource();
  try {
    const services = await startServices({
      folder,
      instances: { 'mssql-rt': instance(source.port, sourceFolder, folder, options.timeZone) },
      ...(options.limits === undefined ? {} : { limits: options.limits }),
      env: { MSSQL_SA_PASSWORD: password, ...options.workerEnv },
    });
    const stack: Stack = Object.assign(services, {
      source,
      password,
      sourceFolder,
      async restartSource() {
        stack.source = await startSource(stack.source.port);
      },
      stop: stopAll(services, () => stack.source.stop(), options.folder === undefined),
    });
    return stack;
  } catch (error) {
    await source.stop();
    throw error;
  }
}

/** The worker goes first, since it works on the source; a temporary folder last. */
function stopAll(services: Services, stopSource: () => Promise<void>, temporary: boolean): () => Promise<void> {
  const { stop, folder } = services;
  return async () => {
    try {
      await stop();
    } finally {
      await stopSource();
    }
    if (temporary) await rm(folder, { recursive: true, force: true });
  };
}

function instance(port: number, dataRoot: string, folder: string, timeZone: string | undefined): object {
  return {
    platform: 'local',
    host: '127.0.0.1',
    port,
    login: { user: 'sa', password: { env: 'MSSQL_SA_PASSWORD' } },
    tls: { encrypt: true, trustServerCertificate: true },
    dataRoot,
    store: 'main',
    newInstance: {
      command: [
        process.execPath,
        simulator,
        ...['--data-root', '{dataRoot}', '--port', '{port}', '--control-port', '0', '--server-name', '{name}'],
        ...(timeZone === undefined ? [] : ['--time-zone', timeZone]),
      ],
      dataRoot: join(folder, 'instances', '{name}'),
      ports: '14400-14999',
    },
  };
}

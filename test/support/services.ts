import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { stringify } from 'yaml';
import { startDevServer, type DevServer } from '../../worker/dev/dev-server.ts';
import { freePort } from '../../worker/dev/ports.ts';
import { temporalBinary } from '../../worker/dev/temporal-binary.ts';
import { takeAlongPid } from './children.ts';
import { stopMadeInstances } from './targets.ts';
import { startWorkerProcess, type WorkerProcess } from './worker.ts';

export interface ServicesOptions {
  readonly folder: string;
  /** As in temporal.yaml. */
  readonly instances: Readonly<Record<string, object>>;
  readonly limits?: Readonly<Record<string, number>>;
  /** Environment of the worker: secrets. */
  readonly env: Readonly<Record<string, string>>;
}

/** Temporal with its UI, a store, and a worker process, for instances that are there already. */
export interface Services {
  readonly folder: string;
  readonly configPath: string;
  readonly storePath: string;
  /** Where instances that restores make lie. */
  readonly instancesFolder: string;
  readonly temporal: DevServer;
  readonly client: Client;
  readonly taskQueue: string;
  /** The current one; {@link replaceWorker} changes it. */
  worker: WorkerProcess;
  replaceWorker(): Promise<void>;
  stop(): Promise<void>;
}

const taskQueue = 'mssql-pitr';

export async function startServices(options: ServicesOptions): Promise<Services> {
  const { folder } = options;
  const storePath = join(folder, 'backup-store');
  const instancesFolder = join(folder, 'instances');
  const configPath = join(folder, 'temporal.yaml');
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    await mkdir(storePath, { recursive: true });
    const { limits, instances } = options;
    const stores = { main: { platform: 'local', path: storePath } };
    await writeFile(configPath, stringify({ taskQueue, ...(limits ? { limits } : {}), stores, instances }));
    const temporal = await startTemporal(folder);
    ends.push(() => temporal.stop());
    // Left to this process's end: closed, it would make a call that is being tried again throw in a timer.
    const connection = await Connection.connect({ address: temporal.address });
    const startWorker = (): Promise<WorkerProcess> =>
      startWorkerProcess({ config: configPath, env: { TEMPORAL_ADDRESS: temporal.address, ...options.env } });
    const services: Services = {
      folder,
      configPath,
      storePath,
      instancesFolder,
      temporal,
      client: new Client({ connection }),
      taskQueue,
      worker: await startWorker(),
      async replaceWorker() {
        services.worker = await startWorker();
      },
      stop,
    };
    ends.push(() => stopMadeInstances(instancesFolder));
    ends.push(() => services.worker.stop());
    return services;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** With its UI: a person may want to look at what a test did. */
async function startTemporal(folder: string): Promise<DevServer> {
  const temporal = await startDevServer({
    binary: await temporalBinary({ say: (line) => process.stderr.write(`${line}\n`) }),
    port: await freePort(),
    uiPort: await freePort(),
    dbFile: join(folder, 'temporal.db'),
    logFile: join(folder, 'temporal.log'),
  });
  takeAlongPid(temporal.pid);
  return temporal;
}

import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { Connection } from '@temporalio/client';
import { configPath, loadSettings } from '../../client/config.ts';
import { connectionTarget, type ConnectionTarget } from '../../client/connection-options.ts';
import type { InstanceSettings, Settings } from '../../workflows/domain/settings.ts';
import { readEnvironment } from '../environment.ts';
import { runWorker } from '../run.ts';
import { bannerText } from './banner.ts';
import { startDevServer, type DevServer } from './dev-server.ts';
import { listens } from './ports.ts';
import { temporalBinary } from './temporal-binary.ts';
import { writeTerminal } from './terminal-log.ts';

const loopback = new Set(['localhost', '127.0.0.1', '[::1]', '::1']);

/** `npm run dev`: a Temporal server, unless one answers already, and a worker, in one terminal. */
async function main(): Promise<void> {
  process.once('SIGINT', leave);
  process.once('SIGHUP', () => process.kill(process.pid, 'SIGTERM'));
  const { values } = parseArgs({ options: { config: { type: 'string' } } });
  const settings = loadSettings({ path: values.config });
  const { path } = configPath({ path: values.config });
  const target = connectionTarget();
  const server = (await answers(target)) ? null : await startServer(target, join(dirname(path), '.data', 'dev'));
  try {
    const { address, namespace } = target;
    const facts = { settings, configPath: path, address, namespace, uiUrl: server?.uiUrl ?? null };
    console.log(bannerText({ ...facts, foundServer: server === null, ...(await lacks(settings)) }));
    process.off('SIGINT', leave);
    await runWorker({ settings, environment: readEnvironment(process.env), log: writeTerminal });
    console.log('stopped');
  } finally {
    await server?.stop();
  }
}

/** Until the worker listens to signals itself: leaving takes the server along. */
function leave(): never {
  process.exit(130);
}

async function answers({ options }: ConnectionTarget): Promise<boolean> {
  try {
    const connection = await Connection.connect({ ...options, connectTimeout: 1_500 });
    await connection.close();
    return true;
  } catch {
    return false;
  }
}

async function startServer({ address, namespace }: ConnectionTarget, folder: string): Promise<DevServer> {
  const split = address.lastIndexOf(':');
  const [host, port] = [address.slice(0, split), Number(address.slice(split + 1))];
  if (!loopback.has(host)) {
    throw new Error(
      `Temporal does not answer at ${address}, and only a server on this machine can be started here. Unset TEMPORAL_ADDRESS to use one.`,
    );
  }
  const binary = await temporalBinary({ say: (line) => console.log(line) });
  return startDevServer({
    binary,
    host: host === 'localhost' ? '127.0.0.1' : host.replace(/[[\]]/g, ''),
    port,
    uiPort: port + 1000,
    namespace,
    dbFile: join(folder, 'temporal.db'),
    logFile: join(folder, 'temporal.log'),
    // Without it the server does not take restores before backups.
    dynamicConfig: ['matching.useNewMatcher=true'],
  });
}

/** What is on a cluster cannot be looked at from here. */
async function seemsThere(instance: InstanceSettings): Promise<boolean> {
  return instance.platform !== 'local' || listens(instance.host, instance.port);
}

async function lacks({ instances }: Settings): Promise<{ silent: string[]; unset: string[] }> {
  const all = Object.entries(instances);
  const there = await Promise.all(all.map(([, instance]) => seemsThere(instance)));
  const secrets = all.flatMap(([, { login }]) => ('env' in login.password ? [login.password.env] : []));
  return {
    silent: all.filter((_, i) => !there[i]).map(([name]) => name),
    unset: [...new Set(secrets)].filter((name) => !process.env[name]),
  };
}

try {
  await main();
} catch (error) {
  console.error(`\n${(error as Error).message}`);
  process.exitCode = 1;
}

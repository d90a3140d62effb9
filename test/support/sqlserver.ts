import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { takeAlong } from './children.ts';
import { controlOf, type SqlServerControl } from './sqlserver-control.ts';

export interface SqlServerOptions {
  /** Host folder that stands for /var/opt/mssql; it must exist. */
  readonly dataRoot: string;
  /** A free port when absent; a server that comes back needs the one it had. */
  readonly port?: number;
  readonly serverName?: string;
  /** Of sa; a random one when absent. */
  readonly password?: string;
  /** e.g. Asia/Bangkok; UTC when absent. */
  readonly timeZone?: string;
  /** More paths that the server sees, e.g. { '/backup-store': folder }. */
  readonly mounts?: Readonly<Record<string, string>>;
  readonly readyWithinMs?: number;
}

export interface SqlServerProcess {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly password: string;
  readonly pid: number;
  /** Faults, speeds and holds, set from outside of SQL. */
  readonly control: SqlServerControl;
  /** A clean stop. */
  stop(): Promise<void>;
  /** kill -9 */
  kill(): Promise<void>;
}

const main = fileURLToPath(new URL('../sqlserver/main.ts', import.meta.url));

/** Runs the simulated SQL Server as a process of its own, and waits until it takes logins. */
export async function startSqlServer(options: SqlServerOptions): Promise<SqlServerProcess> {
  const password = options.password ?? `Pw-${randomBytes(12).toString('base64url')}!1`;
  const child = spawn(process.execPath, [main, ...argumentsOf(options)], {
    env: { ...process.env, MSSQL_SA_PASSWORD: password },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  takeAlong(child);
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = `${errors}${text}`.slice(-4_000)));
  const ended = once(child, 'exit');
  const ready = Promise.withResolvers<{ readonly port: number; readonly controlPort: number }>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{'))
      ready.resolve(JSON.parse(line) as { readonly port: number; readonly controlPort: number });
  });
  const patience = options.readyWithinMs ?? 60_000;
  const timer = setTimeout(() => ready.reject(new Error(`SQL Server is not ready in time:\n${errors}`)), patience);
  void ended.then(([code, signal]) => ready.reject(new Error(`SQL Server ended (${code ?? signal}):\n${errors}`)));
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  try {
    const { port, controlPort } = await ready.promise;
    return {
      host: '127.0.0.1',
      port,
      password,
      pid: child.pid ?? 0,
      control: controlOf(controlPort),
      stop: () => end('SIGTERM'),
      kill: () => end('SIGKILL'),
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function argumentsOf({ dataRoot, port, serverName, timeZone, mounts }: SqlServerOptions): string[] {
  return [
    ...['--data-root', dataRoot],
    ...['--port', String(port ?? 0)],
    ...['--control-port', '0'],
    ...(serverName === undefined ? [] : ['--server-name', serverName]),
    ...(timeZone === undefined ? [] : ['--time-zone', timeZone]),
    ...Object.entries(mounts ?? {}).flatMap(([path, folder]) => ['--mount', `${path}=${folder}`]),
  ];
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { searchAttributes } from '../../client/search-attributes.ts';
import { listens } from './ports.ts';

export interface DevServerOptions {
  /** The `temporal` program. */
  readonly binary: string;
  /** Where runs are kept; in memory when absent. */
  readonly dbFile?: string;
  readonly host?: string;
  readonly port: number;
  /** No UI when absent. */
  readonly uiPort?: number;
  readonly namespace?: string;
  /** Where the server's own log goes. */
  readonly logFile?: string;
  /** Of the server itself, as `key=value`. */
  readonly dynamicConfig?: readonly string[];
  /** Start without the search attributes that runs carry. For tests. */
  readonly bare?: boolean;
}

export interface DevServer {
  readonly address: string;
  readonly uiUrl: string | null;
  readonly pid: number;
  stop(): Promise<void>;
}

const startWithinMs = 60_000;
const stopWithinMs = 10_000;

/**
 * Starts `temporal server start-dev` and waits until it serves. It gets a process group of its own: Ctrl-C in the terminal
 * must reach the worker first, which needs the server to finish its work.
 */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  const { binary, host = '127.0.0.1', port, uiPort, dbFile, logFile } = options;
  // Else that other program, should it be a Temporal server too, would be taken for ours.
  if (await listens(host, port)) throw new Error(`Something listens on ${host}:${port} already.`);
  for (const file of [dbFile, logFile]) if (file) await mkdir(dirname(file), { recursive: true });
  const child = spawn(binary, serverArguments(options), { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  const said = record(child, logFile);
  const address = `${host}:${port}`;
  try {
    await once(child, 'spawn');
    await waitUntilServing(child, options, address, said);
  } catch (error) {
    await stop(child);
    throw error;
  }
  return {
    address,
    uiUrl: uiPort === undefined ? null : `http://${host}:${uiPort}`,
    pid: child.pid ?? 0,
    stop: () => stop(child),
  };
}

function serverArguments(options: DevServerOptions): string[] {
  const { host = '127.0.0.1', port, uiPort, dbFile, namespace, dynamicConfig = [], bare } = options;
  return [
    ...['server', 'start-dev', '--ip', host, '--port', String(port)],
    ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]),
    ...(dbFile === undefined ? [] : ['--db-filename', dbFile]),
    ...(namespace === undefined || namespace === 'default' ? [] : ['--namespace', namespace]),
    ...dynamicConfig.flatMap((value) => ['--dynamic-config-value', value]),
    ...(bare
      ? []
      : searchAttributes.flatMap(({ name, commandType }) => ['--search-attribute', `${name}=${commandType}`])),
  ];
}

/** @returns the last lines that the server said */
function record(child: ChildProcess, logFile: string | undefined): () => string {
  let tail = '';
  const log = logFile === undefined ? null : createWriteStream(logFile, { flags: 'a' });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      tail = (tail + text).slice(-2_000);
      log?.write(text);
    });
  }
  child.once('close', () => log?.end());
  return () => tail.trim();
}

async function waitUntilServing(
  child: ChildProcess,
  { namespace = 'default', bare }: DevServerOptions,
  address: string,
  said: () => string,
): Promise<void> {
  const deadline = Date.now() + startWithinMs;
  while (!(await serves(address, namespace, bare ?? false))) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`The Temporal server ended while it started (${child.exitCode ?? child.signalCode}): ${said()}`);
    }
    if (Date.now() > deadline) throw new Error(`The Temporal server does not serve ${address} in time: ${said()}`);
    await pause(50);
  }
}

/** Serving means: the namespace is there, and so are the search attributes, which come last. */
async function serves(address: string, namespace: string, bare: boolean): Promise<boolean> {
  const split = address.lastIndexOf(':');
  // A connection that is refused once is tried again only a second later.
  if (!(await listens(address.slice(0, split), Number(address.slice(split + 1))))) return false;
  let connection: Connection | null = null;
  try {
    connection = await Connection.connect({ address, connectTimeout: 1_000 });
    const { workflowService, operatorService } = connection;
    // A server that is still starting may take a question and never answer it.
    const { customAttributes } = await connection.withDeadline(Date.now() + 2_000, async () => {
      await workflowService.describeNamespace({ namespace });
      return operatorService.listSearchAttributes({ namespace });
    });
    return bare || searchAttributes.every(({ name }) => customAttributes?.[name] !== undefined);
  } catch {
    return false;
  } finally {
    await connection?.close();
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
  await ended;
  clearTimeout(timer);
}

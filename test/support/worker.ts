import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import manifest from '../../package.json' with { type: 'json' };
import { takeAlong } from './children.ts';

export interface WorkerProcess {
  readonly pid: number;
  /** What the worker logged so far, parsed. */
  readonly log: readonly LogLine[];
  /** The line that said that it polls. */
  readonly ready: LogLine;
  /** Dies on the spot, as by a power cut. */
  kill(): Promise<void>;
  /** Is told to stop, and does. */
  stop(): Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

export type LogLine = Readonly<Record<string, unknown>> & { readonly level: string; readonly message: string };

export interface WorkerOptions {
  /** Path of a temporal.yaml. */
  readonly config: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly readyWithinMs?: number;
}

export const workerMain = fileURLToPath(new URL('../../worker/main.ts', import.meta.url));

/** `npm run worker`: what the image does as well (test/deploy/cluster/image.test.ts). */
export const workerCommand: readonly string[] = manifest.scripts.worker.split(' ');

/** Runs worker/main.ts as the process it is in production, and waits until it polls. */
export async function startWorkerProcess({
  config,
  env = {},
  readyWithinMs = 60_000,
}: WorkerOptions): Promise<WorkerProcess> {
  const child = spawn(process.execPath, [...workerCommand.slice(1, -1), workerMain, '--config', config], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  takeAlong(child);
  const log: LogLine[] = [];
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ready = Promise.withResolvers<LogLine>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const entry = parse(line);
    log.push(entry);
    if (entry.message === 'worker ready') ready.resolve(entry);
  });
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
  const tail = (): string =>
    `${log
      .slice(-10)
      .map((line) => JSON.stringify(line))
      .join('\n')}\n${errors.slice(-2_000)}`;
  const timer = setTimeout(() => ready.reject(new Error(`the worker is not ready in time:\n${tail()}`)), readyWithinMs);
  void ended.then(([code, signal]) => ready.reject(new Error(`the worker ended (${code ?? signal}):\n${tail()}`)));
  const end = async (signal: NodeJS.Signals): Promise<{ code: number | null; signal: string | null }> => {
    child.kill(signal);
    const [code, by] = await ended;
    return { code, signal: by };
  };
  try {
    const line = await ready.promise;
    return {
      pid: child.pid ?? 0,
      log,
      ready: line,
      kill: async () => void (await end('SIGKILL')),
      stop: () => end('SIGTERM'),
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function parse(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { level: 'TEXT', message: line };
  }
}

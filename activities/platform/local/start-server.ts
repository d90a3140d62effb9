import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { LocalInstanceSettings, NewInstanceSettings } from '../../../workflows/domain/settings.ts';
import { filing } from '../../executor/io/errors.ts';
import { startTicks } from '../../executor/io/process.ts';
import { failure } from '../../failure.ts';
import { updateMade, type MadeInstance } from './made-instance.ts';
import { listens } from './ports.ts';
import { isAlive, processesOf, tokenVariable } from './processes.ts';

interface StartOptions {
  readonly made: MadeInstance;
  readonly command: NewInstanceSettings['command'];
  readonly source: LocalInstanceSettings;
  readonly password: string;
  /** Variables of the worker that no server shall see. */
  readonly withheld: readonly string[];
  readonly signal: AbortSignal;
}

/** From start to listening. A large tempdb or a slow image pull takes its time. */
const patienceMs = 10 * 60_000;

/** Sees to it that a made instance's server runs and listens: finds it, or starts it on its data folder. */
export async function ensureRunning(options: StartOptions): Promise<void> {
  const { made, source } = options;
  if (made.detached && (await listens(source.host, made.port))) return;
  const running = await findServer(made);
  const exit = running === null ? await startServer(options) : null;
  await untilListening(options, exit);
}

/** The server, if it lives; what was not written down is found by its token. */
async function findServer(made: MadeInstance): Promise<MadeInstance | null> {
  if (await isAlive(made.process)) return made;
  const [found] = await processesOf(made.token);
  return found === undefined ? null : updateMade({ ...made, process: found });
}

/** How the command ended; null while it runs. */
interface Exit {
  code: number | null;
  text: string | null;
}

/**
 * Starts the command in a session of its own, so that neither the worker's end nor a signal to its group reaches it
 * (a service manager that ends all processes of a unit does: `KillMode=process` for systemd).
 */
async function startServer(options: StartOptions): Promise<Exit> {
  const { made, password, withheld } = options;
  const [program, ...args] = options.command.map((part) => fill(part, made));
  if (program === undefined) throw failure('TargetFailed', `newInstance of ${made.source} has no command`);
  const log = await filing(`open the log of ${made.name}`, () => open(logFile(made), 'a', 0o640));
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !withheld.includes(name)));
  const exit: Exit = { code: null, text: null };
  try {
    const child = spawn(program, args, {
      cwd: made.dataRoot,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: { ...environment, MSSQL_SA_PASSWORD: password, ACCEPT_EULA: 'Y', [tokenVariable]: made.token },
    });
    child.once('error', (error) => (exit.text = `cannot be started: ${error.message}`));
    child.once('exit', (code, signal) => {
      exit.code = code;
      exit.text = `ended with ${signal ?? `exit code ${code}`}`;
    });
    child.unref();
    const ticks = child.pid === undefined ? null : await startTicks(child.pid);
    if (child.pid !== undefined && ticks !== null) {
      await updateMade({ ...made, process: { pid: child.pid, startTicks: ticks }, detached: false });
    }
  } finally {
    await log.close();
  }
  return exit;
}

/** @param exit of the command that was just started; null when the server was found running */
async function untilListening(options: StartOptions, exit: Exit | null): Promise<void> {
  const { made, source, signal } = options;
  const deadline = Date.now() + patienceMs;
  for (let seen = 0; seen < 2;) {
    signal.throwIfAborted();
    const ended = await endOf(made, exit);
    if (ended !== null) throw await startFailure(options, ended);
    if (Date.now() > deadline) throw await startFailure(options, `does not listen on port ${made.port}`);
    // Seen twice: a server whose port was taken at the last moment ends, while somebody else listens.
    seen = (await listens(source.host, made.port)) ? seen + 1 : 0;
    await pause(100, undefined, { signal });
  }
  if (exit?.code === 0) await updateMade({ ...made, process: null, detached: true });
}

/** Our command may have lost against one that another attempt started at the same moment: then that one counts. */
async function endOf(made: MadeInstance, exit: Exit | null): Promise<string | null> {
  if (exit !== null && (exit.text === null || exit.code === 0)) return null;
  return (await processesOf(made.token)).length > 0 ? null : (exit?.text ?? 'ended');
}

async function startFailure({ made, password }: StartOptions, what: string): Promise<Error> {
  const log = await readFile(logFile(made), 'utf8').catch(() => '');
  const lines = log.trimEnd().split('\n').slice(-15).join('\n').slice(-3_000).replaceAll(password, '***');
  return failure('TargetFailed', `The server of ${made.name} ${what}; ${logFile(made)} ends with:\n${lines}`);
}

export function logFile(made: MadeInstance): string {
  return join(made.dataRoot, 'mssql-pitr-server.log');
}

export function fill(text: string, values: { name: string; port?: number; dataRoot?: string }): string {
  return text.replace(/\{(name|port|dataRoot)\}/g, (whole, key: 'name' | 'port' | 'dataRoot') =>
    String(values[key] ?? whole),
  );
}

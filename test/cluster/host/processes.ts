import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from './wait.ts';

/** A process id is used again after its process; together with the start time it names one process for good. */
export interface ProcessId {
  readonly pid: number;
  /** Start time in clock ticks since boot: field 22 of proc(5)'s /proc/pid/stat. */
  readonly ticks: string;
}

export interface Launch {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** The processes of one cluster: recorded in a folder, so that any later process can look after them. */
export interface Processes {
  /** Starts one in the background, in a process group of its own, with a log file. */
  launch(launch: Launch): ProcessId;
  /** Also what was recorded by {@link adopt}. Null: it was never started, or has ended. */
  running(name: string): ProcessId | null;
  /** Takes a process into the records that one of ours has started. */
  adopt(name: string, pid: number): void;
  /** At once, with its process group. Does nothing when it is not running. */
  kill(name: string): Promise<void>;
  killAll(): Promise<void>;
  names(): string[];
  /** Throws with the last lines of its log when it has ended. */
  mustRun(name: string): void;
}

export function processesIn(recordFolder: string, logFolder: string): Processes {
  const recordFile = (name: string): string => join(recordFolder, `${name}.json`);
  const logFile = (name: string): string => join(logFolder, `${name}.log`);
  const record = (name: string, pid: number): ProcessId => {
    // One that has ended already is recorded too, while its parent has not noticed: mustRun tells why it ended.
    const ticks = stat(pid)?.ticks ?? null;
    if (ticks === null) throw new Error(`${name} ended at once: ${tail(logFile(name))}`);
    writeFileSync(recordFile(name), JSON.stringify({ pid, ticks }));
    return { pid, ticks };
  };
  const running = (name: string): ProcessId | null => {
    if (!existsSync(recordFile(name))) return null;
    const id = JSON.parse(readFileSync(recordFile(name), 'utf8')) as ProcessId;
    return isRunning(id) ? id : null;
  };
  const names = (): string[] =>
    existsSync(recordFolder) ? readdirSync(recordFolder).map((file) => file.replace(/\.json$/, '')) : [];
  const kill = async (name: string): Promise<void> => {
    const id = running(name);
    if (id !== null) {
      signalGroup(id.pid);
      await waitFor(`the end of ${name} (${id.pid})`, () => !isRunning(id), { withinMs: 30_000 });
    }
    rmSync(recordFile(name), { force: true });
  };
  return {
    launch({ name, command, args }) {
      mkdirSync(recordFolder, { recursive: true });
      mkdirSync(logFolder, { recursive: true });
      const log = openSync(logFile(name), 'a');
      try {
        const child = spawn(command, args, {
          detached: true,
          cwd: '/',
          stdio: ['ignore', log, log],
          env: environment(),
        });
        child.on('error', () => undefined);
        if (child.pid === undefined) throw new Error(`${name}: ${command} cannot be started`);
        child.unref();
        return record(name, child.pid);
      } finally {
        closeSync(log);
      }
    },
    running,
    adopt: (name, pid) => void record(name, pid),
    kill,
    killAll: async () => void (await Promise.all(names().map(kill))),
    names,
    mustRun(name) {
      if (running(name) === null) throw new Error(`${name} has ended (${logFile(name)}): ${tail(logFile(name))}`);
    },
  };
}

export function isRunning({ pid, ticks }: ProcessId): boolean {
  return startTicks(pid) === ticks;
}

/** Null when there is no such process, or only its exit code is left of it. */
export function startTicks(pid: number): string | null {
  const { state, ticks = null } = stat(pid) ?? {};
  return state === 'Z' || state === 'X' ? null : ticks;
}

function stat(pid: number): { state: string; ticks: string } | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // The second field is the program's name in parentheses, which may hold blanks and parentheses itself.
  const [state = '', ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state, ticks: rest[18] ?? '' };
}

/** Nothing of this user's settings, such as proxies, reaches the parts of a cluster. */
function environment(): Record<string, string> {
  const { PATH = '', HOME = '/root' } = process.env;
  return { PATH: `${PATH}:/usr/sbin:/sbin`, HOME };
}

function signalGroup(leader: number): void {
  for (const target of [-leader, leader]) {
    try {
      process.kill(target, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

function tail(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').slice(-8).join('\n').slice(-2_000) : '';
}

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { TaskControl } from '../../activities/executor/tasks.ts';
import { readMade } from '../../activities/platform/local/made-instance.ts';
import { stopProcesses } from '../../activities/platform/local/processes.ts';
import type { LocalInstanceSettings, LocalSettings } from '../../workflows/domain/settings.ts';

export const control: TaskControl = { signal: new AbortController().signal, progress: () => {} };
const fakeServer = fileURLToPath(new URL('./fake-server.ts', import.meta.url));

export interface Host {
  readonly folder: string;
  readonly settings: LocalSettings;
  dataRoot(name: string): string;
}

interface HostOptions {
  readonly mode?: 'serve' | 'die' | 'detach';
  readonly ports?: readonly [number, number];
}

/** One source instance `src` that can make others; whatever it made is ended with the test. */
export async function makeHost(t: TestContext, { mode = 'serve', ports }: HostOptions = {}): Promise<Host> {
  const folder = mkdtempSync(join(tmpdir(), 'pitr-platform-'));
  mkdirSync(join(folder, 'store'));
  mkdirSync(join(folder, 'src'));
  mkdirSync(join(folder, 'made'));
  writeFileSync(join(folder, 'password'), 'S3cret! of src\n');
  const source: LocalInstanceSettings = {
    platform: 'local',
    host: '127.0.0.1',
    port: 1433,
    login: { user: 'backup', password: { file: join(folder, 'password') } },
    tls: { encrypt: true, trustServerCertificate: false },
    dataRoot: join(folder, 'src'),
    store: 'main',
    newInstance: {
      command: [process.execPath, fakeServer, mode, '{port}', '{dataRoot}'],
      dataRoot: join(folder, 'made/{name}'),
      ports: ports ?? (await freeRange()),
    },
  };
  const { newInstance, ...plain } = source;
  const settings: LocalSettings = {
    taskQueue: 'q',
    limits: { backupsAtOnce: 2, restoresAtOnce: 2, logsPerSlice: 25, mendsPerRun: 20 },
    stores: { main: { platform: 'local', path: join(folder, 'store') }, other: { platform: 'local', path: folder } },
    instances: { src: source, plain: { ...plain, dataRoot: join(folder, 'src'), store: 'other' } },
  };
  const dataRoot = (name: string): string => join(folder, 'made', name);
  t.after(async () => {
    for (const name of ['new-1', 'new-2']) {
      const made = await readMade(dataRoot(name));
      if (made !== null) await stopProcesses({ token: made.token, patienceMs: 1_000 });
    }
    rmSync(folder, { recursive: true, force: true });
  });
  return { folder, settings, dataRoot };
}

/** Ten ports beside one that is free now. */
async function freeRange(): Promise<readonly [number, number]> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return [Math.min(port, 65_500), Math.min(port, 65_500) + 9];
}

export async function until<T>(what: string, look: () => Promise<T | null> | T | null, ms = 20_000): Promise<T> {
  for (const deadline = Date.now() + ms; Date.now() < deadline; await new Promise((r) => setTimeout(r, 20))) {
    const found = await look();
    if (found !== null) return found;
  }
  throw new Error(`not within ${ms} ms: ${what}`);
}

/** Pids of every server that was started on a data folder. */
export function starts(dataRoot: string): number[] {
  return readFileSync(join(dataRoot, 'starts'), 'utf8').trim().split('\n').map(Number);
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}
